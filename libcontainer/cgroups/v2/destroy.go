package v2

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
	if err := g.remove(); err != nil {
		return err
	}
	g.dir.Close()
	g.dir = nil
	if g.record.Token == "" {
		cgfs.RemoveEmpty(g.record.Made)
	} else {
		cgfs.RemoveParents(g.hostDir(), g.mount, g.record.Token)
	}
	return nil
}

func (g *Group) remove() error {
	parent, name, err := g.openParent()
	if errors.Is(err, unix.ENOENT) {
		return nil
	}
	if err != nil {
		return err
	}
	if parent != g.root {
		defer parent.Close()
	}
	keep := len(g.record.Existed) > 0
	if g.record.Token != "" {
		switch parent.OwnerOf(name, g.record.Token) {
		case cgfs.Absent, cgfs.Another:
			return nil
		case cgfs.Nobody:
			// Create was cut short just after it made the cgroup, or never came to it. An empty one is not missed.
			_ = parent.Rmdir(name)
			return nil
		case cgfs.Borrowed:
			keep = true
		}
	}
	if !keep {
		err = parent.Rmdir(name)
		if err == nil || !errors.Is(err, unix.EBUSY) {
			return err
		}
	}
	return g.empty(parent, name, keep)
}

// empty ends what lives in the cgroup, and removes what is below it and, unless it is somebody else's, itself.
func (g *Group) empty(parent *cgfs.Dir, name string, keep bool) error {
	dir, err := g.opened()
	if errors.Is(err, driver.ErrNoCgroup) {
		return nil
	}
	if err != nil {
		return err
	}
	deadline := time.Now().Add(killPatience)
	for {
		err := g.Kill(unix.SIGKILL)
		if err == nil || cgfs.Gone(err) {
			err = dir.WaitEvent("populated", "0", time.Until(deadline))
		}
		if err == nil {
			err = dir.RemoveChildren()
		}
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
		if time.Now().After(deadline) {
			pids, _ := dir.Pids()
			return fmt.Errorf("the cgroup %s still holds %s that SIGKILL did not end within %s: %w", dir.Path(), cgfs.Describe(pids), killPatience, err)
		}
		if !errors.Is(err, unix.EBUSY) && !errors.Is(err, cgfs.ErrTimeout) {
			return err
		}
		time.Sleep(time.Millisecond) // empty, and yet busy: a dying process is on its way out
	}
}

func (g *Group) openParent() (*cgfs.Dir, string, error) {
	path, name := cgfs.Split(g.record.Path)
	if path == "/" {
		root, err := g.openRoot()
		return root, name, err
	}
	path, _ = cgfs.Split(g.hostDir())
	parent, err := cgfs.Open(path)
	return parent, name, err
}
