package libcontainer

import (
	"slices"

	"github.com/creel-project/creel/libcontainer/cgroups"
)

// Stats reads what the container uses of the machine. The error wraps cgroups.ErrNoCgroup if it has no cgroup,
// as an ordinary user's may.
func (c *Container) Stats() (*cgroups.Stats, error) { return ofCgroup(c, cgroups.Group.Stats) }

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
