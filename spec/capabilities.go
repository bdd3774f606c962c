package spec

import (
	"slices"
	"strings"

	"github.com/opencontainers/runtime-spec/specs-go"
)

// capabilities warns of what cannot be granted: the specification wants a container to
// be created all the same, without it.
func (c *checker) capabilities(caps *specs.LinuxCapabilities) {
	if caps == nil {
		return
	}
	const field = "process.capabilities."
	for _, set := range [...]struct {
		name string
		caps []string
	}{
		{"bounding", caps.Bounding}, {"effective", caps.Effective}, {"inheritable", caps.Inheritable},
		{"permitted", caps.Permitted}, {"ambient", caps.Ambient},
	} {
		for i, name := range set.caps {
			if !isCapability(name) {
				c.warn(at(field+set.name, i), "%q is not a capability of Linux (capabilities(7)): it is not granted", name)
			}
		}
	}
	c.notGranted(field+"effective", "not permitted", caps.Effective, func(name string) bool {
		return slices.Contains(caps.Permitted, name)
	})
	if c.Process.User.UID == 0 {
		// What root executes has the permitted set whatever is ambient (capabilities(7),
		// "Capabilities and execution of programs by root"). The templates of runc up to
		// 1.1 have a set that is not inheritable: nobody misses anything.
		return
	}
	c.notGranted(field+"ambient", "not both permitted and inheritable", caps.Ambient, func(name string) bool {
		return slices.Contains(caps.Permitted, name) && slices.Contains(caps.Inheritable, name)
	})
}

// notGranted warns, in one line, of the capabilities in a set that the others do not allow.
func (c *checker) notGranted(field, why string, set []string, allowed func(string) bool) {
	var names []string
	for _, name := range set {
		if isCapability(name) && !allowed(name) {
			names = append(names, name)
		}
	}
	if len(names) > 0 {
		c.warn(field, "%s, and so not granted: %s", why, strings.Join(names, ", "))
	}
}

// isCapability knows the capabilities up to Linux 5.9, the newest there are.
func isCapability(name string) bool {
	switch name {
	case "CAP_AUDIT_CONTROL", "CAP_AUDIT_READ", "CAP_AUDIT_WRITE", "CAP_BLOCK_SUSPEND", "CAP_BPF",
		"CAP_CHECKPOINT_RESTORE", "CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_DAC_READ_SEARCH", "CAP_FOWNER",
		"CAP_FSETID", "CAP_IPC_LOCK", "CAP_IPC_OWNER", "CAP_KILL", "CAP_LEASE", "CAP_LINUX_IMMUTABLE",
		"CAP_MAC_ADMIN", "CAP_MAC_OVERRIDE", "CAP_MKNOD", "CAP_NET_ADMIN", "CAP_NET_BIND_SERVICE",
		"CAP_NET_BROADCAST", "CAP_NET_RAW", "CAP_PERFMON", "CAP_SETFCAP", "CAP_SETGID", "CAP_SETPCAP",
		"CAP_SETUID", "CAP_SYSLOG", "CAP_SYS_ADMIN", "CAP_SYS_BOOT", "CAP_SYS_CHROOT", "CAP_SYS_MODULE",
		"CAP_SYS_NICE", "CAP_SYS_PACCT", "CAP_SYS_PTRACE", "CAP_SYS_RAWIO", "CAP_SYS_RESOURCE",
		"CAP_SYS_TIME", "CAP_SYS_TTY_CONFIG", "CAP_WAKE_ALARM":
		return true
	}
	return false
}
