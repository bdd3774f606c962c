package shift

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

func TestAMappingMovesItsRangeOnly(t *testing.T) {
	m, err := Parse("1000:5000:10")
	if err != nil || m.String() != "1000:5000:10" || m.overlaps() {
		t.Fatalf("%v, %v", m, err)
	}
	for id, want := range map[uint32]uint32{0: 0, 999: 999, 1000: 5000, 1009: 5009, 1010: 1010, 5000: 5000, 4294967295: 4294967295} {
		if got := m.ID(id); got != want {
			t.Errorf("%d becomes %d, want %d", id, got, want)
		}
	}
	for id, want := range map[uint32]bool{4999: false, 5000: true, 5009: true, 5010: false} {
		if m.Shifted(id) != want || m.Shifted(id) && m.Reverse().ID(id) != id-4000 {
			t.Errorf("%d: shifted %v", id, !want)
		}
	}
	for text, want := range map[string]bool{"0:10:10": false, "0:9:10": true, "9:0:10": true, "10:0:10": false, "0:1:4294967294": true} {
		if m, err := Parse(text); err != nil || m.overlaps() != want {
			t.Errorf("%s overlaps: %v, %v", text, !want, err)
		}
	}
}

func TestAMappingThatCannotBeIsRefused(t *testing.T) {
	for _, text := range []string{"", "0:1", "0:1:2:3", "a:1:2", "0:-1:2", "0:1:0", "5:5:1", "0:4294967295:1", "4294967295:0:1", "0:1:4294967295"} {
		if m, err := Parse(text); err == nil {
			t.Errorf("%q: %v", text, m)
		}
	}
}

// newJournal opens the journal of a directory of the test's own.
func newJournal(t *testing.T, dir, head string) (*journal, bool, error) {
	t.Helper()
	fd, err := unix.Open(dir, folderFlags, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.Close(fd) })
	j, found, err := openJournal(fd, ".j", head)
	if err == nil {
		t.Cleanup(func() { j.f.Close() })
	}
	return j, found, err
}

func TestAJournalIsReadAsItWasWritten(t *testing.T) {
	dir := t.TempDir()
	j, found, err := newJournal(t, dir, "head")
	if err != nil || found {
		t.Fatal(found, err)
	}
	want := map[string]*inode{
		"a":                      {ino: 1, uid: 2, gid: 3, mode: 0o104755},
		"with space\nand \"q\" ": {ino: 18446744073709551615, uid: 4294967295, gid: 4, mode: 0o100644, xattrs: [3][]byte{[]byte("\x00\xff"), nil, {}}},
	}
	for path, n := range want {
		if err := j.add(path, n); err != nil {
			t.Fatal(err)
		}
	}
	if err := j.complete(); err != nil {
		t.Fatal(err)
	}
	j.f.Close()
	if j, found, err = newJournal(t, dir, "head"); err != nil || !found {
		t.Fatal(found, err)
	}
	got := map[string]*inode{}
	if err := j.each(func(path string, n *inode) error { got[path] = n; return nil }); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestAJournalWithoutItsEndIsBegunAnew(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, ".j")
	for _, text := range []string{"", "he", "head\n", "head\n1 2 3 100644 - - - \"a\"\n", "head\n1 2 3 100644 - - - \"a\"\nscanned 1"} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		j, found, err := newJournal(t, dir, "head")
		if err != nil || found {
			t.Fatalf("%q: %v, %v", text, found, err)
		}
		j.f.Close()
		if now, err := os.ReadFile(path); err != nil || string(now) != "head\n" {
			t.Errorf("%q: now %q, %v", text, now, err)
		}
	}
}

func TestAJournalOfAnotherShiftIsKept(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, ".j")
	if err := os.WriteFile(path, []byte("other\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := newJournal(t, dir, "head"); !errors.Is(err, errUnfinished) || !strings.Contains(err.Error(), "other") {
		t.Errorf("%v", err)
	}
	if now, err := os.ReadFile(path); err != nil || string(now) != "other\n" {
		t.Errorf("now %q, %v", now, err)
	}
}

func TestTwoShiftsAtOnceAreRefused(t *testing.T) {
	dir := t.TempDir()
	if _, _, err := newJournal(t, dir, "head"); err != nil {
		t.Fatal(err)
	}
	if _, _, err := newJournal(t, dir, "head"); err == nil || !strings.Contains(err.Error(), "another one is at work") {
		t.Errorf("%v", err)
	}
}

func FuzzAJournalLineIsReadOrRefused(f *testing.F) {
	f.Add("1 2 3 100644 - - - \"a\"\n")
	f.Add("1 2 3 100644 00ff - 02 \"a b\"")
	f.Fuzz(func(t *testing.T, line string) {
		if path, n, err := parseLine(line); err == nil && !strings.HasSuffix(strings.TrimSuffix(line, "\n"), `"`) {
			t.Errorf("%q: %q, %v", line, path, n)
		}
	})
}

func TestAFifoIsNoJournal(t *testing.T) {
	dir := t.TempDir()
	if err := unix.Mkfifo(filepath.Join(dir, "j"), 0o600); err != nil {
		t.Fatal(err)
	}
	fd, err := unix.Open(dir, unix.O_DIRECTORY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	if _, _, err := openJournal(fd, "j", "head"); err == nil || !strings.Contains(err.Error(), "not a regular file") {
		t.Error(err)
	}
}
