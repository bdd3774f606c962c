package driver

import "github.com/opencontainers/runtime-spec/specs-go"

// Options says which cgroup a container gets.
type Options struct {
	// ID is the container's id; "/ID" is the path when CgroupsPath is empty.
	ID string
	// CgroupsPath is linux.cgroupsPath: absolute below each hierarchy's mount point, relative below
	// the caller's own cgroup. "/../" never leaves the mount point.
	CgroupsPath string
	// Rootless tolerates that the caller may neither make cgroups nor load device filters, as long as
	// no limit is asked for.
	Rootless bool
	// Systemd asks systemd for a scope; CgroupsPath is then "slice:prefix:name". With Rootless it is the caller's own systemd.
	Systemd bool
	// Properties are further ones of the scope: GVariant texts by name.
	Properties map[string]string
	// OOMGroup says that the limits will have memory.oom.group, which systemd is told when it makes the scope or never.
	OOMGroup bool
	// Devices are the rules of linux.resources.devices, which systemd is told on cgroup v1.
	Devices []specs.LinuxDeviceCgroup
	// Disabled means no cgroup at all: the container stays in the caller's.
	Disabled bool
	// Warn receives one sentence for each setting that has no effect on this machine. Nil discards.
	Warn func(msg string)
}

// ContainerPath returns the path that the options ask for: absolute below the mount point, or relative to the caller's
// own cgroup.
func ContainerPath(o Options) string {
	switch {
	case o.CgroupsPath != "":
		return o.CgroupsPath
	case o.Rootless:
		return o.ID
	}
	return "/" + o.ID
}
