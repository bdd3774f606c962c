package v2

import (
	"errors"
	"os"
	"slices"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/creel-project/creel/libcontainer/cgroups/cgfs"
	"github.com/creel-project/creel/libcontainer/cgroups/cgtest"
	"github.com/creel-project/creel/libcontainer/cgroups/driver"
)

func TestAnEmptyCgroupIsTakenAndGivenBack(t *testing.T) {
	for _, reopen := range []bool{false, true} {
		path := "/" + cgtest.Name()
		g := groupAt(t, driver.Options{}, path)
		before := g.Record()
		if err := os.Mkdir(root+path, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := g.Create(); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(g.Record().Existed, []string{""}) {
			t.Errorf("record %+v", g.Record())
		}
		populate(t, g, "sub/subsub")
		if reopen { // from the record that was saved before Create
			g = open(t, before)
		}
		if err := g.Destroy(); err != nil {
			t.Fatal(err)
		}
		if !exists(g.hostDir()) || exists(g.hostDir()+"/sub") {
			t.Error("Destroy must remove what is below a cgroup that existed, but not the cgroup")
		}
		if owner := ownerOf(t, g.hostDir(), before.Token); owner != cgfs.Nobody {
			t.Errorf("the cgroup is still marked: %v", owner)
		}
	}
}

func open(t *testing.T, r driver.Record) *Group {
	t.Helper()
	g, err := Open(r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { g.Close() })
	return g
}

// An empty cgroup that a container of creel's left behind is no somebody else's: the next one removes it.
func TestALeftCgroupIsTakenOver(t *testing.T) {
	left := created(t)
	g := groupAt(t, driver.Options{}, left.record.Path)
	if err := g.Create(); err != nil {
		t.Fatal(err)
	}
	if err := left.Destroy(); err != nil || !exists(g.hostDir()) {
		t.Errorf("the former owner removed it: %v", err)
	}
	if err := g.Destroy(); err != nil || exists(g.hostDir()) {
		t.Errorf("the cgroup is left: %v", err)
	}
}

// A record is written before Create. Whatever happens then, it must not lead to another container's processes.
func TestARefusedContainerLeavesTheOtherAlone(t *testing.T) {
	other := created(t)
	pid := populate(t, other)[0]
	g := groupAt(t, driver.Options{}, other.record.Path)
	before := g.Record()
	if err := g.Create(); !errors.Is(err, unix.EBUSY) {
		t.Fatalf("got %v", err)
	}
	reopened := open(t, before)
	if err := errors.Join(g.Destroy(), reopened.Destroy()); err != nil {
		t.Error(err)
	}
	if err := reopened.Kill(unix.SIGKILL); !errors.Is(err, driver.ErrNoCgroup) {
		t.Errorf("kill: %v", err)
	}
	if unix.Kill(pid, 0) != nil || !exists(other.hostDir()) {
		t.Error("the other container is gone")
	}
}

func TestARecordWrittenBeforeCreateSuffices(t *testing.T) {
	top := "/" + cgtest.Name()
	g := groupAt(t, driver.Options{}, top+"/a/b")
	before := g.Record()
	if err := g.Create(); err != nil {
		t.Fatal(err)
	}
	populate(t, g, "sub")
	if err := open(t, before).Destroy(); err != nil {
		t.Fatal(err)
	}
	if exists(root + top) {
		t.Error("cgroups are left")
	}
}

func TestDestroyBeforeCreateDoesNothing(t *testing.T) {
	path := "/" + cgtest.Name()
	g := groupAt(t, driver.Options{}, path)
	if err := os.Mkdir(root+path, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := g.Destroy(); err != nil || !exists(root+path) {
		t.Errorf("%v", err)
	}
}

func ownerOf(t *testing.T, path, token string) cgfs.Owner {
	t.Helper()
	dir, err := cgfs.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer dir.Close()
	return dir.OwnerOf(".", token)
}
