package v1

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/creel-project/creel/libcontainer/cgroups/cgtest"
	"github.com/creel-project/creel/libcontainer/cgroups/discover"
	"github.com/creel-project/creel/libcontainer/cgroups/driver"
)

func TestEveryHierarchyIsJoined(t *testing.T) {
	g := created(t)
	pid := sleeper(t, g)
	reopened, err := Open(g.Record())
	if err != nil {
		t.Fatal(err)
	}
	defer reopened.Close()
	for key, dir := range g.Record().Dirs {
		text, err := os.ReadFile(filepath.Join(dir, "cgroup.procs"))
		if err != nil || strings.TrimSpace(string(text)) != itoa(pid) {
			t.Errorf("%q holds %q (%v), want %d", key, text, err, pid)
		}
	}
	for _, key := range []string{"name=systemd", "memory", ""} {
		if g.Record().Dirs[key] == "" {
			t.Errorf("the hierarchy %q is missing from %v", key, g.Record().Dirs)
		}
	}
	if pids, err := reopened.Pids(); err != nil || !slices.Equal(pids, []int{pid}) {
		t.Errorf("pids %v, %v", pids, err)
	}
	if err := reopened.Destroy(); err != nil {
		t.Fatal(err)
	}
	if left := remaining(g); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
	if err := reopened.Destroy(); err != nil {
		t.Errorf("destroying again: %v", err)
	}
}

func TestSpawnedProcessIsMovedInTheRest(t *testing.T) {
	g := created(t)
	fd, ok := g.SpawnFD()
	if !ok {
		t.Fatal("a hybrid machine can spawn into cgroup2")
	}
	cmd := cgtest.Sleeper(t, fd)
	if err := g.Join(cmd.Process.Pid, true); err != nil {
		t.Fatal(err)
	}
	for key, dir := range g.Record().Dirs {
		text, _ := os.ReadFile(filepath.Join(dir, "cgroup.procs"))
		if strings.TrimSpace(string(text)) != itoa(cmd.Process.Pid) {
			t.Errorf("%q holds %q", key, text)
		}
	}
}

func TestNestedPathInheritsCpusets(t *testing.T) {
	top := cgtest.Name()
	g := groupAt(t, driver.Options{ID: "x", CgroupsPath: "/" + top + "/a/b"})
	if err := g.Create(); err != nil {
		t.Fatal(err)
	}
	parent, err := os.ReadFile("/sys/fs/cgroup/cpuset/cpuset.cpus")
	if err != nil {
		t.Fatal(err)
	}
	if got := content(t, g, "cpuset", "cpuset.cpus"); got != strings.TrimSpace(string(parent)) {
		t.Errorf("cpuset.cpus %q, the root has %q", got, parent)
	}
	sleeper(t, g)
	if err := g.Destroy(); err != nil {
		t.Fatal(err)
	}
	for key, mount := range g.Record().Mounts {
		if _, err := os.Stat(filepath.Join(mount, top)); err == nil {
			t.Errorf("the parent in %q is left", key)
		}
	}
}

func TestRelativePathLiesBelowTheCallersOwnCgroup(t *testing.T) {
	name := cgtest.Name()
	g := groupAt(t, driver.Options{ID: "x", CgroupsPath: name})
	found, err := discover.Hierarchies()
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range found {
		if got, want := g.Record().Dirs[h.Key], filepath.Join(h.Mount, h.Own, name); got != want {
			t.Errorf("%q: %s, want %s", h.Key, got, want)
		}
	}
	if err := errors.Join(g.Create(), g.Destroy()); err != nil {
		t.Error(err)
	}
}

func TestRootIsRefused(t *testing.T) {
	found, err := discover.Hierarchies()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := New(found, driver.Options{CgroupsPath: "/.."}); err == nil || !strings.Contains(err.Error(), "root of all cgroups") {
		t.Errorf("got %v", err)
	}
}
