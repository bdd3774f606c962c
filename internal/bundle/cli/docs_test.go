package cli

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/creel-project/creel/tests/completion"
)

func TestTheManPageOfEachCommandHasItsFlagsAndNoOthers(t *testing.T) {
	all := completion.FlagsOf(commands())
	for _, c := range commands() {
		page := "../../../docs/man/creel-bundle-" + c.Name + ".8"
		text, err := os.ReadFile(page)
		if err != nil {
			t.Error(err)
			continue
		}
		_, options, _ := strings.Cut(string(text), "\n.SH OPTIONS\n")
		options, _, _ = strings.Cut(options, "\n.SH ")
		var documented []string
		for part := range strings.SplitSeq("\n"+options, "\n.TP\n") {
			tag, _, _ := strings.Cut(part, "\n")
			for _, word := range flagWord.FindAllString(strings.ReplaceAll(tag, `\-`, "-"), -1) {
				documented = append(documented, strings.Trim(word, ` "`))
			}
		}
		want := slices.Clone(all[c.Name])
		slices.Sort(want)
		slices.Sort(documented)
		if !slices.Equal(documented, want) {
			t.Errorf("%s has %q, the command %q", page, documented, want)
		}
	}
}

// flagWord is a flag in the tag of an option.
var flagWord = regexp.MustCompile(`(^|[ "])--?[a-z][a-z-]*|(^|[ "])-[A-Za-z]`)
