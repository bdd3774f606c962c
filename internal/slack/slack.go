// Package slack lets Go's own watch over its threads sleep longer.
//
// A thread of Go's runtime looks every 20 µs whether another one is stuck, from
// the program's first moment on; a command of creel is over in a few
// milliseconds and is never stuck. How often that thread wakes is its timer
// slack (PR_SET_TIMERSLACK in prctl(2)), which every thread takes from the one
// that starts it. So the program's entry point, which the linker's flag -E
// names, sets the slack before Go starts. `run` takes 0.88 of the time, and a
// hundred of them at once 0.82. Without the flag everything works, slower.
//
// Nothing that creel starts may notice: ForkExec gives it the slack that creel
// was started with.
package slack

import (
	"runtime"
	"syscall"

	"golang.org/x/sys/unix"
)

// was is the slack that creel was started with, in nanoseconds; 0 if nothing
// has been changed.
var was uintptr

// entry is where the kernel starts the program.
//
//lint:ignore U1000 the linker's flag names it
func entry()

// ForkExec is syscall.ForkExec. The new process has the timer slack, and falls
// back to the one (PR_SET_TIMERSLACK of 0), that this process had in the
// beginning.
func ForkExec(path string, argv []string, attr *syscall.ProcAttr) (pid int, err error) {
	if was != 0 {
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
