package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

func TestSignalsAreReadByNameAndByNumber(t *testing.T) {
	for text, want := range map[string]unix.Signal{
		"TERM": 15, "SIGTERM": 15, "sigterm": 15, "kill": 9, "KILL": 9, "9": 9, "0": 0, "64": 64, "WINCH": 28, "usr1": 10,
	} {
		if got, err := parseSignal(text); err != nil || got != want {
			t.Errorf("%q is %d (%v), want %d", text, got, err, want)
		}
	}
	for _, text := range []string{"", "65", "-1", "NOSUCH", "SIGSIGTERM", "9x"} {
		if got, err := parseSignal(text); err == nil || !strings.Contains(err.Error(), "unknown signal") {
			t.Errorf("%q is signal %d (%v)", text, got, err)
		}
	}
}

func TestTheRootOfAnOrdinaryUserLiesInTheRuntimeDirectoryAndIsSticky(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("XDG_RUNTIME_DIR", dir)
	root, err := rootDir("", true)
	if err != nil || root != filepath.Join(dir, "creel") {
		t.Fatalf("root %q, %v", root, err)
	}
	st, err := os.Stat(root)
	if err != nil || st.Mode()&os.ModeSticky == 0 || st.Mode().Perm() != 0o700 {
		t.Errorf("%s: %v, %v", root, st.Mode(), err)
	}
	if root, _ := rootDir("", false); root != defaultRoot {
		t.Errorf("root's own is %q", root)
	}
	if root, _ := rootDir("rel", true); !filepath.IsAbs(root) {
		t.Errorf("a relative --root became %q", root)
	}
}

func TestRootlessTakesThreeWords(t *testing.T) {
	for text, want := range map[string]bool{"true": true, "false": false, "auto": os.Geteuid() != 0} {
		if got, err := rootlessFlag(text); err != nil || got != want {
			t.Errorf("%q is %v (%v)", text, got, err)
		}
	}
	if _, err := rootlessFlag("perhaps"); err == nil {
		t.Error("--rootless perhaps was taken")
	}
}

func TestACommandWithTheWrongNumberOfArgumentsSaysHowMany(t *testing.T) {
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"state"}, `"state" requires exactly 1 argument(s)`},
		{[]string{"state", "a", "b"}, `"state" requires exactly 1 argument(s)`},
		{[]string{"kill"}, `"kill" requires a minimum of 1 argument(s)`},
		{[]string{"kill", "a", "b", "c"}, `"kill" requires a maximum of 2 argument(s)`},
		{[]string{"list", "a"}, `"list" requires exactly 0 argument(s)`},
		{[]string{"run", "--no-such", "a"}, "flag provided but not defined: -no-such"},
		{[]string{"--log-format", "xml", "list"}, `--log-format "xml"`},
		{[]string{"dance"}, `unknown command "dance"`},
	} {
		p := &program{}
		if err := p.run(c.args); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: %v, want %s", c.args, err, c.want)
		}
	}
}
