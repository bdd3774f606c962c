package v1

import (
	"errors"
	"fmt"
	"strings"

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

// applyDevices makes the device list of the cgroup the wanted one. The kernel keeps one behaviour and one list of
// exceptions from it; exceptions from exceptions it cannot keep. A list that stays of the same behaviour changes
// rule by rule, what is new first; otherwise all is denied for a moment.
func (g *Group) applyDevices(rules []specs.LinuxDeviceCgroup) error {
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

func writeDevices(dir *cgfs.Dir, policy *devrules.List) error {
	if policy.Allow {
		// What exceptions there are cannot be read from the kernel: begin without any.
		if err := dir.Write(allowFile, "a"); err != nil {
			return err
		}
		return writeLines(dir, denyFile, policy, "")
	}
	now, err := dir.Read("devices.list")
	if err != nil {
		return err
	}
	if now == allowsAll {
		if err := dir.Write(denyFile, "a"); err != nil {
			return err
		}
		now = ""
	}
	if err := writeLines(dir, allowFile, policy, now); err != nil {
		return err
	}
	for line := range strings.Lines(now) {
		device, access := cutAccess(line)
		if drop := without(access, accessTo(policy, device)); drop != "" {
			if err := dir.Write(denyFile, device+" "+drop); err != nil {
				return err
			}
		}
	}
	return nil
}

// writeLines writes the rules of a policy but those that the kernel has already.
func writeLines(dir *cgfs.Dir, file string, policy *devrules.List, now string) error {
	for line := range lines(policy) {
		if hasLine(now, line) {
			continue
		}
		if err := dir.Write(file, line); err != nil {
			return err
		}
	}
	return nil
}

// accessTo returns the letters that a policy has for a device as the kernel writes it, such as "c 1:3".
func accessTo(policy *devrules.List, device string) string {
	for line := range lines(policy) {
		if d, access := cutAccess(line); d == device {
			return access
		}
	}
	return ""
}

// cutAccess splits "c 1:3 rwm" before its last word.
func cutAccess(line string) (device, access string) {
	line = strings.TrimSuffix(line, "\n")
	i := strings.LastIndexByte(line, ' ')
	return line[:max(i, 0)], line[i+1:]
}

// without returns the letters of a that are not in b.
func without(a, b string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(b, r) {
			return -1
		}
		return r
	}, a)
}

// lines yields the rules of a policy as the kernel lists them, one type each.
func lines(l *devrules.List) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for _, r := range l.Rules {
			for _, typ := range [...]devrules.Types{devrules.Block, devrules.Char} {
				one := r
				one.Types = typ
				if r.Types&typ != 0 && !yield(one.String()) {
					return
				}
			}
		}
	}
}

func hasLine(text, want string) bool {
	for line := range strings.Lines(text) {
		if strings.TrimSuffix(line, "\n") == want {
			return true
		}
	}
	return false
}
