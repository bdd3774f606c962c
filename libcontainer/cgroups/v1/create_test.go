package v1

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/creel-project/creel/libcontainer/cgroups/cgtest"
	"github.com/creel-project/creel/libcontainer/cgroups/discover"
	"github.com/creel-project/creel/libcontainer/cgroups/driver"
)

func ptr[T any](v T) *T { return &v }

func groupAt(t *testing.T, o driver.Options) *Group {
	t.Helper()
	found, err := discover.Hierarchies()
	if err != nil {
		t.Fatal(err)
	}
	g, err := New(found, o)
	if err != nil {
		t.Fatal(err)
	}
	for key, dir := range g.Record().Dirs {
		mount := g.Record().Mounts[key]
		first, _, _ := strings.Cut(strings.TrimPrefix(dir, mount+"/"), "/")
		if !strings.HasPrefix(first, "creel-test-") {
			first = strings.TrimPrefix(dir, mount+"/")
		}
		cgtest.RemoveAfter(t, filepath.Join(mount, first))
	}
	t.Cleanup(func() {
		os.WriteFile(filepath.Join(g.controller("freezer").hostDir, freezerState), []byte(thawed), 0) // before anything waits for a death
		g.Close()
	})
	return g
}

func created(t *testing.T) *Group {
	t.Helper()
	g := groupAt(t, driver.Options{ID: cgtest.Name()})
	if err := g.Create(); err != nil {
		t.Fatal(err)
	}
	return g
}

// sleeper starts a process and moves it into the group.
func sleeper(t *testing.T, g *Group) int {
	t.Helper()
	pid := cgtest.Sleeper(t, -1).Process.Pid
	if err := g.Join(pid, false); err != nil {
		t.Fatal(err)
	}
	return pid
}

func remaining(g *Group) []string {
	var left []string
	for _, dir := range g.record.Dirs {
		if _, err := os.Stat(dir); err == nil {
			left = append(left, dir)
		}
	}
	return left
}

func content(t *testing.T, g *Group, controller, file string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(g.controller(controller).hostDir, file))
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(text))
}

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

func itoa(n int) string { return strconv.Itoa(n) }

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

func TestCreateRefusesACgroupInUse(t *testing.T) {
	g := created(t)
	pid := sleeper(t, g)
	again := groupAt(t, driver.Options{ID: g.record.Path[1:]})
	if err := again.Create(); !errors.Is(err, unix.EBUSY) || !strings.Contains(err.Error(), "is in use by process "+itoa(pid)) {
		t.Errorf("got %v", err)
	}
	if len(remaining(g)) != len(g.record.Dirs) {
		t.Error("the refused Create removed something")
	}
}

func TestCreateRefusesAFrozenCgroup(t *testing.T) {
	g := created(t)
	if err := g.Freeze(); err != nil {
		t.Fatal(err)
	}
	err := groupAt(t, driver.Options{ID: g.record.Path[1:]}).Create()
	if !errors.Is(err, unix.EBUSY) || !strings.Contains(err.Error(), "is frozen") {
		t.Errorf("got %v", err)
	}
	if err := g.Thaw(); err != nil {
		t.Fatal(err)
	}
}

func TestExistingCgroupsAreTakenAndGivenBack(t *testing.T) {
	name := cgtest.Name()
	existing := filepath.Join("/sys/fs/cgroup/cpu", name)
	cgtest.RemoveAfter(t, existing)
	if err := os.Mkdir(existing, 0o755); err != nil {
		t.Fatal(err)
	}
	g := groupAt(t, driver.Options{ID: name})
	if err := g.Create(); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(g.Record().Existed, []string{"cpu"}) {
		t.Errorf("record %+v", g.Record())
	}
	sleeper(t, g)
	if err := g.Destroy(); err != nil {
		t.Fatal(err)
	}
	if left := remaining(g); !slices.Equal(left, []string{existing}) {
		t.Errorf("left: %v", left)
	}
}

func TestCreateUndoesWhatItMade(t *testing.T) {
	blocked := cgtest.Name()
	// In one hierarchy the name is taken by a cgroup in use.
	g := groupAt(t, driver.Options{ID: blocked})
	dir := filepath.Join("/sys/fs/cgroup/pids", blocked)
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(dir+"/cgroup.procs", []byte(itoa(cgtest.Sleeper(t, -1).Process.Pid)), 0); err != nil {
		t.Fatal(err)
	}
	if err := g.Create(); !errors.Is(err, unix.EBUSY) {
		t.Errorf("got %v", err)
	}
	if left := remaining(g); !slices.Equal(left, []string{dir}) {
		t.Errorf("left: %v", left)
	}
}
