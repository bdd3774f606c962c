package v1

import (
	"errors"
	"fmt"
	"time"

	"golang.org/x/sys/unix"

	"github.com/creel-project/creel/libcontainer/cgroups/cgfs"
	"github.com/creel-project/creel/libcontainer/cgroups/driver"
)

// Destroy implements driver.Group.
func (g *Group) Destroy() error {
	if !g.created && !g.recorded {
		return nil
	}
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
		if h.token != "" {
			cgfs.RemoveParents(h.hostDir, h.mount, h.token)
		}
	}
	if g.record.Token == "" {
		cgfs.RemoveEmpty(g.record.Made)
	}
	return nil
}

// destroyUnified thaws first, since it waits for deaths that a v1 freezer would prevent.
func (g *Group) destroyUnified() error {
	if populated, err := g.unified.Populated(); err == nil && populated {
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
	switch h.owner(parent, name) {
	case cgfs.Absent, cgfs.Another:
		return nil
	case cgfs.Nobody:
		// Create was cut short just after it made the cgroup, or never came to it. An empty one is not missed.
		_ = parent.Rmdir(name)
		return nil
	case cgfs.Borrowed:
		keep = true
	}
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
			err = g.signal(dir, unix.SIGKILL)
		}
		if err == nil && (len(pids) == 0 || !keep) {
			err = dir.RemoveChildren()
			if err == nil && keep {
				dir.Unmark()
				return nil
			}
			if err == nil {
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
