package driver

// OOMInfo tells what the memory controller knows about a container's end. Sizes are in bytes; a Limit
// of 0 means that there is none, and a zero Usage or Peak that the kernel does not tell (memory.peak
// needs Linux 5.19).
type OOMInfo struct {
	Killed uint64 // processes that the OOM killer ended in this cgroup and below it
	Limit  uint64
	Usage  uint64
	Peak   uint64
}

// Hierarchy is one cgroup mount of the host and the container's place in it.
type Hierarchy struct {
	// Key is the one of Record.Dirs: the option string for mounting this hierarchy afresh
	// ("cpu,cpuacct", "name=systemd"), "" for cgroup2.
	Key string
	// Name is the directory of the hierarchy below /sys/fs/cgroup: the last element of the host's mount
	// point ("cpu,cpuacct", "systemd", "unified"), "" on a machine with cgroup v2 alone.
	Name string
	// HostDir is what a container in the host's cgroup namespace sees of it, an absolute path of the host. On v1 that is its
	// own cgroup (its caller's where it has none), on version 2 all that the host has mounted.
	HostDir string
	// Aliases are the names beside Name that point to it by symbolic link ("cpu", "cpuacct").
	Aliases []string
}

// MountView is what a container's /sys/fs/cgroup is made from.
type MountView struct {
	// Version is 2 where cgroup2 alone is mounted, else 1.
	Version int
	// Hierarchies holds one entry for each hierarchy, in mount order for a new container; on version 2 exactly one. On a
	// hybrid machine the cgroup2 hierarchy is among them, with the Key "".
	Hierarchies []Hierarchy
}
