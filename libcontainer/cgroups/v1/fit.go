package v1

import (
	"errors"
	"fmt"

	"golang.org/x/sys/unix"

	"github.com/creel-project/creel/libcontainer/cgroups/cgfs"
)

// fitForContainer refuses a cgroup that a new container could not have to itself (runtime-spec, config-linux.md,
// "Control groups").
func fitForContainer(h *hierarchy) error {
	dir, err := cgfs.Open(h.hostDir)
	if errors.Is(err, unix.ENOENT) {
		return nil
	}
	if err != nil {
		return err
	}
	defer dir.Close()
	pids, err := dir.Pids()
	if err != nil {
		return err
	}
	if len(pids) > 0 {
		return fmt.Errorf("the cgroup %s is in use by %s: a container needs an empty one: %w", h.hostDir, cgfs.Describe(pids), unix.EBUSY)
	}
	if !hasController(h.key, "freezer") {
		return nil
	}
	state, err := dir.Read(freezerState)
	if err == nil && state != thawed {
		err = fmt.Errorf("the cgroup %s is frozen, no process could start in it: %w", h.hostDir, unix.EBUSY)
	}
	return err
}
