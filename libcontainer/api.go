package libcontainer

import (
	"time"

	"github.com/opencontainers/runtime-spec/specs-go"
)

// Runtime is a directory of containers and the settings that every command shares.
type Runtime struct {
	// Root is the directory that holds one subdirectory a container ("/run/creel").
	Root string
	// SystemdCgroup lets systemd make the cgroups of new containers; linux.cgroupsPath is then
	// "slice:prefix:name", and property annotations are heeded. With Rootless it is the caller's own systemd.
	SystemdCgroup bool
	// NoCgroup leaves containers in the caller's cgroup: none is made or joined, and no limit is
	// set. Those that exist already are what they were made as.
	NoCgroup bool
	// Rootless says that the caller has no privilege on the host: failures that only
	// privilege could avoid (cgroup limits, for one) are then tolerated where runc tolerates them.
	// It is asked when it matters, which for most commands is never. Nil is no.
	Rootless func() bool
	// ResctrlRoot is the mount point of the resctrl file system. Empty means that mountinfo tells it.
	ResctrlRoot string
	// Expendable says that this process serves one command only: a Delete by force in another
	// process may kill it in the middle of Create or Run. Without it such a Delete fails.
	Expendable bool
	// Warn receives one sentence for each thing that failed without failing the command. Nil discards.
	Warn func(msg string)
	// Debug receives one sentence for each step that is done. Nil discards.
	Debug func(msg string)
}

// CreateOptions says what to create and how its streams are wired.
type CreateOptions struct {
	ID     string
	Bundle string      // absolute path of the bundle directory
	Spec   *specs.Spec // as loaded and validated by package spec

	Streams

	PidFile     string // written atomically with init's pid, "" for none
	PidfdSocket string // AF_UNIX socket that receives init's pidfd, "" for none

	// NotifySocket is the socket of the service manager that started this program, as
	// sd_notify(3) has it in the environment, "" for none. The container gets one of its own.
	NotifySocket string

	NoPivot      bool // chroot over a moved root, for a root filesystem on a ramdisk
	NoNewKeyring bool // stay in the caller's session keyring
}

// ListEntry is one row of `list`; Err is set, and only ID is sure, for a record that cannot be read.
type ListEntry struct {
	specs.State
	Created time.Time
	Rootfs  string
	Owner   string // user name, or "#uid", of the state directory's owner
	Err     error
}
