package harness

import (
	"encoding/json"
	"errors"
	"net"
	"os"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"unsafe"

	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

// A Call is a system call that a seccomp filter asked an Agent about.
type Call struct {
	Pid  int // in the agent's pid namespace
	Nr   int
	Args [6]uint64
}

// An Answer to a call: the errno that it fails with, or none and the call is carried out.
type Answer unix.Errno

// Continue lets the kernel carry the call out.
const Continue Answer = 0

// An Agent is a seccomp agent: it listens at a socket, takes the listeners that come,
// with what is said about them, and answers their notifications (seccomp_unotify(2)).
type Agent struct {
	h      *H
	Path   string
	answer func(Call) Answer
	l      *net.UnixListener

	work   sync.WaitGroup
	closed atomic.Bool

	mu     sync.Mutex
	states []specs.ContainerProcessState
	calls  []Call
}

// Agent starts an agent at a path of the test's own.
func (h *H) Agent(name string, answer func(Call) Answer) *Agent {
	h.Helper()
	a := &Agent{h: h, Path: h.Path(name), answer: answer}
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: a.Path, Net: "unix"})
	h.Must(err)
	a.l = l
	a.work.Go(a.accept)
	h.Cleanup(a.Close)
	return a
}

// Close ends the agent, which forgets its listeners.
func (a *Agent) Close() {
	a.closed.Store(true)
	a.l.Close()
	a.work.Wait()
}

func (a *Agent) accept() {
	for {
		conn, err := a.l.AcceptUnix()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			a.h.Error(err)
			return
		}
		a.take(conn)
	}
}

// take reads one container process state with the listener, and serves that.
func (a *Agent) take(conn *net.UnixConn) {
	defer conn.Close()
	text, oob := make([]byte, 1<<20), make([]byte, unix.CmsgSpace(4*4))
	n, oobn, _, _, err := conn.ReadMsgUnix(text, oob)
	if err != nil || n == 0 {
		return // who connected went away again
	}
	msgs, err := unix.ParseSocketControlMessage(oob[:oobn])
	if err != nil || len(msgs) != 1 {
		a.h.Errorf("the agent got %d control messages: %v", len(msgs), err)
		return
	}
	fds, err := unix.ParseUnixRights(&msgs[0])
	if err != nil || len(fds) != 1 {
		a.h.Errorf("the agent got %d fds: %v", len(fds), err)
		return
	}
	unix.CloseOnExec(fds[0])
	var s specs.ContainerProcessState
	for err = json.Unmarshal(text[:n], &s); err != nil; err = json.Unmarshal(text[:n], &s) {
		more, rerr := conn.Read(text[n:])
		if rerr != nil {
			a.h.Errorf("the agent got %q: %v", text[:n], err)
			return
		}
		n += more
	}
	a.mu.Lock()
	a.states = append(a.states, s)
	a.mu.Unlock()
	a.work.Go(func() { a.serve(fds[0]) })
}

// struct seccomp_notif and struct seccomp_notif_resp of linux/seccomp.h.
type notif struct {
	id         uint64
	pid, flags uint32
	nr         int32
	arch       uint32
	ip         uint64
	args       [6]uint64
}

type response struct {
	id    uint64
	val   int64
	err   int32
	flags uint32
}

const (
	notifRecv = 0xc0502100 // SECCOMP_IOCTL_NOTIF_RECV
	notifSend = 0xc0182101 // SECCOMP_IOCTL_NOTIF_SEND
)

// serve answers until no process has the filter any more, or the agent ends.
func (a *Agent) serve(fd int) {
	defer unix.Close(fd)
	for {
		p := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}
		n, err := unix.Poll(p, 20)
		if n == 0 || errors.Is(err, unix.EINTR) {
			if a.closed.Load() {
				return
			}
			continue
		}
		if err != nil || p[0].Revents&unix.POLLIN == 0 {
			return
		}
		var got notif
		if _, _, e := unix.Syscall(unix.SYS_IOCTL, uintptr(fd), notifRecv, uintptr(unsafe.Pointer(&got))); e != 0 {
			continue // the caller was killed
		}
		call := Call{Pid: int(got.pid), Nr: int(got.nr), Args: got.args}
		a.mu.Lock()
		a.calls = append(a.calls, call)
		a.mu.Unlock()
		r := response{id: got.id}
		if e := a.answer(call); e == Continue {
			r.flags = unix.SECCOMP_USER_NOTIF_FLAG_CONTINUE
		} else {
			r.err = -int32(e)
		}
		unix.Syscall(unix.SYS_IOCTL, uintptr(fd), notifSend, uintptr(unsafe.Pointer(&r)))
	}
}

// States are what was said about the listeners that came so far.
func (a *Agent) States() []specs.ContainerProcessState {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.states)
}

// Calls are the calls that the agent was asked about so far.
func (a *Agent) Calls() []Call {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.calls)
}

// Read returns the string at an address of the process that made a call.
func (a *Agent) Read(c Call, at uint64) string {
	f, err := os.Open("/proc/" + strconv.Itoa(c.Pid) + "/mem")
	if err != nil {
		return err.Error()
	}
	defer f.Close()
	var b [256]byte
	n, _ := f.ReadAt(b[:], int64(at))
	for i := range n {
		if b[i] == 0 {
			return string(b[:i])
		}
	}
	return string(b[:n])
}
