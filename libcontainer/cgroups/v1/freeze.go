package v1

import (
	"errors"
	"fmt"
	"time"

	"github.com/creel-project/creel/libcontainer/cgroups/cgfs"
	"github.com/creel-project/creel/libcontainer/cgroups/driver"
	v2 "github.com/creel-project/creel/libcontainer/cgroups/v2"
)

// The freezer's files and their words. The second says what the cgroup itself was asked for, so that it tells a frozen
// cgroup from one in a frozen parent. One on its way to be frozen counts: whoever began that may be gone, and must not leave
// what nobody can thaw.
const (
	freezerState = "freezer.state"
	selfFreezing = "freezer.self_freezing"
	frozen       = "FROZEN"
	thawed       = "THAWED"
)

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
	own, err := dir.Read(selfFreezing)
	return own == "1", err
}

// Frozen says what Group.Frozen says, of a record.
func Frozen(r *driver.Record) (bool, error) {
	for key, dir := range r.Dirs {
		if hasController(key, "freezer") {
			own, err := cgfs.Peek(dir + "/" + selfFreezing)
			return own == "1", err
		}
	}
	if r.Dirs[""] != "" {
		return v2.Frozen(r)
	}
	return false, nil
}
