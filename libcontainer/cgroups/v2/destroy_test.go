package v2

import (
	"errors"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/creel-project/creel/libcontainer/cgroups/cgfs"
	"github.com/creel-project/creel/libcontainer/cgroups/driver"
)

func TestDestroyEndsWhatLives(t *testing.T) {
	g := created(t)
	populate(t, g, "a/b/c", "d")
	if err := g.Freeze(); err != nil {
		t.Fatal(err)
	}
	if err := g.Destroy(); err != nil {
		t.Fatal(err)
	}
	if exists(g.hostDir()) {
		t.Error("the cgroup is left")
	}
}

// TestDestroyGoesAsDeepAsAContainerCan: more levels than a process may have files open.
func TestDestroyGoesAsDeepAsAContainerCan(t *testing.T) {
	g := created(t)
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
		t.Fatal(err)
	}
	low := unix.Rlimit{Cur: 100, Max: limit.Max}
	if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &low); err != nil {
		t.Fatal(err)
	}
	defer unix.Setrlimit(unix.RLIMIT_NOFILE, &limit)
	dir, err := g.dir.Child(".")
	for range 300 {
		if err != nil {
			t.Fatal(err)
		}
		var next *cgfs.Dir
		if _, err = dir.Mkdir("x"); err == nil {
			next, err = dir.Child("x")
		}
		dir.Close()
		dir = next
	}
	dir.Close()
	if err := g.Destroy(); err != nil {
		t.Fatal(err)
	}
	if exists(g.hostDir()) {
		t.Error("the cgroup is left")
	}
}

func TestMethodsOfAGoneCgroupSaySo(t *testing.T) {
	g := created(t)
	if err := g.Destroy(); err != nil {
		t.Fatal(err)
	}
	_, pidsErr := g.Pids()
	_, frozenErr := g.Frozen()
	_, oomErr := g.OOM()
	for i, err := range []error{pidsErr, frozenErr, oomErr, g.Freeze(), g.Thaw(), g.Kill(unix.SIGTERM), g.Kill(unix.SIGKILL), g.Join(1, false)} {
		if !errors.Is(err, driver.ErrNoCgroup) {
			t.Errorf("call %d: %v", i, err)
		}
	}
	if _, ok := g.SpawnFD(); ok {
		t.Error("a gone cgroup offers an fd")
	}
	if err := g.Destroy(); err != nil {
		t.Errorf("destroying again: %v", err)
	}
}
