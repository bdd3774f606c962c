package spec

import (
	"strings"

	"github.com/opencontainers/runtime-spec/specs-go"
)

// sysctls refuses kernel parameters that do not belong to a namespace of the
// container: they would change the host.
func (c *checker) sysctls() {
	for _, name := range sortedKeys(c.linux.Sysctl) {
		field := key("linux.sysctl", name)
		parts, ok := sysctlParts(name)
		if !ok {
			c.bad(field, "%q is not the name of a kernel parameter, like net.ipv4.ip_forward or net/ipv4/ip_forward", name)
			continue
		}
		c.text(field, c.linux.Sysctl[name])
		c.sysctl(field, parts)
	}
}

// sysctlParts splits a name as sysctl(8) does: the first separator says whether it is
// the dot or the slash that separates; the other one stands for itself swapped.
func sysctlParts(name string) ([]string, bool) {
	sep, other := ".", "/"
	if i := strings.IndexAny(name, "./"); i >= 0 && name[i] == '/' {
		sep, other = other, sep
	}
	parts := strings.Split(name, sep)
	for i, p := range parts {
		if sep == "." {
			parts[i] = strings.ReplaceAll(p, other, sep)
		}
		if p == "" || parts[i] == "." || parts[i] == ".." || strings.ContainsAny(p, "\x00\n") {
			return nil, false
		}
	}
	return parts, len(parts) > 1
}

func (c *checker) sysctl(field string, parts []string) {
	name := strings.Join(parts[1:], "/")
	switch {
	case parts[0] == "net":
		c.needs(field, specs.NetworkNamespace)
	case parts[0] == "fs" && parts[1] == "mqueue", parts[0] == "kernel" && isIPCSysctl(name):
		c.needs(field, specs.IPCNamespace)
	case parts[0] == "kernel" && name == "hostname":
		c.bad(field, "it is set by the field hostname")
	case parts[0] == "kernel" && name == "domainname":
		c.needs(field, specs.UTSNamespace)
		if c.Domainname != "" {
			c.bad(field, "it is set by the field domainname already, to %q", c.Domainname)
		}
	case parts[0] == "user":
		c.needs(field, specs.UserNamespace)
	default:
		c.bad(field, "it belongs to no namespace: it would change the host")
	}
}

// isIPCSysctl knows the kernel parameters of IPC namespaces (ipc/ipc_sysctl.c).
func isIPCSysctl(name string) bool {
	switch name {
	case "auto_msgmni", "msgmax", "msgmnb", "msgmni", "msg_next_id", "sem", "sem_next_id",
		"shmall", "shmmax", "shmmni", "shm_next_id", "shm_rmid_forced":
		return true
	}
	return false
}

// needs wants a namespace other than the runtime's own.
func (c *checker) needs(field string, t specs.LinuxNamespaceType) {
	if why := c.onHost(t); why != "" {
		c.bad(field, "it would change the host: %s", why)
	}
}
