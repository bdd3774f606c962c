package systemd

import (
	"fmt"

	"github.com/creel-project/creel/libcontainer/cgroups/cgfs"
)

// Destroy implements driver.Group. The scope of a container whose processes have ended goes by itself, but not at once, and a
// container of the same name may follow.
func (g *Group) Destroy() error {
	if !g.started {
		return nil
	}
	owner := g.owner()
	if owner == cgfs.Another {
		return nil
	}
	if err := g.Files.Destroy(); err != nil {
		return err
	}
	// A cgroup without a mark is one of a runtime that was killed before systemd answered: its processes live.
	kill := owner == cgfs.Nobody
	m, err := g.connect()
	if err == nil {
		defer g.disconnect()
		err = m.stop(g.unit.Name, g.description, kill)
	}
	if err != nil && kill {
		return fmt.Errorf("end of unit %s: %w", g.unit.Name, err)
	}
	if err != nil {
		g.warn(fmt.Sprintf("the cgroup is removed, but systemd was not told that unit %s has ended: %v", g.unit.Name, err))
	}
	return nil
}

// owner tells whose the cgroup at the scope's place is.
func (g *Group) owner() cgfs.Owner {
	r := g.Files.Record()
	if r.Token == "" { // the kernel keeps no marks
		return cgfs.Nobody
	}
	dir := r.Dirs[""]
	if g.onV1() {
		dir = r.Dirs[v1Key]
	}
	path, name := cgfs.Split(dir)
	parent, err := cgfs.Open(path)
	if err != nil {
		return cgfs.Absent
	}
	defer parent.Close()
	return parent.OwnerOf(name, r.Token)
}
