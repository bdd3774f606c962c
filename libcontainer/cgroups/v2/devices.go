package v2

import (
	"errors"
	"fmt"

	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"

	"github.com/creel-project/creel/libcontainer/cgroups/cgfs"
	"github.com/creel-project/creel/libcontainer/cgroups/devfilter"
	"github.com/creel-project/creel/libcontainer/cgroups/devrules"
)

// applyDevices gives the cgroup its device filter. One that was there before Create may have a filter from an
// earlier container.
func (g *Group) applyDevices(rules []specs.LinuxDeviceCgroup) error {
	if !g.fresh {
		return g.replaceDevices(rules)
	}
	return g.filter(rules, devfilter.Attach)
}

func (g *Group) replaceDevices(rules []specs.LinuxDeviceCgroup) error {
	return g.filter(rules, devfilter.Replace)
}

func (g *Group) filter(rules []specs.LinuxDeviceCgroup, place func(int, devrules.List) error) error {
	policy, err := devrules.Container(rules)
	if err != nil || g.absent != nil {
		return err
	}
	dir, err := g.opened()
	if err != nil {
		return fmt.Errorf("linux.resources.devices: %w", err)
	}
	err = place(dir.FD(), policy)
	if err == nil {
		g.fresh = false
		return nil
	}
	if g.mayLackFilter(err) {
		return nil
	}
	return fmt.Errorf("linux.resources.devices: device filter of %s: %w", dir.Path(), err)
}

// mayLackFilter says whether a container can do without a filter: in a user namespace nobody makes or opens device nodes that
// the host did not put there.
func (g *Group) mayLackFilter(err error) bool {
	if !errors.Is(err, unix.EPERM) && !errors.Is(err, unix.EACCES) && !errors.Is(err, unix.ENOSYS) {
		return false
	}
	return g.record.Rootless || cgfs.InUserNamespace()
}

// ApplyDevices sets the device filter alone, for a hybrid machine without v1's devices controller.
func (g *Group) ApplyDevices(rules []specs.LinuxDeviceCgroup) error { return g.applyDevices(rules) }
