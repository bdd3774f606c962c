package rootfs

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

func TestATreeOfAnyDepthIsRemovedAndNoLinkFollowed(t *testing.T) {
	dir := t.TempDir()
	outside := filepath.Join(dir, "outside")
	if err := os.WriteFile(outside, []byte("mine"), 0o644); err != nil {
		t.Fatal(err)
	}
	top, err := unix.Open(dir, unix.O_RDONLY|unix.O_DIRECTORY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(top)
	at, err := unix.FcntlInt(uintptr(top), unix.F_DUPFD_CLOEXEC, 0)
	for level := range 2500 { // far deeper than a path can be, or files open
		if err == nil {
			err = unix.Mkdirat(at, "d", 0o700)
		}
		if err == nil && level%100 == 50 {
			err = unix.Mkdirat(at, ".removed-1", 0) // as what is moved up would be named
		}
		if err == nil && level%100 == 0 {
			err = unix.Symlinkat(outside, at, "link")
		}
		var next int
		if err == nil {
			next, err = unix.Openat(at, "d", unix.O_RDONLY|unix.O_DIRECTORY, 0)
		}
		if err == nil && level%10 == 3 {
			err = unix.Fchmod(next, 0o100) // its owner may not list it
		}
		if err != nil {
			t.Fatal(err)
		}
		unix.Close(at)
		at = next
	}
	unix.Close(at)
	if err := Remove(filepath.Join(dir, "d")); err != nil {
		t.Fatal(err)
	}
	if err := removeAt(top, "link"); err != nil {
		t.Fatal(err)
	}
	if data, err := os.ReadFile(outside); err != nil || string(data) != "mine" {
		t.Errorf("outside: %q, %v", data, err)
	}
	if names, err := readNames(top); err != nil || len(names) != 1 {
		t.Errorf("left: %q, %v", names, err)
	}
	for _, name := range []string{"not there", "not there/nor this"} {
		if err := Remove(filepath.Join(dir, name)); err != nil {
			t.Errorf("what is not there: %v", err)
		}
	}
}

func TestATreeAsOthersAreIsRemovedWithoutMovingAnything(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "top")
	if err := os.MkdirAll(filepath.Join(dir, strings.Repeat("d/", 30)), 0o700); err != nil {
		t.Fatal(err)
	}
	watch, err := unix.InotifyInit1(unix.IN_CLOEXEC | unix.IN_NONBLOCK)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(watch)
	if _, err := unix.InotifyAddWatch(watch, dir, unix.IN_MOVED_TO); err != nil {
		t.Fatal(err)
	}
	if err := Remove(dir); err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, 4096)
	n, err := unix.Read(watch, buf)
	if err != nil || n < unix.SizeofInotifyEvent {
		t.Fatal(n, err)
	}
	// That the watch has ended, and nothing before.
	if mask := binary.NativeEndian.Uint32(buf[4:]); mask != unix.IN_IGNORED {
		t.Errorf("an event %#x", mask)
	}
}
