package v2

import (
	"errors"

	"golang.org/x/sys/unix"

	"github.com/creel-project/creel/libcontainer/cgroups/cgfs"
)

// Adopt takes the cgroup of a process for the container's: somebody made it, and handed it over with that process in it.
func (g *Group) Adopt(pid int) error {
	text, err := cgfs.ProcCgroup(pid)
	if err != nil {
		return err
	}
	path, err := cgfs.Adoptable(text, "", g.record.Path)
	if err != nil {
		return err
	}
	return g.AdoptAt(path)
}

// AroundDevices makes a change: on cgroup v2 nobody else writes the container's filter.
func (g *Group) AroundDevices(change func() error) error { return change() }

// AdoptAt takes the cgroup at a path below the mount, which it makes if it is not there.
func (g *Group) AdoptAt(path string) error {
	root, err := g.openRoot()
	if err != nil {
		return err
	}
	dir, err := root.Descend(path)
	if errors.Is(err, unix.ENOENT) {
		g.record.Path, g.record.Dirs = path, map[string]string{"": g.mount + path}
		return g.Create()
	}
	if err != nil {
		return err
	}
	if !dir.Mark(g.record.Token, false) {
		g.record.Token = ""
	}
	g.dir, g.created, g.fresh = dir, true, true
	g.record.Path, g.record.Dirs = path, map[string]string{"": dir.Path()}
	return nil
}
