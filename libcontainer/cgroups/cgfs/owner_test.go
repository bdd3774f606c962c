package cgfs

import (
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"
)

func TestMarksTellWhoseACgroupIs(t *testing.T) {
	d, path := fake(t, nil)
	mine, other := NewToken(), NewToken()
	if len(mine) != 16 || mine == other {
		t.Fatalf("tokens %q and %q", mine, other)
	}
	check := func(when string, want Owner) {
		t.Helper()
		if got := d.OwnerOf(".", mine); got != want {
			t.Errorf("%s: owner %d, want %d", when, got, want)
		}
	}
	check("unmarked", Nobody)
	for _, step := range []struct {
		token    string
		borrowed bool
		want     Owner
	}{{mine, false, Mine}, {mine, true, Borrowed}, {other, true, Nobody}, {other, false, Another}} {
		if !d.Mark(step.token, step.borrowed) {
			t.Fatalf("%s keeps no extended attributes", path)
		}
		check(step.token, step.want)
	}
	d.Unmark()
	check("unmarked again", Nobody)
	// What a rootless caller can write counts only where no trusted mark says otherwise.
	if err := unix.Lsetxattr(path, userMark, []byte(mine), 0); err != nil {
		t.Fatal(err)
	}
	check("rootless", Mine)
	d.Mark(other, false)
	check("forged", Another)
	if d.Mark("", false) {
		t.Error("no token is no mark")
	}
	if got := d.OwnerOf("absent", mine); got != Absent {
		t.Errorf("absent: owner %d", got)
	}
}

// TestAMarkBelongsToTheOpenedCgroup, and not to whatever took its path since.
func TestAMarkBelongsToTheOpenedCgroup(t *testing.T) {
	parent, path := fake(t, nil)
	token := NewToken()
	if _, err := parent.Mkdir("web"); err != nil {
		t.Fatal(err)
	}
	d, err := parent.Child("web")
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if err := os.Rename(filepath.Join(path, "web"), filepath.Join(path, "moved")); err != nil {
		t.Fatal(err)
	}
	if _, err := parent.Mkdir("web"); err != nil {
		t.Fatal(err)
	}
	if !d.Mark(token, false) {
		t.Fatalf("%s keeps no extended attributes", path)
	}
	for name, want := range map[string]Owner{"web": Nobody, "moved": Mine} {
		if got := parent.OwnerOf(name, token); got != want {
			t.Errorf("%s: owner %d, want %d", name, got, want)
		}
	}
	if got := d.OwnerOf(".", token); got != Mine {
		t.Errorf("the opened one: owner %d", got)
	}
	d.Unmark()
	if got := parent.OwnerOf("moved", token); got != Nobody {
		t.Errorf("unmarked: owner %d", got)
	}
}

func TestParentsAreRemovedAsFarAsTheyAreMarkedAndEmpty(t *testing.T) {
	_, mount := fake(t, nil)
	token, other := NewToken(), NewToken()
	deep := filepath.Join(mount, "a/b/c/e/d")
	if err := os.MkdirAll(filepath.Join(mount, "a/b/c/e"), 0o755); err != nil {
		t.Fatal(err)
	}
	for name, owner := range map[string]string{"a": token, "a/b/c": other, "a/b/c/e": token} { // a/b is somebody else's
		d, err := Open(filepath.Join(mount, name))
		if err != nil {
			t.Fatal(err)
		}
		d.Mark(owner, false)
		d.Close()
	}
	RemoveParents(deep, mount, token)
	if _, err := os.Stat(filepath.Join(mount, "a/b/c")); !os.IsNotExist(err) {
		t.Errorf("a/b/c: %v", err)
	}
	if _, err := os.Stat(filepath.Join(mount, "a/b")); err != nil {
		t.Errorf("a/b: %v", err)
	}
}
