package cli

import (
	"errors"
	"fmt"
)

var errNoSystemd = errors.New("this build drives cgroups through their file system only")

// cgroupManager reads --cgroup-manager, which is crun's: who makes the cgroups of
// new containers, if they are to have any.
func cgroupManager(s string) (disabled bool, err error) {
	switch s {
	case "cgroupfs", "":
		return false, nil
	case "disabled":
		return true, nil
	case "systemd":
		return false, fmt.Errorf("--cgroup-manager systemd: %w", errNoSystemd)
	}
	return false, fmt.Errorf("--cgroup-manager %q: it takes cgroupfs, systemd or disabled", s)
}
