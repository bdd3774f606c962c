package libcontainer

import (
	"errors"
	"fmt"
	"time"

	"github.com/creel-project/creel/libcontainer/cgroups"
	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

// Delete removes a stopped container, or a created one, and runs its poststop
// hooks. With force it first ends whatever runs. A container whose creation was
// cut short is removed with force only. Of several callers one removes it, and the others
// wait for that: to them it does not exist, which is no error with force.
func (c *Container) Delete(force bool) error {
	err := c.take()
	if force && errors.Is(err, ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer c.dir.Unlock()
	st, err := c.State()
	if err != nil {
		return err
	}
	if !force && st.Status != specs.StateStopped && st.Status != specs.StateCreated {
		return fmt.Errorf("cannot delete container %s that is not stopped: %s", c.id, st.Status)
	}
	return c.remove()
}

// take waits until nobody else removes the container, and reads what became of its record meanwhile.
func (c *Container) take() error {
	if err := c.dir.Lock(); err != nil {
		return err
	}
	rec, err := c.dir.Read()
	switch {
	case errors.Is(err, ErrNoRecord): // a delete that was killed had removed it
	case err != nil:
		c.dir.Unlock()
		return err
	default:
		c.rec = rec
	}
	return nil
}

// destroy removes the container if nobody else does.
func (c *Container) destroy() error {
	err := c.take()
	if errors.Is(err, ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer c.dir.Unlock()
	return c.remove()
}

// remove ends all processes and removes all that the container has.
func (c *Container) remove() error {
	if err := c.dir.Removable(); err != nil { // or only a part of it would be gone
		return err
	}
	if err := c.endCreator(); err != nil {
		return err
	}
	if err := c.endHook(); err != nil {
		return err
	}
	cg, err := c.cgroup()
	if err != nil {
		return err
	}
	defer cg.Close()
	if err := c.endInit(cg); err != nil {
		return err
	}
	if err := cg.Destroy(); err != nil {
		return err
	}
	c.rt.debug("cgroup of container %s is removed", c.id)
	if err := c.destroyResctrl(); err != nil {
		return err
	}
	c.poststop()
	if err := c.dir.Remove(); err != nil {
		return err
	}
	c.rt.debug("container %s is deleted", c.id)
	return nil
}

// endTimeout is how long a killed process may take to be gone.
const endTimeout = 10 * time.Second

// endInit kills init and waits for its end. Init of a pid namespace waits for all
// others in it, and what the freezer of cgroup v1 holds dies when it is let go:
// Group.Kill does that.
func (c *Container) endInit(cg cgroups.Group) error {
	fd, err := c.open()
	if errors.Is(err, ErrNotRunning) {
		return nil
	}
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	return killAndWait(fd, c.rec.Pid, func() { _ = cg.Kill(unix.SIGKILL) })
}

// killAndWait kills a process and waits until it is gone; killed is called in between.
func killAndWait(pidfd, pid int, killed func()) error {
	if err := unix.PidfdSendSignal(pidfd, unix.SIGKILL, nil, 0); err != nil && !errors.Is(err, unix.ESRCH) {
		return fmt.Errorf("kill process %d: %w", pid, namingRefused(err))
	}
	killed()
	deadline := time.Now().Add(endTimeout)
	for {
		p := []unix.PollFd{{Fd: int32(pidfd), Events: unix.POLLIN}}
		n, err := unix.Poll(p, int(time.Until(deadline)/time.Millisecond))
		if errors.Is(err, unix.EINTR) {
			continue
		}
		if err != nil {
			return fmt.Errorf("wait for process %d: %w", pid, err)
		}
		if n == 0 {
			return fmt.Errorf("process %d still runs %s after it was killed: %w", pid, endTimeout, unix.ETIMEDOUT)
		}
		return nil
	}
}

// poststop runs the hooks that follow the end. One that fails is a warning: the
// others must run, and the container is gone.
func (c *Container) poststop() {
	if len(c.rec.Poststop) == 0 {
		return
	}
	st, err := c.stateJSON(specs.StateStopped, 0)
	if err != nil {
		c.rt.warn(err.Error())
		return
	}
	dir := c.rec.Bundle
	if unix.Access(dir, unix.X_OK) != nil {
		dir = "/" // the engine may have removed the bundle already
	}
	for i := range c.rec.Poststop {
		if err := c.runHook("poststop", i, &c.rec.Poststop[i], st, dir); err != nil {
			c.rt.warn(err.Error())
		}
	}
}
