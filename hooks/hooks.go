// Package hooks runs OCI hooks in the runtime's namespaces (runtime-spec,
// config.md, "POSIX-platform Hooks").
package hooks

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"time"

	"github.com/creel-project/creel/internal/spawn"
	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

// Input is what a hook reads on its stdin.
type Input struct {
	State []byte
	Name  string // of the memory file that holds it, at most 249 bytes (memfd_create(2))
}

// Run runs a hook with the container's state on its stdin and waits for it, for
// at most h.Timeout seconds; then its process group is killed. started, unless
// nil, is told its pid, which is that of its process group as well. Its environment
// is exactly h.Env, its working directory dir, its output goes to the files out. A grandchild that outlives the hook and
// keeps stderr open delays nobody.
func Run(h *specs.Hook, in Input, out Files, dir string, started func(pid int)) error {
	c, err := start(h, in, out, dir)
	if err != nil {
		return fmt.Errorf("run %s: %w", h.Path, err)
	}
	defer c.close()
	if started != nil {
		started(c.pid)
	}
	if err := c.wait(h.Timeout); err != nil {
		return fmt.Errorf("run %s: %w", h.Path, err)
	}
	return nil
}

// child is a started hook.
type child struct {
	pid, pidfd int
	stderr     *Output
}

func (c *child) close() {
	unix.Close(c.pidfd)
	c.stderr.Close()
}

func start(h *specs.Hook, in Input, files Files, dir string) (*child, error) {
	// Asked before, since an error of the start does not say whether directory or program is missing.
	if err := unix.Access(dir, unix.X_OK); err != nil {
		return nil, fmt.Errorf("in the working directory %s: %w", dir, err)
	}
	stdin, err := in.File()
	if err != nil {
		return nil, err
	}
	defer unix.Close(stdin)
	stdout, err := files.OpenStdout()
	if err != nil {
		return nil, err
	}
	defer unix.Close(stdout)
	out, w, err := files.OpenStderr()
	if err != nil {
		return nil, err
	}
	defer unix.Close(w)
	c := &child{pidfd: -1, stderr: out}
	argv := h.Args
	if len(argv) == 0 {
		argv = []string{h.Path}
	}
	c.pid, c.pidfd, err = spawn.Start(spawn.Child{
		Path: h.Path, Argv: argv, Env: h.Env, Dir: dir, Group: true, Cgroup: -1,
		Files: []uintptr{uintptr(stdin), uintptr(stdout), uintptr(w)},
	})
	if err != nil {
		out.Close()
		return nil, err
	}
	return c, nil
}

// wait polls the process and its stderr until the process has ended.
func (c *child) wait(timeout *int) error {
	limit := time.Duration(-1)
	if timeout != nil {
		limit = time.Duration(min(*timeout, math.MaxInt64/int(time.Second))) * time.Second
	}
	ended := c.stderr.Until(c.pidfd, limit)
	if ended != nil {
		unix.Kill(-c.pid, unix.SIGKILL)
	}
	ws, err := spawn.Wait(c.pid)
	if err != nil {
		return err
	}
	switch {
	case errors.Is(ended, errTimeout):
		return fmt.Errorf("%s%w after %d s, killed", c.stderr.Tail(), errTimeout, *timeout)
	case ended != nil:
		return ended
	case ws.Signaled():
		return fmt.Errorf("%ssignal: %s", c.stderr.Tail(), ws.Signal())
	case ws.ExitStatus() != 0:
		return fmt.Errorf("%sexit status %s", c.stderr.Tail(), strconv.Itoa(ws.ExitStatus()))
	}
	return nil
}

var errTimeout = errors.New("timed out")
