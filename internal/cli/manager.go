package cli

import "fmt"

// cgroupManager reads --cgroup-manager, which is crun's, and --systemd-cgroup, which is
// runc's: who makes the cgroups of new containers, if they are to have any.
func cgroupManager(name string, systemdCgroup bool) (systemd, disabled bool, err error) {
	switch name {
	case "cgroupfs", "":
		return systemdCgroup, false, nil
	case "systemd":
		return true, false, nil
	case "disabled":
		if systemdCgroup {
			return false, false, fmt.Errorf("--cgroup-manager %s: --systemd-cgroup asks for the opposite", name)
		}
		return false, true, nil
	}
	return false, false, fmt.Errorf("--cgroup-manager %q: it takes cgroupfs, systemd or disabled", name)
}
