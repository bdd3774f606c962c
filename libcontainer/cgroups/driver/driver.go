// Package driver holds what package cgroups and its drivers agree on: the interface that every driver
// implements and the values that pass through it. Programs use the names that package cgroups gives them.
package driver

import (
	"errors"

	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

// ErrNoCgroup is wrapped by the methods that need the cgroup when it is not there: it was never made
// (a rootless caller may not make any), or it is gone already.
var ErrNoCgroup = errors.New("the container has no cgroup")

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
	// Warn receives one sentence for each setting that has no effect on this machine. Nil discards.
	Warn func(msg string)
}

// Record is what the container's state keeps: enough for another process to find, signal and remove the
// cgroup. It is complete before anything is made, except for Existed and Made, which Create fills in.
type Record struct {
	// Driver is "v1" (which covers hybrid machines) or "v2".
	Driver string `json:"driver"`
	// Path is the cgroup below each hierarchy's mount point, for example "/web".
	Path string `json:"path"`
	// Dirs maps a hierarchy to the cgroup's absolute directory in it. The key is the hierarchy's
	// controller set as its mount options write it ("cpu,cpuacct", "name=systemd"), and "" for cgroup v2.
	Dirs map[string]string `json:"dirs"`
	// Mounts maps the same keys to the mount points, on v1.
	Mounts map[string]string `json:"mounts,omitempty"`
	// Existed holds the keys of Dirs whose directory was there, empty, before Create: Destroy ends
	// their processes but leaves the directories, which belong to somebody else (runtime-spec, delete).
	Existed []string `json:"existed,omitempty"`
	// Made holds the absolute parent directories that Create made on the way, outermost first. Destroy
	// removes those that nobody else uses.
	Made []string `json:"made,omitempty"`
	// Rootless repeats Options.Rootless.
	Rootless bool `json:"rootless,omitempty"`
}

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
	// HostDir is the container's cgroup on the host, an absolute path.
	HostDir string
	// Aliases are the names beside Name that point to it by symbolic link ("cpu", "cpuacct").
	Aliases []string
}

// MountView is what a container's /sys/fs/cgroup is made from.
type MountView struct {
	// Version is 2 where cgroup2 alone is mounted, else 1.
	Version int
	// Hierarchies holds one entry for each hierarchy, in mount order; on version 2 exactly one. On a
	// hybrid machine the cgroup2 hierarchy is among them, with the Key "".
	Hierarchies []Hierarchy
}

// Group is one container's cgroup, in all hierarchies of the machine. It is not safe for concurrent use.
// Errors name the field of config.json that asked, the value, the file and the cause.
type Group interface {
	// Record returns what to keep on disk. Call it once before Create and once after it.
	Record() Record

	// Create makes the directories, enables controllers for them (v2) and inherits cpuset settings (v1).
	// A cgroup that exists is taken if it is empty and not frozen. What a failing Create made, it removes.
	Create() error

	// SpawnFD returns a directory fd for clone3's CLONE_INTO_CGROUP (Linux 5.7). It stays the Group's own. Not ok
	// where there is no cgroup2 hierarchy, or the group was not made.
	SpawnFD() (fd int, ok bool)

	// Join moves a process, not yet threaded, into every hierarchy that SpawnFD does not cover: into none on v2. When
	// spawned is false, because CLONE_INTO_CGROUP was not used, it moves it in all.
	Join(pid int, spawned bool) error

	// ApplyEarly sets everything but memory limits: the device filter (with nil or empty resources too: deny
	// all but the default devices), cpu, pids, io, … It must be done before the process runs foreign code.
	ApplyEarly(res *specs.LinuxResources) error

	// Apply sets the memory limits, which must wait until the namespaces exist: the kernel charges a
	// copied mount table and a network namespace to the cgroup.
	Apply(res *specs.LinuxResources) error

	// Update changes the limits of a running container: all that ApplyEarly and Apply set, but the device filter
	// only if res.Devices is not nil. There is no moment without a filter.
	Update(res *specs.LinuxResources) error

	// Pids returns all processes, those of sub-cgroups included.
	Pids() ([]int, error)

	// Freeze stops all processes and returns when they have stopped. Thaw lets them go on.
	Freeze() error
	Thaw() error
	Frozen() (bool, error)

	// Kill signals all processes, new ones included: none escapes by forking. After SIGKILL a frozen
	// group is thawed where its processes could not die otherwise. It does not wait for their end.
	Kill(sig unix.Signal) error

	// OOM reads the memory controller's counters.
	OOM() (OOMInfo, error)

	// Destroy kills what is left, waits until it is gone and removes the cgroup with its
	// sub-cgroups. A cgroup that is gone already is no error.
	Destroy() error

	// MountView describes the host's hierarchies and the container's place in them.
	MountView() (MountView, error)

	// Chown hands the cgroup to the container's root by host ids, as the spec's section "Cgroup
	// ownership" says: the directory and the files of /sys/kernel/cgroup/delegate. On v1 it does nothing.
	Chown(uid, gid int) error

	// Sub returns the sub-cgroup at path below this one, which must exist (exec --cgroup). It never
	// leaves this cgroup.
	Sub(path string) (Group, error)

	// OfProcess returns the cgroup that a process of the container is in now: the place for exec
	// when this one takes no processes any more (EBUSY: controllers were enabled inside) or was moved.
	OfProcess(pid int) (Group, error)

	// Close releases the fds. The cgroup stays.
	Close() error
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
