// Package spawn starts processes: init, the profile compiler, hooks.
//
// It does what syscall.ForkExec does, and two things more cheaply. The child is a
// list of system calls that a few lines of assembly carry out between clone3(2)
// and execve(2), in the parent's memory while that waits (CLONE_VFORK): what the
// child could not do is read from there, with no pipe. And it has the timer slack
// that creel was started with (package entry), which belongs to a thread: Go would
// have to keep one for it, and start another in its place.
package spawn

import (
	"errors"
	"fmt"
	"runtime"
	"syscall"

	"github.com/creel-project/creel/internal/entry"
	"golang.org/x/sys/unix"
)

// Child says what is to be started.
type Child struct {
	Path       string
	Argv, Env  []string
	Dir        string    // working directory, "" for the caller's
	Files      []uintptr // fds that the process gets as 0, 1, 2 …
	Group      bool      // it leads a process group of its own
	Cloneflags uintptr   // new namespaces, CLONE_NEW*; neither CLONE_NEWUSER nor CLONE_NEWTIME
	Cgroup     int       // directory of the cgroup to start in (CLONE_INTO_CGROUP, 5.7), or -1
	PidSpace   int       // a process (its pidfd) in whose pid namespace to start, 0 for the caller's own
}

// Start starts c and returns its pid and a pidfd of it, which is -1 where the kernel gives
// none. When it returns the program is being executed; an error is a syscall.Errno, or
// wraps one with what else failed.
func Start(c Child) (pid, pidfd int, err error) {
	if entry.Files() == nil && c.PidSpace == 0 {
		return fork(c)
	}
	pid, pidfd, err = start(c, false)
	if errors.Is(err, errClone) {
		pid, pidfd, err = start(c, true)
	}
	if errors.Is(err, errClone) { // under an emulator of user programs, which knows fork(2) alone
		return fork(c)
	}
	return pid, pidfd, err
}

// errClone says that the kernel, or a filter around us, refuses clone3(2), or that we may not what it was to do.
var errClone = errors.New("clone3 is refused")

func start(c Child, old bool) (pid, pidfd int, err error) {
	p, err := program(c, old)
	if err != nil {
		return 0, -1, err
	}
	if p.procs >= 0 {
		defer unix.Close(p.procs)
	}
	syscall.ForkLock.Lock()
	r := int(vfork(p))
	syscall.ForkLock.Unlock()
	if p.home >= 0 {
		unix.Close(p.home)
	}
	switch errno := syscall.Errno(-r); {
	case r > 0:
	case !old && (errno == unix.ENOSYS || errno == unix.EPERM), old && errno == unix.EINVAL && c.PidSpace == 0:
		return 0, -1, errClone
	default:
		return 0, -1, errno
	}
	if p.failed == nil {
		return r, int(p.pidfd), nil
	}
	unix.Close(int(p.pidfd))
	_, _ = Wait(r)
	switch p.failed.nr {
	case unix.SYS_CHDIR:
		return 0, -1, fmt.Errorf("change to directory %s: %w", c.Dir, p.errno)
	case unix.SYS_WRITE:
		return 0, -1, fmt.Errorf("enter its cgroup: %w", p.errno)
	}
	return 0, -1, p.errno
}

// Wait waits for the end of a child of ours, whichever signal tells of it (__WALL in wait(2)).
func Wait(pid int) (unix.WaitStatus, error) {
	var ws unix.WaitStatus
	for {
		_, err := unix.Wait4(pid, &ws, unix.WALL, nil)
		if !errors.Is(err, unix.EINTR) {
			return ws, err
		}
	}
}

// fork is Start by way of package syscall.
func fork(c Child) (pid, pidfd int, err error) {
	if was := entry.Slack(); was != 0 {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		slacken(was)
		defer slacken(entry.Slackened)
	}
	pid, err = syscall.ForkExec(c.Path, c.Argv, &syscall.ProcAttr{
		Dir: c.Dir, Env: c.Env, Files: c.Files,
		Sys: &syscall.SysProcAttr{
			Setpgid: c.Group, Cloneflags: c.Cloneflags, PidFD: &pidfd,
			UseCgroupFD: c.Cgroup >= 0, CgroupFD: c.Cgroup,
		},
	})
	if err != nil {
		return 0, -1, err
	}
	return pid, pidfd, nil
}

// slacken sets the calling thread's timer slack, in nanoseconds. That fails only where
// prctl(2) is not allowed, and then entry has changed nothing.
func slacken(ns uintptr) {
	_, _, _ = syscall.RawSyscall(unix.SYS_PRCTL, unix.PR_SET_TIMERSLACK, ns, 0)
}
