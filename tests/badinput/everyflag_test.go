package badinput

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/creel-project/creel/tests/harness"
)

// A shown flag is one line of a command's help.
type shownFlag struct {
	name  string
	value bool // it takes one
}

var helpLine = regexp.MustCompile(`^   --([a-z0-9-]+)( value)?`)

// shown lists the flags of a command, or the global ones.
func shown(h *harness.H, command ...string) (all []shownFlag) {
	h.Helper()
	_, options, _ := strings.Cut(h.Ok(h.Creel(append(command, "--help")...)).Stdout, "OPTIONS:\n")
	for line := range strings.Lines(options) {
		if m := helpLine.FindStringSubmatch(line); m != nil && m[1] != "help" {
			all = append(all, shownFlag{m[1], m[2] != ""})
		}
	}
	return all
}

// flagged are the commands with what stands behind their flags when all is well.
var flagged = []struct {
	name string
	args []string
}{
	{"create", []string{"x"}}, {"delete", []string{"x"}}, {"events", []string{"x"}}, {"exec", []string{"x", "true"}}, {"features", nil},
	{"kill", []string{"x"}}, {"list", nil}, {"mount", []string{"add", "x", "{}"}}, {"pause", []string{"x"}}, {"plan", nil}, {"ps", []string{"x"}},
	{"resume", []string{"x"}}, {"run", []string{"x"}}, {"spec", nil}, {"start", []string{"x"}}, {"state", []string{"x"}}, {"update", []string{"x"}},
}

// siblings are commands that are programs of their own.
var siblings = []string{"bundle", "netns"}

func TestEveryCommandRefusesFlagsThatItDoesNotHave(t *testing.T) {
	h := harness.New(t)
	for _, name := range siblings {
		h.Fails(h.Creel(name, "--no-such-flag"), "creel-"+name) // which says so itself, or is not there
	}
	for _, c := range flagged {
		h.Fails(h.Creel(append([]string{c.name, "--no-such-flag"}, c.args...)...), "no-such-flag")
		h.Fails(h.Creel(append([]string{c.name, "-Z"}, c.args...)...), "-Z")
		h.Fails(h.Creel(append([]string{c.name, "---"}, c.args...)...), "---")
	}
	help := h.Ok(h.Creel("--help")).Stdout
	_, list, _ := strings.Cut(help, "COMMANDS:\n")
	list, _, _ = strings.Cut(list, "   help")
	for line := range strings.Lines(list) {
		if name := strings.Fields(line)[0]; !slices.Contains(siblings, name) && !slices.ContainsFunc(flagged, func(c struct {
			name string
			args []string
		}) bool {
			return c.name == name
		}) {
			t.Errorf("the command %s is not tested", name)
		}
	}
}

func TestEveryFlagThatTakesNoValueRefusesWhatIsNeitherTrueNorFalse(t *testing.T) {
	h := harness.New(t)
	for _, f := range shown(h) {
		if !f.value {
			h.Fails(h.Creel("--"+f.name+"=maybe", "list"), f.name, `"maybe"`)
		}
	}
	for _, c := range flagged {
		for _, f := range shown(h, c.name) {
			if !f.value {
				h.Fails(h.Creel(append([]string{c.name, "--" + f.name + "=maybe"}, c.args...)...), f.name, `"maybe"`)
			}
		}
	}
}

func TestEveryFlagThatTakesAValueNeedsOne(t *testing.T) {
	h := harness.New(t)
	for _, f := range shown(h) {
		if f.value {
			h.Fails(h.Creel("--"+f.name), f.name, "needs an argument")
		}
	}
	for _, c := range flagged {
		for _, f := range shown(h, c.name) {
			if f.value {
				h.Fails(h.Creel(c.name, "--"+f.name), f.name, "needs an argument")
			}
		}
	}
}

func TestEveryCommandCountsItsArguments(t *testing.T) {
	h := harness.New(t)
	for _, c := range flagged {
		if n := len(c.args); n > 0 {
			h.Fails(h.Creel(c.name), c.name, "requires ")
		}
		if c.name != "exec" && c.name != "ps" { // theirs go on
			h.Fails(h.Creel(append([]string{c.name, "a", "b", "c"}, c.args...)...), c.name, "requires ")
		}
	}
}
