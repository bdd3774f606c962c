// Package plan holds what init is to do, as data: a flat list of typed
// operations, each with the field of the config that asked for it, and the
// host's own steps around them. Package compile makes plans, package initproc
// carries them out, and `creel plan` prints them.
package plan

// Code is the kind of an operation. The numbers are init's own
// (initproc/csrc/ops.h); a test keeps the two lists equal.
type Code uint16

// The operations. Which fields of Op each one reads is said at its function in
// initproc/csrc.
const (
	Sync Code = iota
	Close
	Setns
	Unshare
	Pair
	Clone
	Exit
	PeerSend
	PeerRecv
	Open
	Target
	Mknod
	Node
	Symlink
	Write
	FSMount
	CopyUp
	Tree
	SetAttr
	Move
	Detach
	ParentPrivate
	Mask
	Readonly
	Pivot
	Chroot
	Name
	Pty
	Terminal
	Stdio
	Setsid
	Keyring
	Personality
	Scheduler
	IOPrio
	MemPolicy
	Affinity
	Umask
	Bounding
	KeepCaps
	Groups
	IDs
	Caps
	Ambient
	NoNewPrivs
	Seccomp
	Chdir
	Find
	Accept
	Gate
	Announce
	Hook
	Signals
	Dumpable
	Title
	Loopback
	Rlimit
	Exec
	codeCount
)

// names are the operations' names, as `creel plan` prints them.
var names = [codeCount]string{
	"sync", "close", "setns", "unshare", "pair", "clone", "exit", "peer_send", "peer_recv",
	"open", "target", "mknod", "node", "symlink", "write", "fsmount", "copy_up", "tree", "setattr", "move", "detach",
	"parent_private", "mask", "readonly", "pivot", "chroot", "name", "pty", "terminal",
	"stdio", "setsid", "keyring", "personality", "scheduler", "ioprio", "mempolicy", "affinity", "umask", "bounding",
	"keepcaps", "groups", "ids", "caps", "ambient", "no_new_privs", "seccomp", "chdir",
	"find", "accept", "gate", "announce", "hook", "signals", "dumpable", "title", "loopback", "rlimit",
	"exec",
}

// String returns the operation's name in lower case.
func (c Code) String() string {
	if c >= codeCount {
		return "unknown"
	}
	return names[c]
}

// Flags qualify an operation (initproc/csrc/init.h, F_*).
type Flags uint16

// The flags; each operation knows some of them.
const (
	Optional   Flags = 1 << iota // a missing file is no error
	Recursive                    // the whole tree of mounts
	Legacy                       // this kernel lacks mount_setattr(2), from 5.12
	NotProc                      // refuse a target on procfs
	NoLinks                      // refuse any symbolic link on the way
	Regular                      // refuse all but a regular file
	NullDevice                   // refuse all but the null device
	AccessOK                     // EACCES and EPERM are no error
	Verify                       // look afterwards whether it really happened
	Mkdir                        // make missing directories
	Keep                         // what is there already stays, or it is an error
	NoFollow                     // a symbolic link at the end is the file itself
)

// Slot names a place for a file descriptor in init; None is no place.
type Slot int16

// None is the absent slot.
const None Slot = -1

// Limits of init (initproc/csrc/init.h).
const (
	MaxSlots   = 64 // fd slots
	MaxFDs     = 32 // fds in one message
	maxBytes   = 64 << 20
	magic      = 0x4e4c5043 // "CPLN"
	version    = 1
	headerSize = 24
	opSize     = 64
)
