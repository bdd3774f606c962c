package libcontainer

import (
	"fmt"
	"slices"

	"github.com/creel-project/creel/libcontainer/cgroups"
	"github.com/creel-project/creel/libcontainer/rdt"
)

// Stats reads what the container uses of the machine, and what resctrl tells of its group. The error wraps
// cgroups.ErrNoCgroup if it has no cgroup, as an ordinary user's may.
func (c *Container) Stats() (*cgroups.Stats, error) {
	s, err := ofCgroup(c, cgroups.Group.Stats)
	if err != nil || c.rec.RDT == nil {
		return s, err
	}
	of, err := rdt.Open(*c.rec.RDT).Stats()
	if err != nil {
		return nil, fmt.Errorf("linux.intelRdt: %w", err)
	}
	s.IntelRdt = *of
	return s, nil
}

// NotifyOOM returns a Notice of processes of the container that are killed for want of memory. The error wraps
// cgroups.ErrNoController where nobody counts the container's memory.
func (c *Container) NotifyOOM() (cgroups.Notice, error) { return ofCgroup(c, cgroups.Group.NotifyOOM) }

// NotifyMemoryPressure returns a Notice of memory getting short; level is "low", "medium" or "critical". Only
// cgroup v1 has it: elsewhere the error wraps cgroups.ErrNoController.
func (c *Container) NotifyMemoryPressure(level string) (cgroups.Notice, error) {
	return ofCgroup(c, func(cg cgroups.Group) (cgroups.Notice, error) { return cg.NotifyPressure(level) })
}

// Processes returns the pids of all processes in the container's cgroup and the cgroups below it, in ascending
// order. It is nil when there are none.
func (c *Container) Processes() ([]int, error) {
	pids, err := ofCgroup(c, cgroups.Group.Pids)
	slices.Sort(pids)
	return pids, err
}
