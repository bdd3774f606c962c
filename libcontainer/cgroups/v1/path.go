package v1

import (
	"strings"

	"github.com/creel-project/creel/libcontainer/cgroups/cgfs"
)

// makePath makes every directory down to the cgroup in one hierarchy.
func (g *Group) makePath(h *hierarchy) error {
	dir, err := cgfs.Open(h.mount)
	if err != nil {
		return err
	}
	defer func() { dir.Close() }()
	cpuset := hasController(h.key, "cpuset")
	parents, name := cgfs.Split(h.path())
	for element := range cgfs.Elements(parents) {
		child, existed, err := makeChild(dir, element, cpuset)
		if err != nil {
			return err
		}
		dir.Close()
		dir = child
		if !existed {
			child.Mark(h.token, false)
			g.record.Made = append(g.record.Made, child.Path())
		}
	}
	last, existed, err := makeChild(dir, name, cpuset)
	if err != nil {
		return err
	}
	g.take(h, last, existed)
	return nil
}

// take makes a directory the container's. An empty one that another container of creel's left is taken over for good.
func (g *Group) take(h *hierarchy, dir *cgfs.Dir, existed bool) {
	borrowed := existed && !g.adopting && dir.OwnerOf(".", h.token) == cgfs.Nobody
	if !dir.Mark(h.token, borrowed) {
		g.setToken("")
	}
	if borrowed {
		g.record.Existed = append(g.record.Existed, h.key)
	}
	h.dir = dir
}

func hasController(key, name string) bool {
	for controller := range strings.SplitSeq(key, ",") {
		if controller == name {
			return true
		}
	}
	return false
}

func makeChild(parent *cgfs.Dir, name string, cpuset bool) (child *cgfs.Dir, existed bool, err error) {
	if existed, err = parent.Mkdir(name); err != nil {
		return nil, false, err
	}
	if child, err = parent.Child(name); err != nil {
		return nil, existed, err
	}
	if cpuset {
		err = inherit(parent, child)
	}
	if err != nil {
		child.Close()
		if !existed {
			_ = parent.Rmdir(name)
		}
	}
	return child, existed, err
}

// inherit copies cpus and memory nodes to a cpuset that has none yet: as long as they are empty, no process
// can join it.
func inherit(parent, child *cgfs.Dir) error {
	for _, file := range [...]string{"cpuset.cpus", "cpuset.mems"} {
		own, err := child.Read(file)
		if err != nil {
			return err
		}
		if strings.TrimSpace(own) != "" {
			continue
		}
		given, err := parent.Read(file)
		if err != nil {
			return err
		}
		if err := child.Write(file, given); err != nil {
			return err
		}
	}
	return nil
}
