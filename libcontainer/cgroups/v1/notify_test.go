package v1

import (
	"encoding/binary"
	"errors"
	"runtime"
	"testing"
	"time"

	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"

	"github.com/creel-project/creel/libcontainer/cgroups/cgtest"
	"github.com/creel-project/creel/libcontainer/cgroups/driver"
)

// taken waits until a notice can be read and returns what Take makes of it.
func taken(t *testing.T, n driver.Notice) int {
	t.Helper()
	cgtest.Readable(t, n.FD())
	count, err := n.Take()
	if err != nil {
		t.Fatal(err)
	}
	return count
}

// limited is a group with 4 MiB of memory and a call that starts a process in it which asks for more.
func limited(t *testing.T) (*Group, func()) {
	t.Helper()
	g := created(t)
	limit := int64(4 << 20)
	if err := g.Apply(&specs.LinuxResources{Memory: &specs.LinuxMemory{Limit: &limit, Swap: &limit}}); err != nil {
		t.Fatal(err)
	}
	return g, func() {
		fd, _ := g.SpawnFD()
		cmd := cgtest.Start(t, fd, "sh", "-c", "until grep -q '^[0-9]*:memory:"+g.controller("memory").path()+"$' /proc/self/cgroup; do :; done; exec tail /dev/zero")
		if err := g.Join(cmd.Process.Pid, true); err != nil {
			t.Fatal(err)
		}
	}
}

func TestAKillForWantOfMemoryIsToldOnce(t *testing.T) {
	g, hog := limited(t)
	n, err := g.NotifyOOM()
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	if count, err := n.Take(); count != 0 || err != nil {
		t.Fatalf("before anything happened: %d, %v", count, err)
	}
	hog()
	if count := taken(t, n); count != 1 {
		t.Errorf("%d times", count)
	}
	if err := g.Destroy(); err != nil {
		t.Fatal(err)
	}
	if count := taken(t, n); count != 0 {
		t.Errorf("the end of the cgroup counts as %d", count)
	}
}

func TestAKillIsToldEvenWhenTheCgroupIsGoneBySince(t *testing.T) {
	g, hog := limited(t)
	n, err := g.NotifyOOM()
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	hog()
	cgtest.Eventually(t, "it is killed", func() bool {
		info, err := g.OOM()
		if err != nil {
			t.Fatal(err)
		}
		return info.Killed > 0
	})
	if err := g.Destroy(); err != nil {
		t.Fatal(err)
	}
	if count := taken(t, n); count != 1 {
		t.Errorf("%d times", count)
	}
	if count, err := n.Take(); count != 0 || err != nil {
		t.Errorf("once more: %d, %v", count, err)
	}
}

func TestPressureIsToldByItsLevel(t *testing.T) {
	g, hog := limited(t)
	n, err := g.NotifyPressure("low")
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	hog()
	if count := taken(t, n); count < 1 {
		t.Errorf("%d times", count)
	}
	if _, err := g.NotifyPressure("high"); !errors.Is(err, unix.EINVAL) {
		t.Errorf("a level that there is not: %v", err)
	}
}

func TestWithoutTheMemoryControllerNobodyTells(t *testing.T) {
	g, _ := fakeGroup(t, "pids/pids.max")
	if _, err := g.NotifyOOM(); !errors.Is(err, driver.ErrNoController) {
		t.Errorf("OOM: %v", err)
	}
	if _, err := g.NotifyPressure("low"); !errors.Is(err, driver.ErrNoController) {
		t.Errorf("pressure: %v", err)
	}
}

func TestASignalDoesNotEndTheWaitForMoreEvents(t *testing.T) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	fd, err := unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK)
	if err != nil {
		t.Fatal(err)
	}
	n := &notice{fd: fd}
	defer unix.Close(fd)
	thread := unix.Gettid()
	go func() {
		for range 50 {
			_ = unix.Tgkill(unix.Getpid(), thread, unix.SIGURG)
			time.Sleep(time.Millisecond)
		}
		_, _ = unix.Write(fd, binary.NativeEndian.AppendUint64(nil, 7))
	}()
	if count, err := n.readWithin(cgtest.Patience); count != 7 || err != nil {
		t.Errorf("%d, %v", count, err)
	}
}
