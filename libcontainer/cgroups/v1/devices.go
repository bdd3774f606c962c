package v1

import (
	"errors"
	"fmt"

	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"

	"github.com/creel-project/creel/libcontainer/cgroups/cgfs"
	"github.com/creel-project/creel/libcontainer/cgroups/devrules"
)

const (
	allowFile = "devices.allow"
	denyFile  = "devices.deny"
	// allowsAll is devices.list of a cgroup that allows everything, or everything with exceptions.
	allowsAll = "a *:* rwm"
)

// PrepareDevices implements driver.Group. Only a filter in cgroup2 can be prepared.
func (g *Group) PrepareDevices(rules []specs.LinuxDeviceCgroup) error {
	if g.controller("devices") == nil && g.unified != nil {
		return g.unified.PrepareDevices(rules)
	}
	return nil
}

// ApplyDevices implements driver.Group: it makes the device list of the cgroup the wanted one. The kernel keeps one behaviour and one list of
// exceptions from it; exceptions from exceptions it cannot keep. A list that stays of the same behaviour changes
// rule by rule, what is new first; otherwise all is denied for a moment.
func (g *Group) ApplyDevices(rules []specs.LinuxDeviceCgroup) error {
	policy, err := devrules.Container(rules)
	if err != nil {
		return err
	}
	h := g.controller("devices")
	switch {
	case h == nil && g.unified != nil:
		return g.unified.ApplyDevices(rules)
	case h == nil && len(rules) > 0 && !g.record.Rootless:
		return errors.New("linux.resources.devices: the cgroup v1 controller devices is not mounted on this machine")
	case h == nil || h.absent != nil:
		return nil
	}
	if r, ok := exceptional(&policy); ok {
		return fmt.Errorf("linux.resources.devices: %s %s is an exception from an earlier exception, which cgroup v1 cannot express", verb(r.Allow), r)
	}
	dir, err := h.opened()
	if err == nil {
		err = writeDevices(dir, &policy)
	}
	if err != nil && g.mayLackDevices(err) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("linux.resources.devices: %w", err)
	}
	return nil
}

// mayLackDevices says whether a container can do without the list: in a user namespace nobody makes or opens device nodes
// that the host did not put there.
func (g *Group) mayLackDevices(err error) bool {
	if !errors.Is(err, unix.EPERM) && !errors.Is(err, unix.EACCES) {
		return false
	}
	return g.record.Rootless || cgfs.InUserNamespace()
}

func verb(allow bool) string {
	if allow {
		return "allowing"
	}
	return "denying"
}

// exceptional returns a rule that decides as the policy does without any rule.
func exceptional(l *devrules.List) (devrules.Rule, bool) {
	for _, r := range l.Rules {
		if r.Allow == l.Allow {
			return r, true
		}
	}
	return devrules.Rule{}, false
}
