package v2

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/creel-project/creel/libcontainer/cgroups/cgfs"
	"github.com/creel-project/creel/libcontainer/cgroups/cgtest"
	"github.com/creel-project/creel/libcontainer/cgroups/driver"
)

const root = "/sys/fs/cgroup"

// groupAt returns the group at a path below a cgroup that no other test has.
func groupAt(t *testing.T, o driver.Options, path string) *Group {
	t.Helper()
	mount, err := cgfs.Open(root)
	if err != nil {
		t.Fatal(err)
	}
	g, err := New(mount, path, o)
	if err != nil {
		t.Fatal(err)
	}
	first, _, _ := strings.Cut(path[1:], "/")
	cgtest.RemoveAfter(t, filepath.Join(root, first))
	t.Cleanup(func() { g.Close() })
	return g
}

func created(t *testing.T) *Group {
	t.Helper()
	g := groupAt(t, driver.Options{}, "/"+cgtest.Name())
	if err := g.Create(); err != nil {
		t.Fatal(err)
	}
	return g
}

// populate makes sub-cgroups with a sleeper in each, and returns their pids.
func populate(t *testing.T, g *Group, subs ...string) []int {
	t.Helper()
	var pids []int
	for _, sub := range append([]string{"."}, subs...) {
		dir := filepath.Join(g.hostDir(), sub)
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		fd, err := unix.Open(dir, unix.O_PATH|unix.O_CLOEXEC, 0)
		if err != nil {
			t.Fatal(err)
		}
		pids = append(pids, cgtest.Sleeper(t, fd).Process.Pid)
		unix.Close(fd)
	}
	slices.Sort(pids)
	return pids
}

func exists(path string) bool { _, err := os.Stat(path); return err == nil }

func TestCreateMakesParentsAndDestroyRemovesThem(t *testing.T) {
	top := cgtest.Name()
	g := groupAt(t, driver.Options{}, "/"+top+"/a/b")
	if err := g.Create(); err != nil {
		t.Fatal(err)
	}
	want := []string{root + "/" + top, root + "/" + top + "/a"}
	if r := g.Record(); !slices.Equal(r.Made, want) || len(r.Existed) != 0 {
		t.Errorf("record %+v", r)
	}
	again, err := Open(g.Record())
	if err != nil {
		t.Fatal(err)
	}
	if err := again.Destroy(); err != nil {
		t.Fatal(err)
	}
	if exists(want[0]) {
		t.Error("the parents are left")
	}
}

func TestDestroyLeavesParentsThatOthersUse(t *testing.T) {
	top := "/" + cgtest.Name()
	g, other := groupAt(t, driver.Options{}, top+"/a"), groupAt(t, driver.Options{}, top+"/b")
	if err := errors.Join(g.Create(), other.Create(), g.Destroy()); err != nil {
		t.Fatal(err)
	}
	if exists(root+top+"/a") || !exists(root+top+"/b") {
		t.Error("the wrong cgroup was removed")
	}
}

func TestCreateRefusesACgroupInUse(t *testing.T) {
	g := created(t)
	pid := populate(t, g, "sub")[0]
	again := groupAt(t, driver.Options{}, g.record.Path)
	err := again.Create()
	if !errors.Is(err, unix.EBUSY) || !strings.Contains(err.Error(), "is in use by 2 processes, ") {
		t.Errorf("got %v", err)
	}
	if unix.Kill(pid, 0) != nil || !exists(g.hostDir()) {
		t.Error("the refused Create did something to the cgroup")
	}
}

func TestCreateRefusesAFrozenCgroup(t *testing.T) {
	g := created(t)
	if err := g.Freeze(); err != nil {
		t.Fatal(err)
	}
	err := groupAt(t, driver.Options{}, g.record.Path).Create()
	if !errors.Is(err, unix.EBUSY) || !strings.Contains(err.Error(), "is frozen") {
		t.Errorf("got %v", err)
	}
}

func TestCreateUndoesWhatItMade(t *testing.T) {
	top := cgtest.Name()
	g := groupAt(t, driver.Options{}, "/"+top+"/a/no\nnewlines")
	if err := g.Create(); !errors.Is(err, unix.EINVAL) {
		t.Errorf("got %v", err)
	}
	if exists(root + "/" + top) {
		t.Error("the parents are left")
	}
	if len(g.Record().Made) != 0 {
		t.Errorf("record %+v", g.Record())
	}
}

func TestParentsSurviveRacingContainers(t *testing.T) {
	top := "/" + cgtest.Name()
	var workers sync.WaitGroup
	for _, name := range []string{"a", "b"} {
		g := groupAt(t, driver.Options{}, top+"/middle/"+name)
		workers.Go(func() {
			for range 200 {
				if err := errors.Join(g.Create(), g.Destroy()); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	workers.Wait()
}
