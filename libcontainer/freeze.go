package libcontainer

import (
	"fmt"

	"github.com/creel-project/creel/libcontainer/cgroups"
	"github.com/creel-project/creel/libcontainer/cgroups/v1"
	"github.com/opencontainers/runtime-spec/specs-go"
)

// StatePaused is the status of a container between Pause and Resume, be it created
// or running. The specification lets runtimes have statuses of their own.
const StatePaused specs.ContainerState = "paused"

// Pause stops all processes of a created or running container and returns when
// they have stopped. Otherwise the error wraps ErrNotRunning, also if it is paused already.
func (c *Container) Pause() error {
	st, err := c.State()
	if err != nil {
		return err
	}
	switch st.Status {
	case specs.StateCreated, specs.StateRunning:
	case specs.StateStopped:
		return ErrNotRunning
	default:
		return fmt.Errorf("%w: %s", ErrNotRunning, st.Status)
	}
	if err := c.withCgroup(cgroups.Group.Freeze); err != nil {
		return err
	}
	c.rt.debug("container %s is paused", c.id)
	return nil
}

// Resume lets the processes of a paused container go on. Of any other the error
// is ErrNotPaused.
func (c *Container) Resume() error {
	st, err := c.State()
	if err != nil {
		return err
	}
	if st.Status != StatePaused {
		return ErrNotPaused
	}
	if err := c.withCgroup(cgroups.Group.Thaw); err != nil {
		return err
	}
	c.rt.debug("container %s is resumed", c.id)
	return nil
}

func (c *Container) frozen() (bool, error) { return cgroups.Frozen(&c.rec.Cgroup) }

// letDie resumes a killed container where its processes would not die frozen:
// cgroup v2 ends them as they are.
func (c *Container) letDie() error {
	if c.rec.Cgroup.Driver != v1.Name {
		return nil
	}
	frozen, err := c.frozen()
	if err != nil || !frozen {
		return err
	}
	return c.withCgroup(cgroups.Group.Thaw)
}
