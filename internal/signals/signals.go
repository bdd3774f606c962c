// Package signals collects signals in a pipe.
//
// os/signal hands every signal that it is asked for to a thread of its own, one
// at a time: asking for all of them takes longer than making a container. Here
// the handler is four instructions that write the signal's number into a
// pipe, and taking all signals costs one system call each.
package signals

import (
	"errors"
	"fmt"
	"unsafe"

	"golang.org/x/sys/unix"
)

// pipe is the write end; the handler in assembly reads it.
//
//lint:ignore U1000 the handler reads it
var pipe int32

// Implemented in assembly: the addresses of the handler and of what it returns to.
func handlerPC() uintptr
func restorerPC() uintptr

// sigaction is the kernel's struct, not libc's (rt_sigaction(2)).
type sigaction struct {
	handler  uintptr
	flags    uint64
	restorer uintptr
	mask     uint64
}

const (
	saNoCldStop = 0x00000001 // of SIGCHLD only those that tell of an end
	saOnStack   = 0x08000000 // Go's own stacks are too small for a signal frame
	saRestart   = 0x10000000
	saRestorer  = 0x04000000
)

// ours says whether a signal is collected: not those that cannot be, not those
// that Go's runtime lives on, and not the children's, which Children takes.
func ours(s unix.Signal) bool {
	switch s {
	case unix.SIGKILL, unix.SIGSTOP, unix.SIGCHLD, unix.SIGURG, unix.SIGPIPE, unix.SIGPROF,
		unix.SIGSEGV, unix.SIGBUS, unix.SIGFPE, unix.SIGILL, unix.SIGTRAP, unix.SIGSYS, 32, 33:
		return false
	}
	return true
}

// Collect begins to collect the signals of this process. Each becomes one byte,
// its number, on the returned fd, which is readable without blocking. It may be
// called once.
func Collect() (fd int, err error) {
	var p [2]int
	if err := unix.Pipe2(p[:], unix.O_CLOEXEC|unix.O_NONBLOCK); err != nil {
		return -1, fmt.Errorf("signals: pipe: %w", err)
	}
	pipe = int32(p[1])
	for s := unix.Signal(1); s <= 64; s++ {
		if !ours(s) {
			continue
		}
		if err := take(s); err != nil {
			return -1, err
		}
	}
	return p[0], nil
}

// Children lets Collect's fd tell of children's ends as well (SIGCHLD). One byte
// may stand for several children.
func Children() error { return take(unix.SIGCHLD) }

// take puts the handler in place.
func take(s unix.Signal) error {
	act := sigaction{
		handler: handlerPC(), flags: saNoCldStop | saOnStack | saRestart | saRestorer,
		restorer: restorerPC(), mask: ^uint64(0),
	}
	_, _, e := unix.RawSyscall6(unix.SYS_RT_SIGACTION, uintptr(s), uintptr(unsafe.Pointer(&act)), 0, 8, 0, 0)
	if e != 0 {
		return fmt.Errorf("signals: take signal %d: %w", s, e)
	}
	return nil
}

// Next returns the next signal on fd, false when there is none now.
func Next(fd int) (unix.Signal, bool) {
	var b [1]byte
	for {
		n, err := unix.Read(fd, b[:])
		if errors.Is(err, unix.EINTR) {
			continue
		}
		return unix.Signal(b[0]), n == 1
	}
}
