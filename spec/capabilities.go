package spec

import (
	"slices"

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
	for i, name := range caps.Effective {
		if isCapability(name) && !slices.Contains(caps.Permitted, name) {
			c.warn(at(field+"effective", i), "%s is not permitted: it is not granted", name)
		}
	}
	for i, name := range caps.Ambient {
		if isCapability(name) && !(slices.Contains(caps.Permitted, name) && slices.Contains(caps.Inheritable, name)) {
			c.warn(at(field+"ambient", i), "%s is not both permitted and inheritable: it is not granted", name)
		}
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
