package libcontainer

import (
	"fmt"

	"github.com/creel-project/creel/libcontainer/cgroups"
	"github.com/creel-project/creel/libcontainer/cgroups/driver"
	"github.com/opencontainers/runtime-spec/specs-go"
)

// Update changes limits of a container that has not stopped. What res leaves out
// stays as it is; so does all if something cannot be set. Rules for devices, unless there are none,
// replace those in force. Memory in use is looked at before a limit is set, on cgroup v2, if res says so
// or, where it says nothing, the container's config (runtime-spec, config-linux.md, "memory.checkBeforeUpdate").
// res must be valid: see spec.ValidateResources.
func (c *Container) Update(res *specs.LinuxResources) error {
	st, err := c.State()
	switch {
	case err != nil:
		return err
	case st.Status == specs.StateStopped:
		return ErrNotRunning
	case st.Status == specs.StateCreating:
		return fmt.Errorf("%w: %s", ErrNotRunning, st.Status)
	}
	wanted := *res
	if res.Memory != nil {
		memory := *res.Memory
		if memory.CheckBeforeUpdate == nil {
			memory.CheckBeforeUpdate = &c.rec.CheckMemory
		}
		driver.WarnIgnored(&memory, c.rt.warn)
		wanted.Memory = &memory
	}
	if err := c.withCgroup(func(cg cgroups.Group) error { return cg.Update(&wanted) }); err != nil {
		return err
	}
	c.rt.debug("limits of container %s are updated", c.id)
	return nil
}
