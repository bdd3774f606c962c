package harness

import (
	"fmt"
	"os"
	"os/exec"
	"syscall"

	"golang.org/x/sys/unix"
)

// Pty opens a pseudo-terminal of the host's with this size: its other end is what
// a command gets as its terminal.
func (h *H) Pty(rows, cols uint16) (*Terminal, *os.File) {
	h.Helper()
	fd, err := unix.Open("/dev/ptmx", unix.O_RDWR|unix.O_NOCTTY|unix.O_CLOEXEC|unix.O_NONBLOCK, 0)
	h.Must(err)
	h.Must(unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0))
	n, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	h.Must(err)
	h.Must(unix.IoctlSetWinsize(fd, unix.TIOCSWINSZ, &unix.Winsize{Row: rows, Col: cols}))
	slave, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0)
	h.Must(err)
	return h.NewTerminal(os.NewFile(uintptr(fd), "/dev/ptmx")), slave
}

// GoInPty starts creel with a terminal of the host's as all its streams.
func (h *H) GoInPty(rows, cols uint16, args ...string) (*Process, *Terminal) {
	h.Helper()
	term, slave := h.Pty(rows, cols)
	p := h.GoOn(slave, args...)
	h.Must(slave.Close())
	return p, term
}

// GoOn starts creel in a session of its own with this terminal as all its streams.
func (h *H) GoOn(slave *os.File, args ...string) *Process {
	h.Helper()
	return h.Go(func(cmd *exec.Cmd) {
		cmd.Stdin, cmd.Stdout, cmd.Stderr = slave, slave, slave
		cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	}, args...)
}
