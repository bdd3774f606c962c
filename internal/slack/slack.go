// Package slack starts processes that do not notice that creel lets its own timers
// slack (package entry).
package slack

import (
	"runtime"
	"syscall"

	"github.com/creel-project/creel/internal/entry"
	"golang.org/x/sys/unix"
)

// ForkExec is syscall.ForkExec. The new process has the timer slack, and falls
// back to the one (PR_SET_TIMERSLACK of 0), that this process had in the
// beginning.
func ForkExec(path string, argv []string, attr *syscall.ProcAttr) (pid int, err error) {
	if was := entry.Slack(); was != 0 {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		defer set(set(was))
	}
	return syscall.ForkExec(path, argv, attr)
}

// set sets the calling thread's slack and returns what it was. That fails only
// where prctl(2) is not allowed, and then entry has changed nothing.
func set(ns uintptr) uintptr {
	old, _, _ := syscall.RawSyscall(unix.SYS_PRCTL, unix.PR_GET_TIMERSLACK, 0, 0)
	_, _, _ = syscall.RawSyscall(unix.SYS_PRCTL, unix.PR_SET_TIMERSLACK, ns, 0)
	return old
}
