package libcontainer

import (
	"fmt"
	"strconv"

	"github.com/creel-project/creel/internal/procstat"
	"golang.org/x/sys/unix"
)

// fate says what is known of the end of an init that is not our child, for an error about it: how it ended, and if
// the memory limit was the reason. It is "" when nothing is known. pidfd is of init, opened while it lived, or -1.
func (c *Container) fate(pidfd int) string {
	words := c.oomWords()
	if ws, ok := c.lastStatus(pidfd); ok {
		words = ": it " + statusWords(ws) + words
	}
	return words
}

// lastStatus is how init ended: a process that is dying, or that its parent has not waited for, shows it in
// /proc/PID/stat; of one that is gone a pidfd tells it since Linux 6.15.
func (c *Container) lastStatus(pidfd int) (unix.WaitStatus, bool) {
	if p, err := procstat.Read(c.rec.Pid); err == nil {
		ticks, err := p.Start()
		if err == nil && ticks == c.rec.StartTime && (!p.Lives(ticks) || p.Exiting()) {
			code, err := strconv.ParseUint(p.Field(exitCodeField), 10, 32)
			return unix.WaitStatus(code), err == nil
		}
	}
	if pidfd < 0 {
		return 0, false
	}
	info := unix.PidfdInfo{Mask: unix.PIDFD_INFO_EXIT}
	if unix.IoctlPidfdInfo(pidfd, &info) != nil || info.Mask&unix.PIDFD_INFO_EXIT == 0 {
		return 0, false
	}
	return unix.WaitStatus(info.Exit_code), true
}

// exitCodeField is exit_code of proc(5), in the form of wait(2). Without the right to trace init it shows 0.
const exitCodeField = 52

// oomWords are those of the container's cgroup, if it is still there.
func (c *Container) oomWords() string {
	cg, err := c.cgroup()
	if err != nil {
		return ""
	}
	defer cg.Close()
	return oomWords(cg)
}

// explainMemory adds to what init reported whether the memory limit was behind it.
func (c *Container) explainMemory(err error) error {
	cg, cerr := c.cgroup()
	if cerr != nil {
		return err
	}
	defer cg.Close()
	return fmt.Errorf("%w%s", err, memoryWords(err, cg))
}
