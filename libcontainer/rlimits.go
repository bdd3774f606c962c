package libcontainer

import (
	"errors"
	"fmt"
	"strconv"

	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

// rlimitNumber numbers the resources of getrlimit(2); ok is false for a name
// that nobody knows.
func rlimitNumber(name string) (n int, ok bool) {
	switch name {
	case "RLIMIT_CPU":
		return unix.RLIMIT_CPU, true
	case "RLIMIT_FSIZE":
		return unix.RLIMIT_FSIZE, true
	case "RLIMIT_DATA":
		return unix.RLIMIT_DATA, true
	case "RLIMIT_STACK":
		return unix.RLIMIT_STACK, true
	case "RLIMIT_CORE":
		return unix.RLIMIT_CORE, true
	case "RLIMIT_RSS":
		return unix.RLIMIT_RSS, true
	case "RLIMIT_NPROC":
		return unix.RLIMIT_NPROC, true
	case "RLIMIT_NOFILE":
		return unix.RLIMIT_NOFILE, true
	case "RLIMIT_MEMLOCK":
		return unix.RLIMIT_MEMLOCK, true
	case "RLIMIT_AS":
		return unix.RLIMIT_AS, true
	case "RLIMIT_LOCKS":
		return unix.RLIMIT_LOCKS, true
	case "RLIMIT_SIGPENDING":
		return unix.RLIMIT_SIGPENDING, true
	case "RLIMIT_MSGQUEUE":
		return unix.RLIMIT_MSGQUEUE, true
	case "RLIMIT_NICE":
		return unix.RLIMIT_NICE, true
	case "RLIMIT_RTPRIO":
		return unix.RLIMIT_RTPRIO, true
	case "RLIMIT_RTTIME":
		return unix.RLIMIT_RTTIME, true
	}
	return 0, false
}

// setRlimits sets the limits of process pid, which has stopped needing fds and
// memory of its own: it is about to wait for start.
func setRlimits(pid int, limits []specs.POSIXRlimit) error {
	for i, l := range limits {
		n, ok := rlimitNumber(l.Type)
		if !ok {
			return fmt.Errorf("process.rlimits[%d].type: %q: %w", i, l.Type, unix.EINVAL)
		}
		lim := unix.Rlimit{Cur: l.Soft, Max: l.Hard}
		if err := unix.Prlimit(pid, n, &lim, nil); err != nil {
			return fmt.Errorf("process.rlimits[%d]: set %s to soft %d, hard %d: %w", i, l.Type, l.Soft, l.Hard, err)
		}
	}
	return nil
}

// setOOMScore writes process.oomScoreAdj. Without CAP_SYS_RESOURCE a value
// below the current one is refused; rootless callers live with that.
func (b *boot) setOOMScore(pid int, adj *int) error {
	if adj == nil {
		return nil
	}
	err := writeProc(pid, "oom_score_adj", strconv.Itoa(*adj))
	if err != nil && b.rt.Rootless && (errors.Is(err, unix.EACCES) || errors.Is(err, unix.EPERM)) {
		b.rt.warn("process.oomScoreAdj: " + err.Error())
		return nil
	}
	if err != nil {
		return fmt.Errorf("process.oomScoreAdj: %w", err)
	}
	return nil
}
