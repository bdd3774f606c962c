package seccomp

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/creel-project/creel/internal/memfile"
	"github.com/creel-project/creel/internal/spawn"
	"golang.org/x/sys/unix"
)

// maxMessage is as much as is read of what a failing compiler says, in bytes.
const maxMessage = 4096

// job is a profile compiler at work. It writes to memory files and not to
// pipes, so that nobody has to read while it runs.
type job struct {
	name     string
	pid      int
	out, err int    // memory files: the program; the error
	profile  []byte // when a function compiles
	fn       func(profile []byte) ([]byte, error)
}

// start lets the compiler begin.
func (c *compiler) start(profile []byte) (*job, error) {
	if c.fn != nil {
		return &job{profile: profile, fn: c.fn}, nil
	}
	j := &job{name: c.path, out: -1, err: -1}
	path := c.path
	if path == "" {
		fd, err := memfile.Program("creel-seccomp", c.code)
		if err != nil {
			return nil, err
		}
		defer unix.Close(fd)
		j.name, path = "embedded", "/proc/self/fd/"+strconv.Itoa(fd)
	}
	in, err := memfile.New("creel-profile", profile)
	if err == nil {
		defer unix.Close(in)
		j.out, err = memfile.New("creel-filter", nil)
	}
	if err == nil {
		j.err, err = memfile.New("creel-error", nil)
	}
	if err != nil {
		j.close()
		return nil, err
	}
	// An empty environment: nothing of the caller's, and the runtime of Go
	// takes no orders from it.
	pid, pidfd, err := spawn.Start(spawn.Child{
		Path: path, Argv: []string{"creel-seccomp"}, Cgroup: -1,
		Files: []uintptr{uintptr(in), uintptr(j.out), uintptr(j.err)},
	})
	if err != nil {
		j.close()
		return nil, fmt.Errorf("seccomp profile compiler (%s): execute %s: %w", j.name, path, err)
	}
	unix.Close(pidfd)
	j.pid = pid
	return j, nil
}

// wait returns the program that the compiler wrote, or what it said instead.
func (j *job) wait() ([]byte, error) {
	if j.fn != nil {
		return j.fn(j.profile)
	}
	defer j.close()
	status, err := spawn.Wait(j.pid)
	// ECHILD: the program around us reaps or ignores all children. The
	// compiler has ended; whether it succeeded is seen from what it wrote.
	if err != nil && !errors.Is(err, unix.ECHILD) {
		return nil, fmt.Errorf("seccomp profile compiler (%s): wait: %w", j.name, err)
	}
	said, err := contents(j.err, maxMessage)
	if err != nil {
		return nil, err
	}
	prog, err := contents(j.out, MaxProgram+insnSize)
	if err != nil {
		return nil, err
	}
	switch {
	case status.Signaled():
		return nil, fmt.Errorf("seccomp profile compiler (%s): killed by signal %d (%s)", j.name, status.Signal(), status.Signal())
	case status.ExitStatus() == 0 && len(said) == 0:
		return prog, nil
	case len(said) == 0:
		return nil, fmt.Errorf("seccomp profile compiler (%s): ended with status %d and no word", j.name, status.ExitStatus())
	}
	return nil, errors.New(strings.TrimSpace(string(said)))
}

func (j *job) close() {
	if j.out >= 0 {
		unix.Close(j.out)
	}
	if j.err >= 0 {
		unix.Close(j.err)
	}
}

// contents reads a memory file from its beginning, at most limit bytes.
func contents(fd, limit int) ([]byte, error) {
	b := make([]byte, limit)
	n, err := unix.Pread(fd, b, 0)
	if err != nil {
		return nil, fmt.Errorf("read the seccomp profile compiler's answer: %w", err)
	}
	return b[:n], nil
}
