package v1

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/creel-project/creel/libcontainer/cgroups/cgtest"
	"github.com/creel-project/creel/libcontainer/cgroups/driver"
)

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

func TestARefusedContainerLeavesTheOtherAlone(t *testing.T) {
	other := created(t)
	pid := sleeper(t, other)
	g := groupAt(t, driver.Options{ID: other.record.Path[1:]})
	before := g.Record()
	if err := g.Create(); !errors.Is(err, unix.EBUSY) {
		t.Fatalf("got %v", err)
	}
	reopened, err := Open(before)
	if err != nil {
		t.Fatal(err)
	}
	defer reopened.Close()
	if err := errors.Join(g.Destroy(), reopened.Destroy()); err != nil {
		t.Error(err)
	}
	if err := reopened.Kill(unix.SIGKILL); !errors.Is(err, driver.ErrNoCgroup) {
		t.Errorf("kill: %v", err)
	}
	if unix.Kill(pid, 0) != nil || len(remaining(other)) != len(other.record.Dirs) {
		t.Error("the other container is gone")
	}
}

func TestARecordWrittenBeforeCreateSuffices(t *testing.T) {
	top := cgtest.Name()
	g := groupAt(t, driver.Options{ID: "x", CgroupsPath: "/" + top + "/a"})
	before := g.Record()
	before.Made, before.Existed = nil, nil
	if err := g.Create(); err != nil {
		t.Fatal(err)
	}
	sleeper(t, g)
	reopened, err := Open(before)
	if err != nil {
		t.Fatal(err)
	}
	defer reopened.Close()
	if err := reopened.Destroy(); err != nil {
		t.Fatal(err)
	}
	for key, mount := range g.Record().Mounts {
		if _, err := os.Stat(filepath.Join(mount, top)); err == nil {
			t.Errorf("%q: cgroups are left", key)
		}
	}
}
