// Package completion compares what shells complete with what a program knows.
package completion

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// Program is one with completions.
type Program struct {
	name  string
	dir   string
	flags map[string][]string

	siblings []string
}

// Of is the program with a name, completions in dir, and flags of each command, as --all and -a; those of none are under "".
// Siblings are commands that are programs of their own.
func Of(name, dir string, flags map[string][]string, siblings ...string) *Program {
	if path, err := filepath.Abs(dir); err == nil { // for tests that change the directory
		dir = path
	}
	return &Program{name, dir, flags, siblings}
}

// Bash asks the bash completion what it offers for the last of the words, which are those that bash makes of a line.
func (p *Program) Bash(t *testing.T, words ...string) []string {
	t.Helper()
	script := "source " + filepath.Join(p.dir, p.name) + `.bash
		COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _` + strings.ReplaceAll(p.name, "-", "_") + `; printf '%s\n' "${COMPREPLY[@]}"`
	cmd := exec.Command("bash", append([]string{"-c", script, "bash"}, words...)...)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil || stderr.Len() > 0 {
		t.Fatalf("%q: %v %s", words, err, stderr.String())
	}
	got := strings.Split(strings.TrimSuffix(string(out), "\n"), "\n")
	if len(got) == 1 && got[0] == "" {
		return nil
	}
	slices.Sort(got)
	return got
}

// Offers compares, for each line, what bash offers for its last word. Words are what spaces separate.
func (p *Program) Offers(t *testing.T, lines map[string]string) {
	t.Helper()
	for line, want := range lines {
		if got := p.Bash(t, strings.Split(line, " ")...); !slices.Equal(got, strings.Fields(want)) {
			t.Errorf("%q completes to %q, want %q", line, got, want)
		}
	}
}

// Completes compares what bash offers for the last of some words, which may have spaces, to the program at a path.
func (p *Program) Completes(t *testing.T, path string, lines []struct{ Words, Want []string }) {
	t.Helper()
	for _, l := range lines {
		if got := p.Bash(t, append([]string{path}, l.Words...)...); !slices.Equal(got, l.Want) {
			t.Errorf("%q completes to %q, want %q", l.Words, got, l.Want)
		}
	}
}

// Compare fails the test for each flag or command that a shell lacks, or has alone.
func (p *Program) Compare(t *testing.T) {
	t.Run("bash", p.bash)
	t.Run("zsh", p.zsh)
	t.Run("fish", p.fish)
}

func (p *Program) bash(t *testing.T) {
	commands := append([]string{"help"}, p.siblings...)
	for command, flags := range p.flags {
		words := []string{p.name, "-"}
		if command != "" {
			words = []string{p.name, command, "-"}
			commands = append(commands, command)
		}
		Differences(t, command, p.Bash(t, words...), flags)
	}
	Differences(t, "commands", p.Bash(t, p.name, ""), commands)
}

// spread brings zsh's {-a,--all} and fish's -s a -l all into one form.
func spread(text string) []string {
	var list []string
	for _, m := range regexp.MustCompile(`(?:^|[ ({,'*])(--?[A-Za-z][a-z0-9-]*)`).FindAllStringSubmatch(text, -1) {
		list = append(list, m[1])
	}
	return list
}

func (p *Program) zsh(t *testing.T) {
	text := p.read(t, "_"+p.name)
	// Lists of flags that commands share, which may stand in each other.
	lists := map[string]string{}
	_, main, _ := strings.Cut(text, "\n_"+strings.ReplaceAll(p.name, "-", "_")+"() {\n")
	for _, m := range regexp.MustCompile(`(?ms)^\t(\w+)=\((.*?)\)\n`).FindAllStringSubmatch(main, -1) {
		lists[m[1]] = m[2]
	}
	variable := regexp.MustCompile(`\$(\w+)`)
	expand := func(s string) string {
		for range len(lists) {
			s = variable.ReplaceAllStringFunc(s, func(v string) string { return lists[v[1:]] })
		}
		return s
	}
	// words in descriptions and in lists of mutual exclusion are not flags, nor is one of _arguments itself
	strip := regexp.MustCompile(`\[[^]]*\]|'\([^)]*\)'|^ -A `)
	for command, flags := range p.flags {
		from, to := "_arguments -C", "'1:command"
		if command != "" {
			from, to = "\t\t"+command+") _arguments", ";;"
		}
		_, rest, ok := strings.Cut(main, from)
		body, _, found := strings.Cut(rest, to)
		if !ok || !found {
			t.Fatalf("nothing between %q and %q", from, to)
		}
		Differences(t, command, spread(strip.ReplaceAllString(expand(body), " ")), flags)
		if command != "" && !strings.Contains(lists["commands"], "'"+command+":") {
			t.Errorf("%s is not completed", command)
		}
	}
	for _, name := range p.siblings {
		if !strings.Contains(lists["commands"], "'"+name+":") {
			t.Errorf("%s is not completed", name)
		}
	}
}

func (p *Program) fish(t *testing.T) {
	text := p.read(t, p.name+".fish")
	seen := regexp.MustCompile(`__(?:fish_seen_subcommand_from|creel_seen) ([a-z -]+|\$c)["']`)
	flag := regexp.MustCompile(` -([sl]) ([A-Za-z][a-z0-9-]*)`)
	got, loop := map[string][]string{}, ""
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if in, ok := strings.CutPrefix(line, "for c in "); ok {
			loop = in
		} else if line == "end" {
			loop = ""
		}
		if !strings.HasPrefix(line, "complete ") {
			continue
		}
		where := []string{""}
		if m := seen.FindStringSubmatch(line); m != nil {
			where = strings.Fields(strings.ReplaceAll(m[1], "$c", loop))
		} else if strings.HasPrefix(line, "complete -c "+p.name+" -s h -l help") {
			where = nil
			for command := range p.flags {
				where = append(where, command)
			}
		}
		for _, m := range flag.FindAllStringSubmatch(line, -1) {
			for _, command := range where {
				got[command] = append(got[command], map[string]string{"s": "-", "l": "--"}[m[1]]+m[2])
			}
		}
	}
	for command, flags := range p.flags {
		Differences(t, command, got[command], flags)
		if command != "" && !strings.Contains(text, "-n $none -a "+command+" -d") {
			t.Errorf("%s is not completed", command)
		}
	}
	for _, name := range p.siblings {
		if !strings.Contains(text, "-n $none -a "+name+" -d") {
			t.Errorf("%s is not completed", name)
		}
	}
}

func (p *Program) read(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(p.dir, file))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// Differences tells what one list has and the other has not.
func Differences(t *testing.T, where string, got, want []string) {
	t.Helper()
	for _, w := range want {
		if !slices.Contains(got, w) {
			t.Errorf("%s lacks %s", where, w)
		}
	}
	for _, g := range got {
		if !slices.Contains(want, g) {
			t.Errorf("%s has %s, which the program does not know", where, g)
		}
	}
}
