package cgfs

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// fake returns a plain directory with files in it.
func fake(t *testing.T, files map[string]string) (*Dir, string) {
	t.Helper()
	path := t.TempDir()
	for name, text := range files {
		full := filepath.Join(path, name)
		if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(full, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	d, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Close)
	return d, path
}

func TestPaths(t *testing.T) {
	for in, want := range map[string]string{"": "/", "a": "/a", "/a/../..": "/", "../../a": "/a", "a//b/": "/a/b"} {
		if got := Clean(in); got != want {
			t.Errorf("Clean(%q) = %q, want %q", in, got, want)
		}
	}
	for in, want := range map[string][2]string{"/a/b/c": {"/a/b", "c"}, "/a": {"/", "a"}} {
		if parent, name := Split(in); parent != want[0] || name != want[1] {
			t.Errorf("Split(%q) = %q, %q", in, parent, name)
		}
	}
	if got := slices.Collect(Elements("/a/b")); !slices.Equal(got, []string{"a", "b"}) {
		t.Errorf("%q", got)
	}
	if got := slices.Collect(Elements("/")); len(got) != 0 {
		t.Errorf("%q", got)
	}
}

func TestWaitingForAnEventTimesOut(t *testing.T) {
	d, _ := fake(t, map[string]string{"cgroup.events": "populated 1\nfrozen 0\n"})
	if err := d.WaitEvent("frozen", "0", 0); err != nil {
		t.Error(err)
	}
	if err := d.WaitEvent("populated", "0", time.Millisecond); !errors.Is(err, ErrTimeout) {
		t.Errorf("got %v", err)
	}
	gone, _ := fake(t, nil)
	if err := gone.WaitEvent("populated", "0", 0); err != nil {
		t.Errorf("a cgroup that is gone is empty: %v", err)
	}
	if err := gone.WaitEvent("frozen", "1", 0); !errors.Is(err, unix.ENOENT) {
		t.Errorf("a cgroup that is gone never freezes: %v", err)
	}
}

func TestOwnPathOfAProcess(t *testing.T) {
	text := "4:cpu,cpuacct:/a:b\n1:name=systemd:/x (deleted)\n0::/u\n"
	for key, want := range map[string]string{"cpu,cpuacct": "/a:b", "name=systemd": "/x", "": "/u"} {
		if got, ok := OwnPath(text, key); !ok || got != want {
			t.Errorf("%s: %q, %v", key, got, ok)
		}
	}
	if got, ok := OwnPath(text, "cpu"); ok {
		t.Errorf("cpu alone: %q", got)
	}
	if text, err := ProcCgroup(0); err != nil || text == "" {
		t.Errorf("%q, %v", text, err)
	}
}
