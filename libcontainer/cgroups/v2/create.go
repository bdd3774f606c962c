package v2

import (
	"errors"
	"fmt"

	"golang.org/x/sys/unix"

	"github.com/creel-project/creel/libcontainer/cgroups/cgfs"
	"github.com/creel-project/creel/libcontainer/cgroups/driver"
)

// Create implements driver.Group.
func (g *Group) Create() error {
	root, err := g.openRoot()
	if err != nil {
		return err
	}
	for range cgfs.Attempts { // somebody may remove an empty parent on the way
		if err = g.makePath(root); err == nil {
			g.created = true
			return nil
		}
		g.removeMade()
		if !errors.Is(err, unix.ENOENT) {
			break
		}
	}
	if g.record.Rootless && denied(err) {
		// Without any limit the container can do without a cgroup; with one, setting it reports this.
		g.absent = fmt.Errorf("%w: %w", driver.ErrNoCgroup, err)
		return nil
	}
	return fmt.Errorf("linux.cgroupsPath %s: %w", g.record.Path, err)
}

func denied(err error) bool {
	return errors.Is(err, unix.EACCES) || errors.Is(err, unix.EPERM) || errors.Is(err, unix.EROFS)
}

// makePath makes every directory down to the cgroup and enables controllers on the way.
func (g *Group) makePath(root *cgfs.Dir) error {
	parentPath, name := cgfs.Split(g.record.Path)
	parent := root
	defer func() {
		if parent != root {
			parent.Close()
		}
	}()
	more := enableUsual(root)
	for element := range cgfs.Elements(parentPath) {
		existed, err := parent.Mkdir(element)
		if err != nil {
			return err
		}
		child, err := parent.Child(element)
		if err != nil {
			return err
		}
		if parent != root {
			parent.Close()
		}
		parent = child
		if !existed {
			child.Mark(g.record.Token, false)
			g.record.Made = append(g.record.Made, child.Path())
		}
		more = more && enableUsual(parent)
	}
	return g.makeLast(parent, name)
}

// makeLast makes the cgroup itself, or takes an empty one. One that another container of creel's left is taken over for good.
func (g *Group) makeLast(parent *cgfs.Dir, name string) error {
	existed, err := parent.Mkdir(name)
	if err != nil {
		return err
	}
	dir, err := parent.Child(name)
	if err == nil && existed {
		if err = fitForContainer(dir); err != nil {
			dir.Close()
		}
	}
	if err != nil {
		return err
	}
	borrowed := existed && dir.OwnerOf(".", g.record.Token) == cgfs.Nobody
	if !dir.Mark(g.record.Token, borrowed) {
		g.record.Token = ""
	}
	g.dir, g.fresh = dir, !existed
	g.record.Existed = nil
	if borrowed {
		g.record.Existed = []string{""}
	}
	return nil
}

// removeMade takes back the parents that Create made, as far as nobody else uses them.
func (g *Group) removeMade() {
	cgfs.RemoveEmpty(g.record.Made)
	g.record.Made = nil
}
