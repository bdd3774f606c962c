package libcontainer

import (
	"errors"
	"unsafe"

	"github.com/creel-project/creel/internal/spawn"
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
		_, _ = spawn.Wait(c.pid)
	} else {
		for errors.Is(unix.Waitid(unix.P_PIDFD, c.fd, nil, unix.WEXITED|unix.WALL, nil), unix.EINTR) {
		}
	}
	c.pid = 0
}

// status says how the process ended, if it has. With dying it is known to be about to, and is awaited. It remains to be
// reaped.
func (c *child) status(dying bool) (ws unix.WaitStatus, ended bool) {
	if c.pid <= 0 || c.fd < 0 {
		return 0, false
	}
	timeout := 0
	if dying {
		timeout = int(endTimeout.Milliseconds())
	}
	for {
		_, err := unix.Poll([]unix.PollFd{{Fd: int32(c.fd), Events: unix.POLLIN}}, timeout)
		if !errors.Is(err, unix.EINTR) {
			break
		}
	}
	var info unix.Siginfo
	err := unix.Waitid(unix.P_PIDFD, c.fd, &info, unix.WEXITED|unix.WALL|unix.WNOHANG|unix.WNOWAIT, nil)
	if err != nil || info.Signo == 0 {
		return 0, false
	}
	return waitStatus(&info), true
}

// waitStatus is the status of wait(2) in what waitid(2) tells.
func waitStatus(info *unix.Siginfo) unix.WaitStatus {
	const exited = 1 // CLD_EXITED; the others are signals
	status := *(*int32)(unsafe.Add(unsafe.Pointer(info), sigStatusOffset))
	if info.Code == exited {
		return unix.WaitStatus(status << 8)
	}
	return unix.WaitStatus(status & 0x7f)
}

// sigStatusOffset is that of si_status in siginfo_t: behind three ints, their padding, si_pid and si_uid.
const sigStatusOffset = 24

// close closes the pidfd.
func (c *child) close() {
	closeFD(c.fd)
	c.fd = -1
}
