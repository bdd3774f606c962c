package libcontainer

import (
	"errors"
	"fmt"

	"github.com/creel-project/creel/internal/spawn"
	"github.com/creel-project/creel/libcontainer/compile"
	"github.com/creel-project/creel/spec"
	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

// ExecOptions says what is executed in a container that exists, and how its streams are wired.
type ExecOptions struct {
	Process *specs.Process // see Container.Process
	Streams

	Cgroup       []string // sub-cgroups of the container's, see execGroup; none: its own
	IgnorePaused bool     // in a paused container the process waits until that is resumed
	PidFile      string   // written atomically with the process's pid, "" for none
	PidfdSocket  string   // AF_UNIX socket that receives the process's pidfd, "" for none
}

// Exec is a process beside a container's init.
type Exec struct {
	pid, pidfd int
}

// Pid returns the process's pid in the caller's pid namespace.
func (e *Exec) Pid() int { return e.pid }

// PidFD returns a pidfd of the process, which stays the Exec's own.
func (e *Exec) PidFD() int { return e.pidfd }

// Wait waits for the process, which is a child of this one.
func (e *Exec) Wait() (unix.WaitStatus, error) { return spawn.Wait(e.pid) }

// Close releases the pidfd. The process goes on.
func (e *Exec) Close() {
	closeFD(e.pidfd)
	e.pidfd = -1
}

// Process returns the process of the container's config, as it was when the container was
// created: what an exec begins with that is not told otherwise.
func (c *Container) Process() (*specs.Process, error) {
	s, err := c.config()
	if err != nil {
		return nil, err
	}
	if s.Process == nil {
		return nil, fmt.Errorf("what is kept of the config of %s: %w", c.id, errNoProcess())
	}
	return s.Process, nil
}

// config is what is kept of the container's config.
func (c *Container) config() (*specs.Spec, error) {
	if c.kept != nil {
		return c.kept, nil
	}
	s, err := c.dir.Config()
	if err != nil {
		return nil, err
	}
	c.kept = s
	return s, nil
}

// Exec executes a process in the container's namespaces and in its cgroup. It returns when
// execve(2) has succeeded, or with the reason why it has not.
func (c *Container) Exec(o ExecOptions) (*Exec, error) {
	if err := c.executable(o.IgnorePaused); err != nil {
		return nil, err
	}
	s, err := c.config()
	if err != nil {
		return nil, err
	}
	if s.Linux == nil {
		s.Linux = &specs.Linux{}
	}
	s.Process = o.Process
	warnings, err := spec.ValidateProcess(s)
	for _, w := range warnings {
		c.rt.warn(w)
	}
	if err != nil {
		return nil, err
	}
	if err := checkPreserved(o.PreserveFDs); err != nil {
		return nil, err
	}
	x := &execution{dialogue: newDialogue(c.rt), c: c, o: o, spec: s, init: -1, root: -1}
	x.host, x.agent = x, newAgent(c.rec.Listener)
	defer x.release()
	if err := x.boot(); err != nil {
		if x.proc != nil {
			err = x.explain(err, x.hungUp())
		}
		x.abort()
		if c.ending() {
			err = fmt.Errorf("%w: %w", err, errExecStopped)
		}
		return nil, namingRefused(err)
	}
	e := &Exec{pid: x.pid, pidfd: x.pidfd}
	x.pidfd = -1
	return e, nil
}

var errExecStopped = errors.New("cannot exec in a stopped container")

// executable refuses an exec in a container that cannot take one, in runc's words.
func (c *Container) executable(ignorePaused bool) error {
	switch st := c.status(); st {
	case specs.StateStopped:
		return errExecStopped
	case specs.StateCreating:
		return fmt.Errorf("cannot exec in a container in the %s state", st)
	}
	if ignorePaused {
		return nil
	}
	frozen, err := c.frozen()
	if err == nil && frozen {
		err = errors.New("cannot exec in a paused container (use --ignore-paused to override)")
	}
	return err
}

// joinable are the namespaces to join. One's own user namespace cannot be joined (setns(2)).
func joinable(pid int, s *specs.Spec) uintptr {
	flags := compile.JoinFlags(s)
	if flags&unix.CLONE_NEWUSER != 0 && sameNamespace(pid, "user") {
		flags &^= unix.CLONE_NEWUSER
	}
	return flags
}

// sameNamespace says whether a process is in our own namespace of a kind.
func sameNamespace(pid int, kind string) bool {
	var own, its unix.Stat_t
	return unix.Stat("/proc/self/ns/"+kind, &own) == nil &&
		unix.Stat(fmt.Sprintf("/proc/%d/ns/%s", pid, kind), &its) == nil && own.Ino == its.Ino && own.Dev == its.Dev
}
