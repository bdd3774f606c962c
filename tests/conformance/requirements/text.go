package requirements

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// files are the parts of the specification that bind a runtime on Linux.
var files = []string{
	"bundle.md", "runtime.md", "runtime-linux.md", "config.md", "config-linux.md",
	"features.md", "features-linux.md", "glossary.md",
}

// keyword finds the words of RFC 2119 that ask for something.
var keyword = regexp.MustCompile(`\b(?:MUST NOT|MUST|SHALL NOT|SHALL|SHOULD NOT|SHOULD|NOT RECOMMENDED|RECOMMENDED|REQUIRED)\b`)

var heading = regexp.MustCompile(`^#+ (?:<a[^>]*/>)?\s*(.*)`)

// A stated line of the specification has keywords.
type stated struct {
	section  string
	keywords []string
}

// read finds the lines with keywords in the specification's text, outside of
// examples, by file and line.
func read(dir string) (map[string]stated, error) {
	lines := map[string]stated{}
	for _, file := range files {
		text, err := os.ReadFile(filepath.Join(dir, file))
		if err != nil {
			return nil, err
		}
		example, section := false, ""
		for i, line := range strings.Split(string(text), "\n") {
			if strings.HasPrefix(strings.TrimSpace(line), "```") {
				example = !example
				continue
			}
			if example {
				continue
			}
			if m := heading.FindStringSubmatch(line); m != nil {
				section = strings.TrimSpace(m[1])
			}
			if words := keyword.FindAllString(line, -1); words != nil {
				lines[fmt.Sprintf("%s:%d", file, i+1)] = stated{file + ", " + section, words}
			}
		}
	}
	return lines, nil
}
