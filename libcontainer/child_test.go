package libcontainer

import (
	"errors"
	"os/exec"
	"testing"

	"github.com/creel-project/creel/internal/spawn"
	"golang.org/x/sys/unix"
)

// start begins a program and returns it with a pidfd.
func start(t *testing.T, args ...string) child {
	t.Helper()
	cmd := exec.Command(args[0], args[1:]...)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	fd, err := unix.PidfdOpen(cmd.Process.Pid, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = unix.PidfdSendSignal(fd, unix.SIGKILL, nil, 0)
		_ = unix.Waitid(unix.P_PIDFD, fd, nil, unix.WEXITED, nil)
		unix.Close(fd)
	})
	return child{pid: cmd.Process.Pid, fd: fd}
}

// ended says whether a process has ended, and leaves it to be waited for.
func ended(c child) bool {
	p := []unix.PollFd{{Fd: int32(c.fd), Events: unix.POLLIN}}
	n, _ := unix.Poll(p, 0)
	return n == 1
}

func TestEndKillsAndReapsTheProcess(t *testing.T) {
	c := start(t, "sleep", "1000")
	pid := c.pid
	c.end()
	if c.pid != 0 || !errors.Is(unix.Kill(pid, 0), unix.ESRCH) {
		t.Errorf("process %d is still there", pid)
	}
}

// A number that was waited for may belong to another process by now.
func TestTheNextProcessWithTheNumberOfADeadOneIsLeftAlone(t *testing.T) {
	dead, next := start(t, "true"), start(t, "sleep", "1000")
	_, _ = spawn.Wait(dead.pid)
	c := child{pid: next.pid, fd: dead.fd}
	c.end()
	if ended(next) {
		t.Error("another process was killed")
	}
	c = child{pid: next.pid, fd: dead.fd}
	c.reap() // hangs if it waits for the number
}

// An init that ended without a word is reaped for the sake of its status; what
// is undone afterwards must not go by its number.
func TestADeadInitIsForgottenOnceItsStatusIsKnown(t *testing.T) {
	c := start(t, "false")
	b := &dialogue{pid: c.pid, pidfd: c.fd}
	if err := b.died(); err == nil || err.Error() != "init ended with status 1" {
		t.Errorf("died says %v", err)
	}
	if b.pid != 0 {
		t.Errorf("pid %d is remembered", b.pid)
	}
}
