package spec

import (
	"fmt"

	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

// onHost says why something in a namespace of this type would change the host, or "":
// the container has none of its own, or is to join the one that its runtime is in.
func (c *checker) onHost(t specs.LinuxNamespaceType) string {
	ns := c.namespace(t)
	if ns == nil {
		return fmt.Sprintf("linux.namespaces has none of type %q", t)
	}
	if ns.Path == "" || hasNUL(ns.Path) {
		return ""
	}
	var own, theirs unix.Stat_t
	if unix.Stat("/proc/self/ns/"+nsFile(t), &own) != nil || unix.Stat(ns.Path, &theirs) != nil {
		return "" // the path is judged where it is given
	}
	if own.Dev != theirs.Dev || own.Ino != theirs.Ino {
		return ""
	}
	return fmt.Sprintf("%s is the host's %s namespace", ns.Path, t)
}

// nsFile is a type's name in /proc/PID/ns (namespaces(7)).
func nsFile(t specs.LinuxNamespaceType) string {
	switch t {
	case specs.MountNamespace:
		return "mnt"
	case specs.NetworkNamespace:
		return "net"
	}
	return string(t)
}

// hostMounts refuses whatever makes or changes a mount, or nodes, where that would happen
// on the host: nothing of it is left out silently. The root filesystem itself needs no
// mount there.
func (c *checker) hostMounts() {
	why := c.onHost(specs.MountNamespace)
	if why == "" {
		return
	}
	if c.namespace(specs.MountNamespace) != nil {
		c.bad("linux.namespaces", "the root filesystem would be mounted on the host: %s", why)
		return
	}
	if c.Root != nil && c.Root.Readonly {
		c.bad("root.readonly", "true would make a directory of the host read-only: %s", why)
	}
	if n := len(c.Mounts); n > 0 {
		c.bad("mounts", "%d would be made on the host: %s", n, why)
	}
	if word := c.linux.RootfsPropagation; word != "" {
		c.bad("linux.rootfsPropagation", "%q would be set for the host's mounts: %s", word, why)
	}
	if n := len(c.linux.Devices); n > 0 {
		c.bad("linux.devices", "%d would be made on the host: %s", n, why)
	}
	for _, paths := range [...]struct {
		field string
		list  []string
	}{{"linux.maskedPaths", c.linux.MaskedPaths}, {"linux.readonlyPaths", c.linux.ReadonlyPaths}} {
		if len(paths.list) > 0 {
			c.bad(paths.field, "%q would be changed on the host: %s", paths.list, why)
		}
	}
}
