package libcontainer

import (
	"errors"

	"golang.org/x/sys/unix"
)

// child is a process that we are the parent of. It is signalled and waited for by
// its pidfd: a pid is free for another process as soon as somebody has waited for it,
// be it the program around us that waits for all its children.
type child struct {
	pid int // 0 when there is none, or it is reaped
	fd  int // its pidfd, -1 where the kernel gave none
}

// end kills the process and waits for it.
func (c *child) end() {
	if c.pid <= 0 {
		return
	}
	var err error
	if c.fd >= 0 {
		err = unix.PidfdSendSignal(c.fd, unix.SIGKILL, nil, 0)
	} else {
		err = unix.Kill(c.pid, unix.SIGKILL)
	}
	if err == nil {
		c.reap()
	}
}

// reap waits for the end of the process.
func (c *child) reap() {
	if c.pid <= 0 {
		return
	}
	if c.fd < 0 {
		reap(c.pid)
	} else {
		for errors.Is(unix.Waitid(unix.P_PIDFD, c.fd, nil, unix.WEXITED|unix.WALL, nil), unix.EINTR) {
		}
	}
	c.pid = 0
}

// close closes the pidfd.
func (c *child) close() {
	if c.fd >= 0 {
		unix.Close(c.fd)
		c.fd = -1
	}
}
