// Package capset has the capabilities that programs in images count on.
package capset

import "github.com/opencontainers/runtime-spec/specs-go"

// Default returns the fourteen that Docker gives to a container, and Podman and containerd with few differences: with
// them a server can begin as root, own its files and change its user.
func Default() []string {
	return []string{
		"CAP_AUDIT_WRITE", "CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER", "CAP_FSETID", "CAP_KILL", "CAP_MKNOD",
		"CAP_NET_BIND_SERVICE", "CAP_NET_RAW", "CAP_SETFCAP", "CAP_SETGID", "CAP_SETPCAP", "CAP_SETUID", "CAP_SYS_CHROOT",
	}
}

// Of returns the sets of a process with these. Nothing is inheritable or ambient (CVE-2022-24769).
func Of(names []string) *specs.LinuxCapabilities {
	return &specs.LinuxCapabilities{Bounding: names, Effective: names, Permitted: names}
}
