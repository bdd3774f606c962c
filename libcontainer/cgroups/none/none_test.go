package none

import (
	"errors"
	"testing"

	"github.com/creel-project/creel/libcontainer/cgroups/driver"
	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

func TestWhatNeedsACgroupSaysThatThereIsNone(t *testing.T) {
	g := New(driver.Options{}, nil)
	_, pids := g.Pids()
	_, oom := g.OOM()
	_, sub := g.Sub("x")
	for i, err := range []error{pids, oom, sub, g.Kill(unix.SIGKILL), g.Freeze(), g.Thaw(), g.Update(&specs.LinuxResources{})} {
		if !errors.Is(err, driver.ErrNoCgroup) {
			t.Errorf("call %d: %v", i, err)
		}
	}
	if other, err := g.OfProcess(1); other != driver.Group(g) || err != nil {
		t.Errorf("another process has %v, %v", other, err)
	}
}

func TestEveryLimitThatIsNotSetIsNamed(t *testing.T) {
	var said string
	g := New(driver.Options{Warn: func(s string) { said += s }}, nil)
	for want, r := range map[string]*specs.LinuxResources{
		"": {Devices: []specs.LinuxDeviceCgroup{{}}},
		"linux.resources: cpu, unified: not limited, as there is no cgroup": {CPU: &specs.LinuxCPU{}, Unified: map[string]string{"a.b": "c"}},
	} {
		said = ""
		if err := g.ApplyEarly(r); err != nil || said != want {
			t.Errorf("%v, %q, want %q", err, said, want)
		}
	}
	if err := g.ApplyEarly(nil); err != nil {
		t.Error(err)
	}
}
