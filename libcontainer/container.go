package libcontainer

import (
	"errors"
	"fmt"
	"time"

	"github.com/creel-project/creel/internal/lazyjson"
	"github.com/creel-project/creel/internal/procstat"
	"github.com/creel-project/creel/internal/sdnotify"
	"github.com/creel-project/creel/internal/spawn"
	"github.com/creel-project/creel/libcontainer/state"
	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

// Container is one container that this process created or found in Runtime.Root.
type Container struct {
	rt     *Runtime
	id     string
	dir    *state.Dir
	rec    *state.Record
	notify *sdnotify.Socket // at which the process says that it is ready, nil without
	pidfd  int              // of an init that is our child, else -1
	ended  bool             // Wait or Reap has seen the end of init, and its status
	how    unix.WaitStatus
	kept   *specs.Spec // see config
}

// Load finds an existing container. The error wraps ErrNotExist when there is none,
// and ErrNoRecord when its creation was cut short before anything was made.
func (rt *Runtime) Load(id string) (*Container, error) {
	dir, err := rt.store().Lookup(id)
	if err != nil {
		return nil, err
	}
	rec, err := dir.Read()
	if err != nil {
		dir.Close()
		return nil, err
	}
	return &Container{rt: rt, id: id, dir: dir, rec: rec, pidfd: -1}, nil
}

// Discard removes what there is of a container whose Load returns ErrNoRecord,
// and has nothing to do where another delete was just at that.
func (rt *Runtime) Discard(id string) error {
	dir, err := rt.store().Lookup(id)
	if errors.Is(err, ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer dir.Close()
	switch err := dir.Lock(); {
	case errors.Is(err, ErrNotExist):
		return nil
	case err != nil:
		return err
	}
	return dir.Remove()
}

// Close releases the container's fds; the container stays.
func (c *Container) Close() {
	c.dir.Close()
	c.notify.Close()
	closeFD(c.pidfd)
	c.pidfd = -1
}

// ID returns the container's id.
func (c *Container) ID() string { return c.id }

// Pid returns init's pid in the caller's pid namespace.
func (c *Container) Pid() int { return c.rec.Pid }

// PidFD returns a pidfd of init in the process that created it; it stays the
// Container's own. It is -1 elsewhere.
func (c *Container) PidFD() int { return c.pidfd }

// Rootfs returns the root filesystem's path on the host.
func (c *Container) Rootfs() string { return c.rec.Rootfs }

// Created returns the time at which the container was created.
func (c *Container) Created() time.Time {
	t, err := time.Parse(time.RFC3339Nano, c.rec.Created)
	if err != nil {
		return time.Time{}
	}
	return t
}

// Owner returns the uid that the container's directory belongs to.
func (c *Container) Owner() (uint32, error) { return c.dir.Owner() }

// Wait waits for the end of init, in the process that created it.
func (c *Container) Wait() (unix.WaitStatus, error) {
	if c.ended {
		return c.how, nil
	}
	ws, err := spawn.Wait(c.rec.Pid)
	c.ended, c.how = err == nil, ws
	return ws, err
}

// Reap waits for at most limit children of this process that have ended, and says
// whether there may be more. Orphans of a container without a pid namespace of
// its own are children of its subreaper (PR_SET_CHILD_SUBREAPER in prctl(2)), and
// count against linux.resources.pids.limit until somebody waits for them. Init's
// status is kept for Wait. It is for programs that wait for no other children.
func (c *Container) Reap(limit int) (more bool) {
	for range limit {
		var ws unix.WaitStatus
		pid, err := unix.Wait4(-1, &ws, unix.WNOHANG|unix.WALL, nil)
		switch {
		case errors.Is(err, unix.EINTR):
		case err != nil || pid == 0:
			return false
		case pid == c.rec.Pid && !c.ended:
			c.ended, c.how = true, ws
		}
	}
	return true
}

// State returns the container's state (runtime-spec, runtime.md, "State"). It
// looks at the process and its freezer, waits for nobody and changes nothing.
func (c *Container) State() (specs.State, error) {
	status := c.status()
	if status == specs.StateRunning || status == specs.StateCreated {
		frozen, err := c.frozen()
		if err != nil {
			return specs.State{}, err
		}
		if frozen {
			status = StatePaused
		}
	}
	return c.stateWith(status), nil
}

func (c *Container) status() specs.ContainerState {
	if c.rec.Pid == 0 && c.creatorAlive() {
		return specs.StateCreating
	}
	switch init, alive := c.process(); {
	case !alive:
		return specs.StateStopped
	case init.Name == initTitle && c.waits():
		return specs.StateCreated
	}
	return specs.StateRunning
}

// waits says whether the socket is there at which init waits for start. Whoever
// is killed between the two steps of start leaves it behind.
func (c *Container) waits() bool {
	return unix.Faccessat(c.dir.FD(), startName, unix.F_OK, 0) == nil
}

func (c *Container) creatorAlive() bool {
	p, err := procstat.Read(c.rec.CreatorPid)
	return err == nil && p.Lives(c.rec.CreatorStart)
}

func (c *Container) stateWith(status specs.ContainerState) specs.State {
	pid := c.rec.Pid
	if status == specs.StateStopped {
		pid = 0
	}
	return specs.State{
		Version: c.rec.OCIVersion, ID: c.id, Status: status, Pid: pid,
		Bundle: c.rec.Bundle, Annotations: c.rec.Annotations,
	}
}

// stateJSON is the state as hooks read it on their stdin. pid is init's as the
// hooks see it: those that run in the container see another than the host.
func (c *Container) stateJSON(status specs.ContainerState, pid int) ([]byte, error) {
	st := c.stateWith(status)
	st.Pid = pid
	data, err := lazyjson.Marshal(st)
	if err != nil {
		return nil, fmt.Errorf("state of %s: %w", c.id, err)
	}
	return data, nil
}
