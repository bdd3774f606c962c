package cli

import (
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// declared lists the flags of a command as users type them.
func declared(f *flags) []string {
	list := []string{"--help", "-h"}
	for _, d := range f.docs {
		for _, n := range d.names {
			if d.hidden {
				continue
			}
			if len(n) == 1 {
				list = append(list, "-"+n)
			} else {
				list = append(list, "--"+n)
			}
		}
	}
	return list
}

// documented finds the flags that a man page has paragraphs for.
func documented(page string) []string {
	page = strings.ReplaceAll(page, `\-`, "-")
	var list []string
	for _, par := range regexp.MustCompile(`(?m)^\.TP\n(.*)$`).FindAllStringSubmatch(page, -1) {
		list = append(list, regexp.MustCompile(`(?:^|[ "])(--?[a-z][a-z-]*)`).FindAllString(par[1], -1)...)
	}
	for i := range list {
		list[i] = strings.Trim(list[i], ` "`)
	}
	return list
}

func TestEveryFlagHasItsPlaceInTheManPageAndNoOtherHas(t *testing.T) {
	p := &program{}
	pages := map[string]*flags{"creel": globalFlags()}
	for _, c := range p.commands() {
		f := newFlags(c.name)
		if c.flags != nil {
			c.flags(f)
		}
		pages["creel-"+c.name] = f
	}
	for name, f := range pages {
		want, got := declared(f), documented(read(t, "../../docs/man/"+name+".8"))
		for _, w := range want {
			if !slices.Contains(got, w) {
				t.Errorf("%s.8 does not describe %s", name, w)
			}
		}
		for _, g := range got {
			if !slices.Contains(want, g) {
				t.Errorf("%s.8 describes %s, which creel does not know", name, g)
			}
		}
	}
}

func TestCompletionsKnowEveryCommandAndFlag(t *testing.T) {
	p := &program{}
	for _, file := range []string{"creel.bash", "creel.fish", "_creel"} {
		text := read(t, "../../contrib/completions/"+file)
		for _, c := range p.commands() {
			if !regexp.MustCompile(`\b` + c.name + `\b`).MatchString(text) {
				t.Errorf("%s does not complete %s", file, c.name)
			}
			f := newFlags(c.name)
			if c.flags != nil {
				c.flags(f)
			}
			for _, d := range append(f.docs, globalFlags().docs...) {
				if !d.hidden && !strings.Contains(text, d.names[0]) {
					t.Errorf("%s does not complete --%s of %s", file, d.names[0], c.name)
				}
			}
		}
	}
}

func TestBashCompletesCommandsFlagsAndSignals(t *testing.T) {
	for line, want := range map[string]string{
		"creel st":                 "start state",
		"creel --log-format ":      "text json",
		"creel run --no-":          "--no-new-keyring --no-pivot --no-subreaper",
		"creel list --format j":    "json",
		"creel delete --fo":        "--force",
		"creel kill web US":        "USR1 USR2",
		"creel --root /x spec --r": "--rootless",
	} {
		words := strings.Split(line, " ")
		script := `source ../../contrib/completions/creel.bash; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _creel; printf '%s\n' "${COMPREPLY[@]}" | sort`
		out, err := exec.Command("bash", append([]string{"-c", script, "bash"}, words...)...).Output()
		if err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		got := strings.Fields(string(out))
		expected := strings.Fields(want)
		slices.Sort(expected)
		slices.Sort(got)
		if !slices.Equal(got, expected) {
			t.Errorf("%q completes to %q, want %q", line, got, expected)
		}
	}
}
