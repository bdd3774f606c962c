package v2

import (
	"errors"
	"fmt"
	"time"

	"golang.org/x/sys/unix"

	"github.com/creel-project/creel/libcontainer/cgroups/cgfs"
	"github.com/creel-project/creel/libcontainer/cgroups/driver"
)

// How long to wait for the kernel. A process in an uninterruptible sleep (a dead NFS server, say) neither freezes nor dies.
const (
	freezePatience = 10 * time.Second
	signalPatience = 2 * time.Second
	killPatience   = 10 * time.Second
)

// Pids implements driver.Group.
func (g *Group) Pids() ([]int, error) {
	dir, err := g.opened()
	if err != nil {
		return nil, err
	}
	return dir.Pids()
}

// Freeze implements driver.Group.
func (g *Group) Freeze() error {
	dir, err := g.opened()
	if err != nil {
		return err
	}
	if err := dir.Write("cgroup.freeze", "1"); err != nil {
		return err
	}
	err = dir.WaitEvent("frozen", "1", freezePatience)
	if err != nil {
		_ = dir.Write("cgroup.freeze", "0") // half frozen is worse
	}
	return err
}

// Thaw implements driver.Group.
func (g *Group) Thaw() error {
	dir, err := g.opened()
	if err != nil {
		return err
	}
	return dir.Write("cgroup.freeze", "0")
}

// Frozen implements driver.Group. It is true as well when a cgroup above this one is frozen.
func (g *Group) Frozen() (bool, error) {
	dir, err := g.opened()
	if err != nil {
		return false, err
	}
	state, err := dir.Field("cgroup.events", "frozen")
	return state == "1", err
}

// Kill implements driver.Group.
func (g *Group) Kill(sig unix.Signal) error {
	dir, err := g.opened()
	if err != nil {
		return err
	}
	if sig == unix.SIGKILL {
		err := dir.Write("cgroup.kill", "1") // Linux 5.14
		if !errors.Is(err, unix.ENOENT) && !errors.Is(err, unix.EOPNOTSUPP) {
			return err
		}
	}
	return signalAll(dir, sig)
}

// signalAll signals every process while none of them runs, so that none can fork out of the way.
func signalAll(dir *cgfs.Dir, sig unix.Signal) error {
	own, err := dir.Read("cgroup.freeze")
	if err != nil {
		return err
	}
	if own == "0" {
		if err := dir.Write("cgroup.freeze", "1"); err != nil {
			return err
		}
		defer dir.Write("cgroup.freeze", "0")
		// If some do not freeze in time, they are signalled all the same: better than none.
		if err := dir.WaitEvent("frozen", "1", signalPatience); err != nil && !errors.Is(err, cgfs.ErrTimeout) {
			return err
		}
	}
	return dir.Signal(sig)
}

// Destroy implements driver.Group.
func (g *Group) Destroy() error {
	if err := g.remove(); err != nil {
		return err
	}
	g.dir.Close()
	g.dir = nil
	cgfs.RemoveEmpty(g.record.Made)
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
		if err == nil && !keep {
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
