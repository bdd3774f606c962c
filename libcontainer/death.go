package libcontainer

import (
	"errors"
	"fmt"
	"strconv"

	"github.com/creel-project/creel/internal/spawn"
	"github.com/creel-project/creel/libcontainer/cgroups"
	"github.com/creel-project/creel/libcontainer/initproc"
	"golang.org/x/sys/unix"
)

// causeOfDeath says how an init that we are the parent of ended: by which
// status, and whether the memory limit of its cgroup was the reason.
func causeOfDeath(pid int, cg cgroups.Group) string {
	how := "ended unexpectedly"
	if pid > 0 {
		if ws, err := spawn.Wait(pid); err == nil {
			how = statusWords(ws)
		}
	}
	if cg == nil {
		return how
	}
	return how + oomWords(cg)
}

// explain adds to the error of a creation what its processes died of meanwhile. Of an init that is gone we hear by
// whatever we try next, which then tells nothing. What init itself has reported is its own
// cause, unless the memory limit was behind it.
func (d *dialogue) explain(err error, hungUp bool) error {
	var told *initproc.Failure
	if errors.As(err, &told) {
		return fmt.Errorf("%w%s", err, memoryWords(err, d.cg))
	}
	broken := hungUp && errors.Is(err, unix.EPIPE)
	for _, c := range [...]child{{d.pid, d.pidfd}, d.stage1, d.helper} {
		ws, ended := c.status(broken)
		switch {
		case !ended || !broken && !ws.Signaled():
		case broken:
			return fmt.Errorf("init %s%s", statusWords(ws), oomWords(d.cg))
		default:
			return fmt.Errorf("%w: init %s%s", err, statusWords(ws), oomWords(d.cg))
		}
	}
	return err
}

// hungUp says whether nobody has the other end of init's socket any more.
func (d *dialogue) hungUp() bool {
	if d.proc == nil {
		return false
	}
	p := []unix.PollFd{{Fd: int32(d.proc.Channel().FD())}} // POLLHUP is always told
	n, err := unix.Poll(p, 0)
	return err == nil && n > 0 && p[0].Revents&unix.POLLHUP != 0
}

// memoryWords are oomWords, or those of the limit if an attempt got ENOMEM: the kernel refuses what a cgroup may not
// have before it kills for it.
func memoryWords(err error, cg cgroups.Group) string {
	if words := oomWords(cg); words != "" || !errors.Is(err, unix.ENOMEM) {
		return words
	}
	oom, err := cg.OOM()
	if err != nil || oom.Limit == 0 {
		return ""
	}
	return ": " + limitWords(oom)
}

// oomWords adds what the memory controller knows, when it killed somebody.
func oomWords(cg cgroups.Group) string {
	oom, err := cg.OOM()
	if err != nil || oom.Killed == 0 {
		return ""
	}
	return ": out of memory: " + limitWords(oom)
}

// limitWords is the limit, unless one of a cgroup above was hit, and what was used.
func limitWords(oom cgroups.OOMInfo) string {
	used := fmt.Sprintf("%d in use, %d at the peak", oom.Usage, oom.Peak)
	if oom.Limit == 0 {
		return "there is no linux.resources.memory.limit, so that the limit is that of a cgroup above, or the machine's: " + used
	}
	return fmt.Sprintf("linux.resources.memory.limit is %d bytes, %s", oom.Limit, used)
}

func statusWords(ws unix.WaitStatus) string {
	if ws.Signaled() {
		name := unix.SignalName(ws.Signal())
		if name == "" { // real-time signals have none
			name = strconv.Itoa(int(ws.Signal()))
		}
		return "was killed by signal " + name
	}
	return fmt.Sprintf("ended with status %d", ws.ExitStatus())
}
