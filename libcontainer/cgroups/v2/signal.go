package v2

import (
	"errors"
	"time"

	"golang.org/x/sys/unix"

	"github.com/creel-project/creel/libcontainer/cgroups/cgfs"
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
	own, err := dir.Read(freezeFile)
	if err != nil {
		return err
	}
	if own == "0" {
		if err := dir.Write(freezeFile, "1"); err != nil {
			return err
		}
		defer dir.Write(freezeFile, "0")
		// If some do not freeze in time, they are signalled all the same: better than none.
		if err := dir.WaitEvent("frozen", "1", signalPatience); err != nil && !errors.Is(err, cgfs.ErrTimeout) {
			return err
		}
	}
	return dir.Signal(sig)
}

// Populated says whether there are processes, those of sub-cgroups included.
func (g *Group) Populated() (bool, error) {
	dir, err := g.opened()
	if err != nil {
		return false, err
	}
	state, err := dir.Field("cgroup.events", "populated")
	return state == "1", err
}
