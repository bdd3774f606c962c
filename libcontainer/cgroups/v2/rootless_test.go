package v2

import (
	"errors"
	"os"
	"runtime"
	"strings"
	"testing"

	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"

	"github.com/creel-project/creel/libcontainer/cgroups/cgtest"
	"github.com/creel-project/creel/libcontainer/cgroups/driver"
)

// asNobody runs f on a thread of its own without any privilege. The thread ends with it.
func asNobody(t *testing.T, f func()) {
	t.Helper()
	done := make(chan error)
	go func() {
		runtime.LockOSThread() // and never unlocked
		if _, _, errno := unix.RawSyscall(unix.SYS_SETRESUID, 65534, 65534, 65534); errno != 0 {
			done <- errno
			return
		}
		f()
		done <- nil
	}()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
}

func TestRootlessContainerDoesWithoutACgroup(t *testing.T) {
	asNobody(t, func() {
		g := groupAt(t, driver.Options{Rootless: true}, "/"+cgtest.Name())
		if err := g.Create(); err != nil {
			t.Errorf("create: %v", err)
			return
		}
		if _, ok := g.SpawnFD(); ok {
			t.Error("there is an fd to spawn into")
		}
		res := &specs.LinuxResources{
			Pids: &specs.LinuxPids{Limit: ptr[int64](-1)},
		}
		if err := errors.Join(g.Join(os.Getpid(), false), g.ApplyEarly(res), g.ApplyDevices([]specs.LinuxDeviceCgroup{{Access: "rwm"}}), g.Apply(res), g.Chown(1, 1), g.Destroy()); err != nil {
			t.Error(err)
		}
		err := g.ApplyEarly(&specs.LinuxResources{Pids: &specs.LinuxPids{Limit: ptr[int64](5)}})
		if !errors.Is(err, driver.ErrNoCgroup) || !errors.Is(err, unix.EACCES) {
			t.Errorf("a limit: %v", err)
		}
	})
}

func TestRootlessContainerInADelegatedCgroupHasNoDeviceFilter(t *testing.T) {
	parent := created(t)
	if err := parent.Chown(65534, 65534); err != nil {
		t.Fatal(err)
	}
	asNobody(t, func() {
		g := groupAt(t, driver.Options{Rootless: true}, parent.record.Path+"/web")
		if err := g.Create(); err != nil {
			t.Error(err)
			return
		}
		if err := g.ApplyDevices(nil); err != nil {
			t.Error(err)
		}
		if err := g.Destroy(); err != nil {
			t.Error(err)
		}
	})
}

func TestWithoutPrivilegeCreateFailsAndSaysWhy(t *testing.T) {
	asNobody(t, func() {
		g := groupAt(t, driver.Options{}, "/"+cgtest.Name())
		if err := g.Create(); !errors.Is(err, unix.EACCES) || !strings.HasPrefix(err.Error(), "linux.cgroupsPath /") {
			t.Errorf("got %v", err)
		}
	})
}
