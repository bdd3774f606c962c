package v1

import (
	"errors"
	"fmt"
	"time"

	"golang.org/x/sys/unix"

	"github.com/creel-project/creel/libcontainer/cgroups/cgfs"
	"github.com/creel-project/creel/libcontainer/cgroups/driver"
)

// The freezer's file and its words.
const (
	freezerState = "freezer.state"
	frozen       = "FROZEN"
	thawed       = "THAWED"
)

// How long to wait for the kernel, which tells nobody when a v1 cgroup froze or ran empty: there is nothing to poll.
const (
	freezePatience = 10 * time.Second
	signalPatience = 2 * time.Second
	killPatience   = 10 * time.Second
	firstPause     = 100 * time.Microsecond
	longestPause   = 20 * time.Millisecond
)

// processes returns a directory that holds all processes of the container: any hierarchy does.
func (g *Group) processes() (*cgfs.Dir, error) {
	for _, name := range [...]string{"freezer", "pids", "devices", "memory"} {
		if h := g.controller(name); h != nil && h.absent == nil {
			return h.opened()
		}
	}
	for _, h := range g.hierarchies {
		if h.absent == nil {
			return h.opened()
		}
	}
	return nil, driver.ErrNoCgroup
}

// Pids implements driver.Group.
func (g *Group) Pids() ([]int, error) {
	dir, err := g.processes()
	if err != nil {
		return nil, err
	}
	return dir.Pids()
}

func (g *Group) freezer() (*cgfs.Dir, error) {
	h := g.controller("freezer")
	if h == nil {
		return nil, errors.New("the cgroup v1 controller freezer is not mounted")
	}
	return h.opened()
}

// Freeze implements driver.Group.
func (g *Group) Freeze() error {
	if g.freezesByUnified() {
		return g.unified.Freeze()
	}
	dir, err := g.freezer()
	if err != nil {
		return err
	}
	return freeze(dir, freezePatience)
}

// freezesByUnified is the case where cgroup v2 can do what no v1 hierarchy does.
func (g *Group) freezesByUnified() bool { return g.unified != nil && g.controller("freezer") == nil }

// freeze asks again and again: a process that was forked while the kernel went through the cgroup is missed by it. After a
// while it thaws in between, since two processes can wait for each other half frozen.
func freeze(dir *cgfs.Dir, patience time.Duration) error {
	deadline := time.Now().Add(patience)
	pause := firstPause
	for round := 1; ; round++ {
		if err := dir.Write(freezerState, frozen); err != nil {
			return err
		}
		state, err := dir.Read(freezerState)
		if err != nil {
			return err
		}
		if state == frozen {
			return nil
		}
		if time.Now().After(deadline) {
			_ = dir.Write(freezerState, thawed)
			return fmt.Errorf("%s/%s says %s after %s: %w", dir.Path(), freezerState, state, patience, cgfs.ErrTimeout)
		}
		if round%20 == 0 {
			if err := dir.Write(freezerState, thawed); err != nil {
				return err
			}
		}
		pause = sleep(pause)
	}
}

func sleep(pause time.Duration) time.Duration {
	time.Sleep(pause)
	return min(2*pause, longestPause)
}

// Thaw implements driver.Group.
func (g *Group) Thaw() error {
	if g.freezesByUnified() {
		return g.unified.Thaw()
	}
	dir, err := g.freezer()
	if err != nil {
		return err
	}
	return dir.Write(freezerState, thawed)
}

// Frozen implements driver.Group. A machine without the freezer has nothing frozen.
func (g *Group) Frozen() (bool, error) {
	if g.freezesByUnified() {
		return g.unified.Frozen()
	}
	if g.controller("freezer") == nil {
		return false, nil
	}
	dir, err := g.freezer()
	if err != nil {
		return false, err
	}
	state, err := dir.Read(freezerState)
	return err == nil && state != thawed, err
}

// Kill implements driver.Group.
func (g *Group) Kill(sig unix.Signal) error {
	if sig == unix.SIGKILL && g.unified != nil {
		if err := g.unified.Kill(sig); err == nil {
			// A process that the v1 freezer holds dies only when it goes on.
			if frozen, err := g.Frozen(); err == nil && frozen {
				return g.Thaw()
			}
			return nil
		}
	}
	dir, err := g.processes()
	if err != nil {
		return err
	}
	if wasFrozen, err := g.Frozen(); err == nil && wasFrozen {
		err := dir.Signal(sig)
		if sig == unix.SIGKILL {
			err = errors.Join(err, g.Thaw())
		}
		return err
	}
	if freezer, err := g.freezer(); err == nil {
		if err := freeze(freezer, signalPatience); err == nil {
			defer freezer.Write(freezerState, thawed)
		}
	}
	return dir.Signal(sig)
}

// Destroy implements driver.Group.
func (g *Group) Destroy() error {
	var failures error
	if g.unified != nil {
		failures = g.destroyUnified()
	}
	for _, h := range g.hierarchies {
		if err := g.destroy(h); err != nil {
			failures = errors.Join(failures, err)
		}
	}
	if failures != nil {
		return failures
	}
	for _, h := range g.hierarchies {
		h.dir.Close()
		h.dir = nil
	}
	cgfs.RemoveEmpty(g.record.Made)
	return nil
}

// destroyUnified thaws first, since it waits for deaths that a v1 freezer would prevent.
func (g *Group) destroyUnified() error {
	if frozen, err := g.Frozen(); err == nil && frozen {
		if err := g.Kill(unix.SIGKILL); err != nil {
			return err
		}
	}
	return g.unified.Destroy()
}

func (g *Group) destroy(h *hierarchy) error {
	parentPath, name := cgfs.Split(h.hostDir)
	parent, err := cgfs.Open(parentPath)
	if errors.Is(err, unix.ENOENT) {
		return nil
	}
	if err != nil {
		return err
	}
	defer parent.Close()
	keep := g.existed(h.key)
	if !keep {
		if err := parent.Rmdir(name); err == nil || !errors.Is(err, unix.EBUSY) {
			return err
		}
	}
	dir, err := h.opened()
	if errors.Is(err, driver.ErrNoCgroup) {
		return nil
	}
	if err != nil {
		return err
	}
	return g.empty(parent, name, dir, keep)
}

// empty ends what lives in one hierarchy's cgroup, and removes what is below it and, unless it is somebody else's, itself.
func (g *Group) empty(parent *cgfs.Dir, name string, dir *cgfs.Dir, keep bool) error {
	deadline := time.Now().Add(killPatience)
	pause := firstPause
	for {
		pids, err := dir.Pids()
		if err == nil && len(pids) > 0 {
			if frozen, _ := g.Frozen(); frozen {
				_ = g.Thaw()
			}
			err = dir.Signal(unix.SIGKILL)
		}
		if err == nil && (len(pids) == 0 || !keep) {
			err = dir.RemoveChildren()
			if err == nil && !keep {
				err = parent.Rmdir(name)
			}
			if err == nil {
				return nil
			}
		}
		if err != nil && !errors.Is(err, unix.EBUSY) {
			return err
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("the cgroup %s still holds %s that SIGKILL did not end within %s: %w", dir.Path(), cgfs.Describe(pids), killPatience, unix.EBUSY)
		}
		pause = sleep(pause)
	}
}
