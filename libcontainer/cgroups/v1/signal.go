package v1

import (
	"errors"
	"time"

	"golang.org/x/sys/unix"

	"github.com/creel-project/creel/libcontainer/cgroups/cgfs"
	"github.com/creel-project/creel/libcontainer/cgroups/driver"
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

// Kill implements driver.Group.
func (g *Group) Kill(sig unix.Signal) error {
	if sig == unix.SIGKILL && g.unified != nil {
		if err := g.unified.Kill(sig); err == nil {
			return g.letDie()
		}
	}
	dir, err := g.processes()
	if err != nil {
		return err
	}
	return g.signal(dir, sig)
}

// signal sends sig to what lives in dir, which is frozen meanwhile where the freezer can: else a process could fork out of
// the way. It stays as frozen as it was, but for SIGKILL.
func (g *Group) signal(dir *cgfs.Dir, sig unix.Signal) error {
	if wasFrozen, err := g.Frozen(); err != nil || !wasFrozen {
		if freezer, err := g.freezer(); err == nil {
			if err := freeze(freezer, signalPatience); err == nil {
				defer freezer.Write(freezerState, thawed)
			}
		}
	}
	err := dir.Signal(sig)
	if sig == unix.SIGKILL {
		err = errors.Join(err, g.letDie())
	}
	return err
}

// letDie thaws the cgroup and those below it, in which the container may have frozen some itself: a process that the v1
// freezer holds dies only when it goes on.
func (g *Group) letDie() error {
	if g.controller("freezer") == nil {
		return nil // cgroup v2 kills what is frozen
	}
	freezer, err := g.freezer()
	if errors.Is(err, driver.ErrNoCgroup) {
		return nil // Destroy has removed it: what is left in another hierarchy is not frozen here
	}
	if err != nil {
		return err
	}
	return freezer.Walk(func(d *cgfs.Dir) error { return d.Write(freezerState, thawed) })
}
