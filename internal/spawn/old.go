package spawn

import (
	"fmt"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Filters of other runtimes refuse clone3(2), as they cannot see its flags. clone(2), which takes its place,
// neither starts a child in a cgroup nor without the caller's handlers for signals: the child does both itself.

// sigaction is the kernel's struct sigaction; signals are 1 to 64.
type sigaction struct{ handler, flags, restorer, mask uintptr }

const lastSignal = 64

// signalMasks are what is blocked while the child shares our memory, and what was blocked before.
type signalMasks struct{ all, was uint64 }

// withoutClone3 makes p's clone a clone(2), and its first calls what that leaves undone.
func (p *child) withoutClone3(c Child) error {
	flags := p.args.flags &^ (unix.CLONE_INTO_CGROUP | unix.CLONE_CLEAR_SIGHAND)
	p.clone = newCall(unix.SYS_CLONE, uintptr(flags)|uintptr(unix.SIGCHLD), 0, uintptr(p.args.pidfd))
	p.masks = &signalMasks{all: ^uint64(0)}
	if c.Cgroup >= 0 {
		fd, err := unix.Openat(c.Cgroup, "cgroup.procs", unix.O_WRONLY|unix.O_CLOEXEC|unix.O_NOFOLLOW, 0)
		if err != nil {
			return fmt.Errorf("open the cgroup.procs of its cgroup: %w", err)
		}
		p.procs = fd
		zero := []byte("0")
		p.add(unix.SYS_WRITE, uintptr(fd), p.ref(unsafe.Pointer(&zero[0])), 1)
	}
	deaf := &sigaction{}
	for sig := uintptr(1); sig <= lastSignal; sig++ {
		var is sigaction
		_, _, e := unix.RawSyscall6(unix.SYS_RT_SIGACTION, sig, 0, uintptr(unsafe.Pointer(&is)), 8, 0, 0)
		if e == 0 && is.handler > 1 { // neither SIG_DFL nor SIG_IGN, which stays
			p.add(unix.SYS_RT_SIGACTION, sig, p.ref(unsafe.Pointer(deaf)), 0, 8)
		}
	}
	p.calls = append(p.calls, p.unblock())
	return nil
}

// block and unblock are calls on the calling thread's mask. The child inherits it.
func (p *child) block() call {
	return newCall(unix.SYS_RT_SIGPROCMASK, unix.SIG_SETMASK, p.ref(unsafe.Pointer(&p.masks.all)), p.ref(unsafe.Pointer(&p.masks.was)), 8)
}

func (p *child) unblock() call {
	return newCall(unix.SYS_RT_SIGPROCMASK, unix.SIG_SETMASK, p.ref(unsafe.Pointer(&p.masks.was)), 0, 8)
}
