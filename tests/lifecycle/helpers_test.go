package lifecycle

import (
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/creel-project/creel/tests/harness"
	"golang.org/x/sys/unix"
)

func termios(h *harness.H, f *os.File) unix.Termios {
	h.Helper()
	t, err := unix.IoctlGetTermios(int(f.Fd()), unix.TCGETS)
	h.Must(err)
	return *t
}

// expect compares what a container said with what it should say.
func expect(t *testing.T, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}

// has checks that a text contains all of some others.
func has(t *testing.T, got string, want ...string) {
	t.Helper()
	for _, w := range want {
		if !strings.Contains(got, w) {
			t.Errorf("%q is missing in:\n%s", w, got)
		}
	}
}

func contains(s, part string) bool { return strings.Contains(s, part) }

func itoa(n int) string { return strconv.Itoa(n) }
