// Package initproc is the Go side of init, the small static C program (csrc)
// that carries out plans inside containers: it starts the program from a sealed memory file,
// and talks to it over a socket.
package initproc

import (
	"fmt"
	"strconv"

	"github.com/creel-project/creel/internal/memfile"
	"github.com/creel-project/creel/internal/spawn"
	"golang.org/x/sys/unix"
)

// Spawn says how init is started.
type Spawn struct {
	Title      string   // argv[0], what ps(1) shows
	Cloneflags uintptr  // new namespaces, CLONE_NEW*; never CLONE_NEWUSER, which excludes vfork
	Unshare    uintptr  // new namespaces that init makes itself, while its plan is being made
	CgroupFD   int      // directory of the cgroup to start in (CLONE_INTO_CGROUP, 5.7), or -1
	PidSpace   int      // pidfd of a process in whose pid namespace to start, 0 for the caller's own
	Stdio      [3]int   // fds of the process's standard streams
	Extra      []int    // fds that the process gets as 3, 4, …
	Dir        string   // working directory, "" for the caller's
	Env        []string // init's own environment; normally none
}

// Process is a started init and the socket to it.
type Process struct {
	Pid   int
	PidFD int // -1 where the kernel gave none
	sock  int
}

// Start starts the sealed init program. It waits for a plan (SendPlan); when
// the socket closes before that, it exits.
func Start(s Spawn) (*Process, error) {
	code, err := program()
	if err != nil {
		return nil, err
	}
	exe, err := memfile.Program("creel-init", code)
	if err != nil {
		return nil, err
	}
	defer unix.Close(exe)
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_SEQPACKET|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("init: socket pair: %w", err)
	}
	defer unix.Close(pair[1])

	files := make([]uintptr, 0, 5+len(s.Extra))
	for _, fd := range s.Stdio {
		files = append(files, uintptr(fd))
	}
	for _, fd := range s.Extra {
		files = append(files, uintptr(fd))
	}
	sock := len(files) // init finds itself one above its socket, and closes that
	files = append(files, uintptr(pair[1]), uintptr(exe))

	pid, pidfd, err := spawn.Start(spawn.Child{
		Path: "/proc/self/fd/" + strconv.Itoa(sock+1),
		Argv: []string{s.Title, strconv.Itoa(sock), strconv.FormatUint(uint64(s.Unshare), 10)},
		Env:  s.Env, Dir: s.Dir, Files: files, Cloneflags: s.Cloneflags, Cgroup: s.CgroupFD, PidSpace: s.PidSpace,
	})
	if err != nil {
		unix.Close(pair[0])
		return nil, fmt.Errorf("init: start: %w", err)
	}
	return &Process{Pid: pid, PidFD: pidfd, sock: pair[0]}, nil
}

// Close closes the socket; an init that still waits there exits.
func (p *Process) Close() {
	p.CloseSocket()
	if p.PidFD >= 0 {
		unix.Close(p.PidFD)
		p.PidFD = -1
	}
}

// CloseSocket closes the socket only: an init that still waits there exits.
func (p *Process) CloseSocket() {
	if p.sock >= 0 {
		unix.Close(p.sock)
		p.sock = -1
	}
}

// TakePidFD hands the pidfd over to the caller.
func (p *Process) TakePidFD() int {
	fd := p.PidFD
	p.PidFD = -1
	return fd
}
