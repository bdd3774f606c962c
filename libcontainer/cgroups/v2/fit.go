package v2

import (
	"errors"
	"fmt"

	"golang.org/x/sys/unix"

	"github.com/creel-project/creel/libcontainer/cgroups/cgfs"
)

// fitForContainer refuses a cgroup that a new container could not have to itself (runtime-spec, config-linux.md,
// "Control groups").
func fitForContainer(dir *cgfs.Dir) error {
	events, err := dir.Read("cgroup.events")
	if err != nil {
		return err
	}
	if cgfs.Field(events, "populated") == "1" {
		pids, _ := dir.Pids()
		return fmt.Errorf("the cgroup %s is in use by %s: a container needs an empty one: %w", dir.Path(), cgfs.Describe(pids), unix.EBUSY)
	}
	if cgfs.Field(events, "frozen") == "1" {
		return fmt.Errorf("the cgroup %s is frozen, no process could start in it: %w", dir.Path(), unix.EBUSY)
	}
	return nil
}

// FitForContainer refuses, before anything is made, a cgroup that Create would refuse.
func (g *Group) FitForContainer() error {
	dir, err := cgfs.Open(g.hostDir())
	if errors.Is(err, unix.ENOENT) {
		return nil
	}
	if err != nil {
		return err
	}
	defer dir.Close()
	return fitForContainer(dir)
}
