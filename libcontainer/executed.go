package libcontainer

import (
	"errors"
	"strconv"

	"github.com/creel-project/creel/internal/procstat"
	"golang.org/x/sys/unix"
)

// initTitle is the name of a process that is init until it executes the container's.
const initTitle = "creel:[INIT]"

// openName opens the file that holds the process's name (proc(5), /proc/PID/comm):
// the end of init's socket alone does not tell execve(2) from death. It is opened
// while init is busy; then it belongs to that very process. -1 if it cannot be.
func openName(pid int) int {
	fd, err := unix.Open("/proc/"+strconv.Itoa(pid)+"/comm", unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return -1
	}
	return fd
}

// neverExecuted says that a process that let go of its socket did so by dying as
// init. Any process may take that name: while it lives it has been executed, and
// only one that dies between two calls of ours passes for an init. One that its
// parent has reaped by now counts as executed.
func neverExecuted(name, pid int, start uint64) bool {
	var buf [16]byte
	n, err := unix.Pread(name, buf[:], 0)
	if err != nil || string(buf[:n]) != initTitle+"\n" {
		return false
	}
	p, err := procstat.Read(pid)
	return err != nil || !p.Lives(start) || p.Exiting()
}

// unexecuted is the error for an init that announced the process and ended. An
// errno of execve(2) it would have told, unless the filter kept it from that.
func unexecuted(filtered bool, how, oom string) error {
	field := "process.args[0]"
	if filtered && oom == "" {
		field = "linux.seccomp: a filter that refuses sendmsg(2) hides why execve(2) fails"
	}
	return errors.New(field + ": before the process was executed init " + how + oom)
}
