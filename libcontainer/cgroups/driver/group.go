package driver

import (
	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"

	"github.com/creel-project/creel/libcontainer/cgroups/stats"
)

// Group is one container's cgroup, in all hierarchies of the machine. It is not safe for concurrent use.
// Errors name the field of config.json that asked, the value, the file and the cause.
type Group interface {
	// Record returns what to keep on disk. Save it before Create, and what it is after Create with the next change.
	Record() Record

	// Create makes the directories, enables controllers for them (v2) and inherits cpuset settings (v1).
	// A cgroup that exists is taken if it is empty and not frozen. What a failing Create made, it removes.
	Create() error

	// SpawnFD returns a directory fd for clone3's CLONE_INTO_CGROUP (Linux 5.7). It stays the Group's own. -1, and
	// not ok, where there is no cgroup2 hierarchy, or the group was not made.
	SpawnFD() (fd int, ok bool)

	// Join moves a process, not yet threaded, into every hierarchy that SpawnFD does not cover: into none on v2. When
	// spawned is false, because CLONE_INTO_CGROUP was not used, it moves it in all.
	Join(pid int, spawned bool) error

	// ApplyEarly sets everything but memory limits and the device filter: cpu, pids, io, … It must be done before
	// the process runs foreign code.
	ApplyEarly(res *specs.LinuxResources) error

	// PrepareDevices does ahead what ApplyDevices needs and changes nothing: it loads the filter of these rules.
	PrepareDevices(rules []specs.LinuxDeviceCgroup) error

	// ApplyDevices sets the device filter, without rules too: deny all but the default devices. It must be done
	// before the process runs foreign code, and after a file system on a block device is mounted.
	ApplyDevices(rules []specs.LinuxDeviceCgroup) error

	// Apply sets the memory limits, which must wait until the namespaces exist: the kernel charges a
	// copied mount table and a network namespace to the cgroup.
	Apply(res *specs.LinuxResources) error

	// Update changes the limits of a container that exists: all that ApplyEarly and Apply set, and the device filter
	// if res.Devices is not nil. There is no moment without a filter. What res leaves out stays. If it fails, all limits
	// are again what they were.
	Update(res *specs.LinuxResources) error

	// Pids returns all processes, those of sub-cgroups included.
	Pids() ([]int, error)

	// Freeze stops all processes and returns when they have stopped; where they do not within ten seconds, it lets them go
	// on and fails. Thaw lets them go on. Frozen says whether Thaw has something to do: a cgroup that does not move because a
	// parent is frozen is not frozen itself.
	Freeze() error
	Thaw() error
	Frozen() (bool, error)

	// Kill signals all processes, new ones included: none escapes by forking. After SIGKILL a frozen group, with what is
	// frozen below it, is thawed where its processes could not die otherwise. It does not wait for their end.
	Kill(sig unix.Signal) error

	// OOM reads the memory controller's counters.
	OOM() (OOMInfo, error)

	// Stats reads what the container uses. A controller that is not there leaves zero values.
	Stats() (*stats.Stats, error)

	// NotifyOOM returns a Notice of processes that are about to be killed for want of memory, or were. The error
	// wraps ErrNoController where the memory controller is not mounted, or not enabled.
	NotifyOOM() (Notice, error)

	// NotifyPressure returns a Notice of memory getting short: level is "low", "medium" or "critical"
	// (memory.pressure_level of cgroup v1). Without v1's memory controller the error wraps ErrNoController.
	NotifyPressure(level string) (Notice, error)

	// Destroy kills what is left, waits until it is gone and removes the cgroup with its
	// sub-cgroups. A cgroup that is gone already is no error, and one that is not the container's, because Create
	// was refused or never called, is left alone.
	Destroy() error

	// MountView describes the host's hierarchies and the container's place in them.
	MountView() (MountView, error)

	// Chown hands the cgroup to the container's root by host ids, as the spec's section "Cgroup
	// ownership" says: the directory and the files of /sys/kernel/cgroup/delegate. On v1 it does nothing.
	Chown(uid, gid int) error

	// Sub returns the sub-cgroup at path below this one, which must exist (exec --cgroup). It never
	// leaves this cgroup. With controllers, which only v1 can tell apart, it is the place for their hierarchies.
	Sub(path string, controllers ...string) (Group, error)

	// OfProcess returns the cgroup that a process of the container is in now: the place for exec
	// when this one takes no processes any more (EBUSY: controllers were enabled inside) or was moved.
	OfProcess(pid int) (Group, error)

	// Close releases the fds. The cgroup stays.
	Close() error
}
