package compile

import (
	"fmt"

	"github.com/creel-project/creel/libcontainer/plan"
	"golang.org/x/sys/unix"
)

// fdRoom is how many fds init itself may need until the process is executed,
// above those that it keeps for it.
const fdRoom = 64

func (b *builder) fdRoom() uint64 { return fdRoom + uint64(b.PreserveFDs) }

// rlimits appends the limits of the process, while init may still raise them.
// The number of fds is lowered below what init needs at the very end only.
func (b *builder) rlimits() {
	for i, l := range b.Spec.Process.Rlimits {
		soft, hard := l.Soft, l.Hard
		if l.Type == "RLIMIT_NOFILE" {
			soft, hard = max(soft, b.fdRoom()), max(hard, b.fdRoom())
		}
		b.rlimit(i, soft, hard)
	}
}

// lastRlimits appends what rlimits held back.
func (b *builder) lastRlimits() {
	for i, l := range b.Spec.Process.Rlimits {
		if l.Type == "RLIMIT_NOFILE" && l.Soft < b.fdRoom() {
			o := b.rlimit(i, l.Soft, l.Hard)
			if !b.Run { // the caller of start has no plan, and cannot be asked
				o.N[3] = 1
			}
		}
	}
}

func (b *builder) rlimit(i int, soft, hard uint64) *plan.Op {
	l := &b.Spec.Process.Rlimits[i]
	o := b.op(plan.Rlimit, fmt.Sprintf("process.rlimits[%d]", i),
		fmt.Sprintf("set %s to soft %d, hard %d", l.Type, soft, hard))
	o.N[0], o.N[1], o.N[2] = resource(l.Type), soft, hard
	o.Sync = plan.SyncRlimit
	return o
}

// resource numbers the resources of getrlimit(2). Validation has refused other
// names; a number that no kernel knows fails with EINVAL and the field's name.
func resource(name string) uint64 {
	switch name {
	case "RLIMIT_CPU":
		return unix.RLIMIT_CPU
	case "RLIMIT_FSIZE":
		return unix.RLIMIT_FSIZE
	case "RLIMIT_DATA":
		return unix.RLIMIT_DATA
	case "RLIMIT_STACK":
		return unix.RLIMIT_STACK
	case "RLIMIT_CORE":
		return unix.RLIMIT_CORE
	case "RLIMIT_RSS":
		return unix.RLIMIT_RSS
	case "RLIMIT_NPROC":
		return unix.RLIMIT_NPROC
	case "RLIMIT_NOFILE":
		return unix.RLIMIT_NOFILE
	case "RLIMIT_MEMLOCK":
		return unix.RLIMIT_MEMLOCK
	case "RLIMIT_AS":
		return unix.RLIMIT_AS
	case "RLIMIT_LOCKS":
		return unix.RLIMIT_LOCKS
	case "RLIMIT_SIGPENDING":
		return unix.RLIMIT_SIGPENDING
	case "RLIMIT_MSGQUEUE":
		return unix.RLIMIT_MSGQUEUE
	case "RLIMIT_NICE":
		return unix.RLIMIT_NICE
	case "RLIMIT_RTPRIO":
		return unix.RLIMIT_RTPRIO
	case "RLIMIT_RTTIME":
		return unix.RLIMIT_RTTIME
	}
	return ^uint64(0)
}
