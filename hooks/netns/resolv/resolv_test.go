package resolv

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

func TestWrongServersAndDomainsAreRefused(t *testing.T) {
	if err := Check([]string{"192.0.2.1", "2001:db8::1", "fe80::1%eth0"}, []string{"a.test", "."}); err != nil {
		t.Error(err)
	}
	for _, s := range []string{"", "name", "192.0.2.1\nnameserver 192.0.2.2"} {
		if err := Check([]string{s}, nil); err == nil || !strings.HasPrefix(err.Error(), "--dns: ") {
			t.Errorf("%q: %v", s, err)
		}
	}
	for _, s := range []string{"", "a b", "a\nnameserver 192.0.2.2"} {
		if err := Check(nil, []string{s}); err == nil || !strings.HasPrefix(err.Error(), "--dns-search: ") {
			t.Errorf("%q: %v", s, err)
		}
	}
}

func TestAFileIsWrittenOverInItsPlace(t *testing.T) {
	bundle := t.TempDir()
	path := filepath.Join(bundle, "resolv.conf")
	if err := os.WriteFile(path, []byte(strings.Repeat("old ", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	before, _ := os.Stat(path)
	if err := Write(bundle, "resolv.conf", "nameserver 192.0.2.1\n"); err != nil {
		t.Fatal(err)
	}
	after, _ := os.Stat(path)
	if text, _ := os.ReadFile(path); string(text) != "nameserver 192.0.2.1\n" || !os.SameFile(before, after) {
		t.Errorf("%q, the same file: %v", text, os.SameFile(before, after))
	}
}

func TestNothingOutsideTheBundleIsWritten(t *testing.T) {
	bundle := t.TempDir()
	for name, target := range map[string]string{"absolute": "/etc/passwd", "up": "../x", "dir": "/tmp"} {
		if err := os.Symlink(target, filepath.Join(bundle, name)); err != nil {
			t.Fatal(err)
		}
	}
	if err := unix.Mkfifo(filepath.Join(bundle, "fifo"), 0o600); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]error{"absolute": unix.ELOOP, "up": unix.ELOOP, "dir/x": unix.ELOOP, "../x": unix.EXDEV, "fifo": unix.ENXIO} {
		if err := Write(bundle, path, "x"); !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", path, err, want)
		}
	}
	if err := Write(bundle, filepath.Join(bundle, "up"), "x"); !errors.Is(err, unix.ELOOP) {
		t.Errorf("an absolute path whose last step is a link: %v", err)
	}
}
