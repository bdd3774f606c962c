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

// PrepareDevices implements driver.Group.
func (g *Group) PrepareDevices(rules []specs.LinuxDeviceCgroup) error {
	if g.absent != nil || g.filter != nil {
		return nil
	}
	policy, err := devrules.Container(rules)
	if err != nil {
		return err
	}
	if g.filter, err = devfilter.Load(policy); err != nil {
		return g.filterError(err)
	}
	return nil
}

// ApplyDevices implements driver.Group. A cgroup that was there before Create may have a filter from an earlier
// container, which gets replaced.
func (g *Group) ApplyDevices(rules []specs.LinuxDeviceCgroup) error {
	if err := g.PrepareDevices(rules); err != nil || g.filter == nil {
		return err
	}
	defer g.dropFilter()
	dir, err := g.opened()
	if err != nil {
		return fmt.Errorf("linux.resources.devices: %w", err)
	}
	place := g.filter.Replace
	if g.fresh {
		place = g.filter.Attach
	}
	if err := place(dir.FD()); err != nil {
		return g.filterError(err)
	}
	g.fresh = false
	return nil
}

func (g *Group) dropFilter() {
	if g.filter == nil {
		return
	}
	g.filter.Close()
	g.filter = nil
}

// filterError is nil where the container can do without a filter.
func (g *Group) filterError(err error) error {
	if g.mayLackFilter(err) {
		return nil
	}
	return fmt.Errorf("linux.resources.devices: device filter of %s: %w", g.record.Dirs[""], err)
}

// mayLackFilter says whether a container can do without a filter: in a user namespace nobody makes or opens device nodes that
// the host did not put there.
func (g *Group) mayLackFilter(err error) bool {
	if !errors.Is(err, unix.EPERM) && !errors.Is(err, unix.EACCES) && !errors.Is(err, unix.ENOSYS) {
		return false
	}
	return g.record.Rootless || cgfs.InUserNamespace()
}
