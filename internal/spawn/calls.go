package spawn

import (
	"fmt"
	"syscall"
	"unsafe"

	"github.com/creel-project/creel/internal/entry"
	"golang.org/x/sys/unix"
)

// call is a system call.
type call struct {
	nr   uintptr
	args [6]uintptr
}

// none ends a list of the parent's calls.
const none = ^uintptr(0)

// child is what vfork works with. All that its calls point to is kept by refs;
// none of it is on a stack, which could move, since vfork's argument escapes.
type child struct {
	args   cloneArgs
	clone  call  // clone3(2) with args, or clone(2)
	before *call // the parent's own calls, made by the thread that clones; the first to fail is the last
	after  *call // its calls when the child has executed: they undo those
	first  *call // the child's, of which the last is execve(2)
	failed *call // set by the child, with errno
	errno  syscall.Errno
	pidfd  int32

	calls []call
	own   [8]call      // before and after
	home  int          // our own pid namespace, -1 when it is not needed
	masks *signalMasks // without clone3(2)
	procs int          // cgroup.procs of the cgroup to start in, -1 when clone3(2) does that
	refs  []unsafe.Pointer
}

// cloneArgs is struct clone_args of clone3(2), Linux 5.7.
type cloneArgs struct {
	flags, pidfd uint64
	_            [2]uint64 // child_tid, parent_tid
	exitSignal   uint64
	_            [5]uint64 // stack, stack_size, tls, set_tid, set_tid_size
	cgroup       uint64
}

// vfork clones the calling thread, with p's arguments, and lets the child make p's calls
// until one fails, which ends it. It returns when the child has executed its program or
// has ended: with its pid, or the negative error number of p.clone. The child has no
// stack of its own and uses none.
func vfork(p *child) uintptr

// program makes the list of calls. old makes one without clone3(2).
func program(c Child, old bool) (_ *child, err error) {
	p := &child{pidfd: -1, home: -1, procs: -1}
	defer func() {
		if err != nil && p.procs >= 0 {
			unix.Close(p.procs)
		}
	}()
	p.calls, p.refs = make([]call, 0, 12), make([]unsafe.Pointer, 0, 8)
	// Handlers of the caller's would run in its memory: CLONE_CLEAR_SIGHAND (5.5).
	p.args.flags = unix.CLONE_VM | unix.CLONE_VFORK | unix.CLONE_CLEAR_SIGHAND | unix.CLONE_PIDFD | uint64(c.Cloneflags)
	p.args.pidfd = uint64(p.ref(unsafe.Pointer(&p.pidfd)))
	p.args.exitSignal = uint64(unix.SIGCHLD)
	if c.Cgroup >= 0 {
		p.args.flags |= unix.CLONE_INTO_CGROUP
		p.args.cgroup = uint64(c.Cgroup)
	}
	p.clone = newCall(unix.SYS_CLONE3, p.ref(unsafe.Pointer(&p.args)), unsafe.Sizeof(p.args))
	if old {
		if err := p.withoutClone3(c); err != nil {
			return nil, err
		}
	}
	if c.Group {
		p.add(unix.SYS_SETPGID)
	}
	if c.Dir != "" {
		dir, err := syscall.BytePtrFromString(c.Dir)
		if err != nil {
			return nil, err
		}
		p.add(unix.SYS_CHDIR, p.ref(unsafe.Pointer(dir)))
	}
	p.files(c.Files)
	p.limit()
	if err := p.execute(c); err != nil {
		return nil, err
	}
	p.first = &p.calls[0]
	return p, p.surround(c, old)
}

// surround lists what the cloning thread does before and after: its timer slack and the
// pid namespace of its children are the thread's own, and the child's are made from them. Go
// must not start a thread from one whose children live elsewhere.
func (p *child) surround(c Child, old bool) error {
	before, after := p.own[:0:4], p.own[4:4]
	if old { // first and last, as a call that fails leaves out those behind it but undoes all
		before = append(before, p.block())
	}
	if was := entry.Slack(); was != 0 {
		before = append(before, newCall(unix.SYS_PRCTL, unix.PR_SET_TIMERSLACK, was))
		after = append(after, newCall(unix.SYS_PRCTL, unix.PR_SET_TIMERSLACK, entry.Slackened))
	}
	if c.PidSpace != 0 {
		home, err := unix.Open("/proc/thread-self/ns/pid", unix.O_RDONLY|unix.O_CLOEXEC, 0)
		if err != nil {
			return fmt.Errorf("open our own pid namespace: %w", err)
		}
		p.home = home
		before = append(before, newCall(unix.SYS_SETNS, uintptr(c.PidSpace), unix.CLONE_NEWPID))
		after = append(after, newCall(unix.SYS_SETNS, uintptr(home), unix.CLONE_NEWPID))
	}
	if old {
		after = append(after, p.unblock())
	}
	_ = append(before, call{nr: none})
	_ = append(after, call{nr: none})
	p.before, p.after = &p.own[0], &p.own[4]
	return nil
}

func newCall(nr uintptr, args ...uintptr) call {
	c := call{nr: nr}
	copy(c.args[:], args)
	return c
}

func (p *child) add(nr uintptr, args ...uintptr) {
	p.calls = append(p.calls, newCall(nr, args...))
}

// ref returns v's address and keeps what is there.
func (p *child) ref(v unsafe.Pointer) uintptr {
	p.refs = append(p.refs, v)
	return uintptr(v)
}

// files gives the child files as its fds 0, 1, 2 … One that lies in the way of
// an earlier one moves behind all of them first.
func (p *child) files(files []uintptr) {
	free := uintptr(len(files))
	for _, fd := range files {
		free = max(free, fd+1)
	}
	from := append(make([]uintptr, 0, 8), files...)
	for i, fd := range from {
		if fd < uintptr(i) {
			p.add(unix.SYS_DUP3, fd, free, unix.O_CLOEXEC)
			from[i] = free
			free++
		}
	}
	for i, fd := range from {
		if fd == uintptr(i) {
			p.add(unix.SYS_FCNTL, fd, unix.F_SETFD, 0)
		} else {
			p.add(unix.SYS_DUP3, fd, uintptr(i), 0)
		}
	}
}

// limit gives the child the caller's soft limit of open files, which package syscall has
// raised to the hard one for this process alone.
func (p *child) limit() {
	was := entry.Files()
	var now unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &now); err != nil || was == nil || now.Cur == was.Soft {
		return
	}
	p.add(unix.SYS_PRLIMIT64, 0, unix.RLIMIT_NOFILE, p.ref(unsafe.Pointer(was)))
}

func (p *child) execute(c Child) error {
	path, err := syscall.BytePtrFromString(c.Path)
	if err != nil {
		return err
	}
	argv, err := syscall.SlicePtrFromStrings(c.Argv)
	if err != nil {
		return err
	}
	env, err := syscall.SlicePtrFromStrings(c.Env)
	if err != nil {
		return err
	}
	p.add(unix.SYS_EXECVE, p.ref(unsafe.Pointer(path)),
		p.ref(unsafe.Pointer(&argv[0])), p.ref(unsafe.Pointer(&env[0])))
	return nil
}
