package libcontainer

import (
	"errors"
	"fmt"

	"github.com/creel-project/creel/libcontainer/cgroups"
	"golang.org/x/sys/unix"
)

// causeOfDeath says how an init that we are the parent of ended: by which
// status, and whether the memory limit of its cgroup was the reason.
func causeOfDeath(pid int, cg cgroups.Group) string {
	how := "ended unexpectedly"
	if pid > 0 {
		if ws, err := waitFor(pid); err == nil {
			how = statusWords(ws)
		}
	}
	if cg == nil {
		return how
	}
	return how + oomWords(cg)
}

// oomWords adds what the memory controller knows, when it killed somebody.
func oomWords(cg cgroups.Group) string {
	oom, err := cg.OOM()
	if err != nil || oom.Killed == 0 {
		return ""
	}
	return fmt.Sprintf(": out of memory: linux.resources.memory.limit is %d bytes, %d in use, %d at the peak",
		oom.Limit, oom.Usage, oom.Peak)
}

func statusWords(ws unix.WaitStatus) string {
	if ws.Signaled() {
		return "was killed by signal " + unix.SignalName(ws.Signal())
	}
	return fmt.Sprintf("ended with status %d", ws.ExitStatus())
}

// waitFor waits for a child of ours to end.
func waitFor(pid int) (unix.WaitStatus, error) {
	var ws unix.WaitStatus
	for {
		_, err := unix.Wait4(pid, &ws, unix.WALL, nil)
		if errors.Is(err, unix.EINTR) {
			continue
		}
		return ws, err
	}
}
