package compile

import "github.com/opencontainers/runtime-spec/specs-go"

// capNames are the capabilities by number (capabilities(7), linux/capability.h).
var capNames = [...]string{
	"CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_DAC_READ_SEARCH", "CAP_FOWNER", "CAP_FSETID",
	"CAP_KILL", "CAP_SETGID", "CAP_SETUID", "CAP_SETPCAP", "CAP_LINUX_IMMUTABLE",
	"CAP_NET_BIND_SERVICE", "CAP_NET_BROADCAST", "CAP_NET_ADMIN", "CAP_NET_RAW",
	"CAP_IPC_LOCK", "CAP_IPC_OWNER", "CAP_SYS_MODULE", "CAP_SYS_RAWIO", "CAP_SYS_CHROOT",
	"CAP_SYS_PTRACE", "CAP_SYS_PACCT", "CAP_SYS_ADMIN", "CAP_SYS_BOOT", "CAP_SYS_NICE",
	"CAP_SYS_RESOURCE", "CAP_SYS_TIME", "CAP_SYS_TTY_CONFIG", "CAP_MKNOD", "CAP_LEASE",
	"CAP_AUDIT_WRITE", "CAP_AUDIT_CONTROL", "CAP_SETFCAP", "CAP_MAC_OVERRIDE",
	"CAP_MAC_ADMIN", "CAP_SYSLOG", "CAP_WAKE_ALARM", "CAP_BLOCK_SUSPEND", "CAP_AUDIT_READ",
	"CAP_PERFMON", "CAP_BPF", "CAP_CHECKPOINT_RESTORE",
}

// Capabilities returns the names of all capabilities that creel knows, by number.
func Capabilities() []string { return capNames[:] }

// capSets are the five sets as bit masks.
type capSets struct{ bounding, effective, permitted, inheritable, ambient uint64 }

// capabilities turns names into masks. Names nobody knows are skipped here:
// validation has warned about them. An effective capability must be permitted,
// capset(2), and an ambient one inheritable as well, prctl(2): others cannot be
// granted, which is no error (runtime-spec 1.3, config.md, "Linux Process").
func capabilities(c *specs.LinuxCapabilities) capSets {
	if c == nil {
		return capSets{}
	}
	s := capSets{
		bounding: mask(c.Bounding), effective: mask(c.Effective), permitted: mask(c.Permitted),
		inheritable: mask(c.Inheritable), ambient: mask(c.Ambient),
	}
	s.effective &= s.permitted
	s.ambient &= s.permitted & s.inheritable
	return s
}

// drop takes capabilities that cannot be granted out of all sets: the config
// should not fail for them (runtime-spec 1.3, config.md, "Linux Process").
func (s *capSets) drop(lacks uint64) {
	for _, set := range [...]*uint64{&s.bounding, &s.effective, &s.permitted, &s.inheritable, &s.ambient} {
		*set &^= lacks
	}
}

// Ungranted names the capabilities among lacks that a config asks for. In a
// user namespace everybody has all.
func Ungranted(s *specs.Spec, lacks uint64) []string {
	var names []string
	c := s.Process.Capabilities
	if c == nil || readNamespaces(s).user != nsHost {
		return nil
	}
	asked := (mask(c.Permitted) | mask(c.Effective) | mask(c.Inheritable) | mask(c.Ambient)) & lacks
	for i, n := range capNames {
		if asked>>i&1 != 0 {
			names = append(names, n)
		}
	}
	return names
}

func mask(names []string) uint64 {
	var m uint64
	for _, n := range names {
		for i, known := range capNames {
			if n == known {
				m |= 1 << i
			}
		}
	}
	return m
}
