package libcontainer

import (
	"errors"
	"fmt"

	"github.com/creel-project/creel/internal/procstat"
	"github.com/creel-project/creel/libcontainer/cgroups"
	"github.com/creel-project/creel/libcontainer/state"
	"golang.org/x/sys/unix"
)

// Errors that callers tell apart. Their texts are the ones that engines look for.
var (
	ErrNotExist   = state.ErrNotExist
	ErrNoRecord   = state.ErrNoRecord
	ErrNotRunning = errors.New("container not running")
	ErrNotPaused  = errors.New("container not paused")
)

// Signal sends sig to the container's init. SIGKILL reaches every process of a
// container without a pid namespace of its own, since nothing else would end
// them with init. Where such a container has no cgroup either, as an ordinary user's
// may, nobody knows which they are: it reaches init. A paused container gets other signals
// when it is resumed.
func (c *Container) Signal(sig unix.Signal) error {
	if sig == unix.SIGKILL && !c.rec.PrivatePid {
		if err := c.killAll(); !errors.Is(err, cgroups.ErrNoCgroup) {
			return err
		}
	}
	fd, err := c.open()
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	if err := unix.PidfdSendSignal(fd, sig, nil, 0); err != nil {
		if errors.Is(err, unix.ESRCH) {
			return ErrNotRunning
		}
		return fmt.Errorf("send signal %d to process %d: %w", sig, c.rec.Pid, namingRefused(err))
	}
	if sig == unix.SIGKILL {
		return c.letDie()
	}
	return nil
}

func (c *Container) killAll() error {
	return c.withCgroup(func(cg cgroups.Group) error {
		pids, err := cg.Pids()
		if err == nil && len(pids) == 0 {
			return ErrNotRunning
		}
		return cg.Kill(unix.SIGKILL)
	})
}

// open returns a pidfd of init. The pid is compared with the recorded start
// time after it was opened: from then on it cannot become another process's.
func (c *Container) open() (int, error) {
	if c.rec.Pid == 0 || c.ended {
		return -1, ErrNotRunning
	}
	fd, err := unix.PidfdOpen(c.rec.Pid, 0)
	if err != nil {
		if errors.Is(err, unix.ESRCH) {
			return -1, ErrNotRunning
		}
		return -1, fmt.Errorf("open process %d: %w", c.rec.Pid, namingRefused(err))
	}
	if !c.alive() {
		unix.Close(fd)
		return -1, ErrNotRunning
	}
	return fd, nil
}

// alive says whether the recorded init still lives.
func (c *Container) alive() bool {
	_, alive := c.process()
	return alive
}

// process looks at the recorded init. A zombie is dead, and so is a pid that is
// somebody else's by now.
func (c *Container) process() (init procstat.Stat, alive bool) {
	if c.rec.Pid == 0 || c.ended {
		return init, false
	}
	init, err := procstat.Read(c.rec.Pid)
	return init, err == nil && init.Lives(c.rec.StartTime)
}

// ending says whether init has ended, or is about to.
func (c *Container) ending() bool {
	init, alive := c.process()
	return !alive || init.Exiting() || init.Killed()
}
