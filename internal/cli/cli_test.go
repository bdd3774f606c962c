package cli

import (
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

func TestSignalsAreReadByNameAndByNumber(t *testing.T) {
	for text, want := range map[string]unix.Signal{
		"TERM": 15, "SIGTERM": 15, "sigterm": 15, "SigTerm": 15, "kill": 9, "KILL": 9, "WINCH": 28, "usr1": 10, "IO": 29,
		"0": 0, "1": 1, "9": 9, "09": 9, "34": 34, "64": 64,
	} {
		if got, err := parseSignal(text); err != nil || got != want {
			t.Errorf("%q is %d (%v), want %d", text, got, err, want)
		}
	}
	for _, text := range []string{"", "65", "-1", "NOSUCH", "SIGSIGTERM", "SIG", "SIG9", "9x", " TERM", "0x9", "99999999999999999999"} {
		if got, err := parseSignal(text); err == nil || !strings.Contains(err.Error(), "unknown signal") {
			t.Errorf("%q is signal %d (%v)", text, got, err)
		}
	}
}

func TestFlagsMayStandBehindArgumentsAndArgumentsBehindTwoDashes(t *testing.T) {
	for _, c := range []struct {
		line, format string
		quiet        bool
		args         string
	}{
		{"-q a b", "table", true, "a b"},
		{"a -q b", "table", true, "a b"},
		{"a b --quiet --format json", "json", true, "a b"},
		{"a --format=json b", "json", false, "a b"},
		{"-f json -- -q a", "json", false, "-q a"},
		{"a -- -q", "table", false, "a -q"},
		{"a -- b -- -q", "table", false, "a b -- -q"},
		{"--", "table", false, ""},
		{"", "table", false, ""},
		{"a - -q", "table", true, "a -"},
	} {
		f := newFlags("list")
		f.text("table", "", "format", "f")
		f.yes("", "quiet", "q")
		if err := f.parse(strings.Fields(c.line)); err != nil {
			t.Errorf("%q: %v", c.line, err)
			continue
		}
		if f.get("format") != c.format || f.get("quiet") != c.quiet || !slices.Equal(f.set.Args(), strings.Fields(c.args)) {
			t.Errorf("%q: format %v, quiet %v, arguments %q", c.line, f.get("format"), f.get("quiet"), f.set.Args())
		}
	}
	f := newFlags("list")
	if err := f.parse([]string{"a", "--no-such"}); err == nil {
		t.Error("an unknown flag behind an argument was taken")
	}
}

func TestACommandWithTheWrongNumberOfArgumentsSaysHowMany(t *testing.T) {
	for _, c := range []struct {
		least, most, n int
		want           string
	}{
		{1, 1, 0, "requires exactly 1 argument(s)"},
		{1, 1, 2, "requires exactly 1 argument(s)"},
		{1, 2, 0, "requires a minimum of 1 argument(s)"},
		{1, 2, 3, "requires a maximum of 2 argument(s)"},
		{0, 0, 1, "requires exactly 0 argument(s)"},
		{1, 2, 2, ""},
		{0, 1, 0, ""},
	} {
		err := (&command{name: "dance", least: c.least, most: c.most}).count(c.n)
		if c.want == "" && err != nil || c.want != "" && (err == nil || err.Error() != `creel: "dance" `+c.want) {
			t.Errorf("%d of %d to %d: %v", c.n, c.least, c.most, err)
		}
	}
}

func TestATerminalNeedsSomebodyWhoHoldsItsOtherEnd(t *testing.T) {
	for _, c := range []struct {
		terminal, detached bool
		socket             string
		ok                 bool
	}{
		{true, true, "/s", true}, {true, true, "", false}, {true, false, "", true}, {true, false, "/s", false},
		{false, true, "", true}, {false, true, "/s", false}, {false, false, "", true}, {false, false, "/s", false},
	} {
		if err := checkConsole(c.terminal, c.detached, c.socket); (err == nil) != c.ok {
			t.Errorf("%+v: %v", c, err)
		}
	}
}

func TestHelpNamesEveryFlagButHiddenOnes(t *testing.T) {
	p := &program{}
	for _, c := range p.commands() {
		var b strings.Builder
		c.writeHelp(&b)
		for _, flag := range flagsOf()[c.name] {
			if !strings.Contains(b.String(), flag) {
				t.Errorf("the help of %s lacks %s", c.name, flag)
			}
		}
	}
	var b strings.Builder
	p.killCommand().writeHelp(&b)
	if strings.Contains(b.String(), "--all") {
		t.Errorf("the help of kill shows what is hidden:\n%s", b.String())
	}
}
