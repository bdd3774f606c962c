// Package none is for containers without a cgroup of their own, as
// --cgroup-manager=disabled asks for: they stay in the caller's.
package none

import (
	"fmt"
	"strings"

	"github.com/creel-project/creel/libcontainer/cgroups/driver"
	"github.com/creel-project/creel/libcontainer/cgroups/stats"
	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

// Name is the driver's name in a record.
const Name = "disabled"

// Group is the cgroup that a container has not got. It implements driver.Group.
type Group struct {
	warn func(string)
	view func() (driver.MountView, error)
}

var _ driver.Group = (*Group)(nil)

// New returns no cgroup. view describes the host's hierarchies and the caller's place in them.
func New(o driver.Options, view func() (driver.MountView, error)) *Group {
	return &Group{warn: o.Warn, view: view}
}

// Record implements driver.Group: there is nothing to find again.
func (g *Group) Record() driver.Record { return driver.Record{Driver: Name} }

// SpawnFD implements driver.Group.
func (g *Group) SpawnFD() (fd int, ok bool) { return -1, false }

// ApplyEarly says which limits nobody sets. Rules on devices are in every config.
func (g *Group) ApplyEarly(r *specs.LinuxResources) error {
	if r == nil || g.warn == nil {
		return nil
	}
	var asked []string
	for _, l := range [...]struct {
		name string
		set  bool
	}{
		{"memory", r.Memory != nil}, {"cpu", r.CPU != nil}, {"pids", r.Pids != nil}, {"blockIO", r.BlockIO != nil},
		{"hugepageLimits", len(r.HugepageLimits) > 0}, {"network", r.Network != nil}, {"rdma", len(r.Rdma) > 0}, {"unified", len(r.Unified) > 0},
	} {
		if l.set {
			asked = append(asked, l.name)
		}
	}
	if len(asked) > 0 {
		g.warn(fmt.Sprintf("linux.resources: %s: not limited, as there is no cgroup", strings.Join(asked, ", ")))
	}
	return nil
}

// MountView implements driver.Group.
func (g *Group) MountView() (driver.MountView, error) { return g.view() }

// OfProcess implements driver.Group: a further process of the container has no cgroup either.
func (g *Group) OfProcess(int) (driver.Group, error) { return g, nil }

// Frozen implements driver.Group: nobody can freeze what is in no cgroup.
func (g *Group) Frozen() (bool, error) { return false, nil }

// What there is nothing to do for.

func (g *Group) Create() error                                  { return nil }
func (g *Group) Join(int, bool) error                           { return nil }
func (g *Group) PrepareDevices([]specs.LinuxDeviceCgroup) error { return nil }
func (g *Group) ApplyDevices([]specs.LinuxDeviceCgroup) error   { return nil }
func (g *Group) Apply(*specs.LinuxResources) error              { return nil }
func (g *Group) Chown(int, int) error                           { return nil }
func (g *Group) Destroy() error                                 { return nil }
func (g *Group) Close() error                                   { return nil }

// What cannot be done without a cgroup.

func (g *Group) Update(*specs.LinuxResources) error           { return driver.ErrNoCgroup }
func (g *Group) Pids() ([]int, error)                         { return nil, driver.ErrNoCgroup }
func (g *Group) Freeze() error                                { return driver.ErrNoCgroup }
func (g *Group) Thaw() error                                  { return driver.ErrNoCgroup }
func (g *Group) Kill(unix.Signal) error                       { return driver.ErrNoCgroup }
func (g *Group) Stats() (*stats.Stats, error)                 { return nil, driver.ErrNoCgroup }
func (g *Group) NotifyOOM() (driver.Notice, error)            { return nil, driver.ErrNoCgroup }
func (g *Group) NotifyPressure(string) (driver.Notice, error) { return nil, driver.ErrNoCgroup }
func (g *Group) OOM() (driver.OOMInfo, error)                 { return driver.OOMInfo{}, driver.ErrNoCgroup }
func (g *Group) Sub(string, ...string) (driver.Group, error)  { return nil, driver.ErrNoCgroup }
