package libcontainer

import (
	"errors"
	"fmt"
	"os"

	"github.com/creel-project/creel/internal/spawn"
	"github.com/creel-project/creel/libcontainer/initproc"
	"github.com/creel-project/creel/libcontainer/plan"
	"golang.org/x/sys/unix"
)

// holdIDMap returns a user namespace with these maps.
func holdIDMap(in *plan.Inherit) (fd int, err error) {
	err = hold("creel:[IDMAP]", unix.CLONE_NEWUSER, func(pid int) error {
		if err := writeMaps(pid, in.UID, in.GID); err != nil {
			return err
		}
		fd, err = openNamespace(fmt.Sprintf("/proc/%d/ns/user", pid), unix.CLONE_NEWUSER)
		return err
	})
	if err != nil {
		return -1, fmt.Errorf("user namespace for id maps: %w", err)
	}
	return fd, nil
}

// holdLocked returns a mount namespace with the host's mounts, which belongs to a user
// namespace of its own: what is copied there has locked flags (mount_namespaces(7)).
func holdLocked() (fd int, err error) {
	err = hold("creel:[MOUNTS]", unix.CLONE_NEWUSER|unix.CLONE_NEWNS, func(pid int) error {
		fd, err = openNamespace(fmt.Sprintf("/proc/%d/ns/mnt", pid), unix.CLONE_NEWNS)
		return err
	})
	if err != nil {
		return -1, fmt.Errorf("mount namespace with locked flags: %w", err)
	}
	return fd, nil
}

// hold makes namespaces in a process of ours, which holds them until take returns.
func hold(title string, flags uint64, take func(pid int) error) error {
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer null.Close()
	n := int(null.Fd())
	p, err := initproc.Start(initproc.Spawn{Title: title, CgroupFD: -1, Stdio: [3]int{n, n, n}})
	if err != nil {
		return err
	}
	defer spawn.Wait(p.Pid)
	defer p.Close() // the holder ends when its socket does
	if err := unshared(p, flags); err != nil {
		return err
	}
	return take(p.Pid)
}

// unshared has a waiting init make namespaces, and wait again.
func unshared(p *initproc.Process, flags uint64) error {
	var pl plan.Plan
	o := plan.NewOp(plan.Unshare, "", "unshare")
	o.N[0] = flags
	pl.Add(o)
	pl.Add(plan.NewOp(plan.Sync, "", "hold"))
	code, err := pl.Encode()
	if err != nil {
		return err
	}
	ch := p.Channel()
	if err := ch.SendPlan(code); err != nil {
		return err
	}
	m, err := ch.Recv()
	if err != nil {
		return errors.Join(initproc.ErrClosed, err)
	}
	if m.Kind == initproc.KindError {
		return m.Failure(false)
	}
	return nil
}
