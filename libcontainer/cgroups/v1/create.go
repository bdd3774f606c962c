package v1

import (
	"errors"
	"fmt"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/creel-project/creel/libcontainer/cgroups/cgfs"
	"github.com/creel-project/creel/libcontainer/cgroups/driver"
)

// patience is how often Create begins again because somebody removed an empty parent on its way.
const patience = 20

// Create implements driver.Group.
func (g *Group) Create() error {
	err := g.createAll()
	if err == nil {
		return nil
	}
	g.undo()
	return fmt.Errorf("linux.cgroupsPath %s: %w", g.record.Path, err)
}

func (g *Group) createAll() error {
	for _, h := range g.hierarchies {
		if err := g.create(h); err != nil {
			return err
		}
	}
	if err := g.checkThawed(); err != nil {
		return err
	}
	if g.unified == nil {
		return nil
	}
	if err := g.unified.Create(); err != nil {
		return err
	}
	r := g.unified.Record()
	g.record.Existed = append(g.record.Existed, r.Existed...)
	g.record.Made = append(g.record.Made, r.Made...)
	return nil
}

func (g *Group) create(h *hierarchy) error {
	var err error
	for range patience {
		made := len(g.record.Made)
		if err = g.makePath(h); err == nil {
			return nil
		}
		cgfs.RemoveEmpty(g.record.Made[made:])
		g.record.Made = g.record.Made[:made]
		if !errors.Is(err, unix.ENOENT) {
			break
		}
	}
	if g.record.Rootless && (errors.Is(err, unix.EACCES) || errors.Is(err, unix.EPERM) || errors.Is(err, unix.EROFS)) {
		h.absent = fmt.Errorf("%w: %w", driver.ErrNoCgroup, err)
		return nil
	}
	return err
}

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
			g.record.Made = append(g.record.Made, child.Path())
		}
	}
	last, existed, err := makeChild(dir, name, cpuset)
	if err != nil {
		return err
	}
	if existed {
		if err := fitForContainer(last); err != nil {
			last.Close()
			return err
		}
		g.record.Existed = append(g.record.Existed, h.key)
	}
	h.dir = last
	return nil
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

// fitForContainer refuses a cgroup that a new container could not have to itself (runtime-spec, config-linux.md,
// "Control groups").
func fitForContainer(dir *cgfs.Dir) error {
	pids, err := dir.Pids()
	if err != nil {
		return err
	}
	if len(pids) > 0 {
		return fmt.Errorf("the cgroup %s is in use by %s: a container needs an empty one: %w", dir.Path(), cgfs.Describe(pids), unix.EBUSY)
	}
	return nil
}

func (g *Group) checkThawed() error {
	h := g.controller("freezer")
	if h == nil || h.absent != nil {
		return nil
	}
	state, err := h.dir.Read(freezerState)
	if err == nil && state != thawed {
		err = fmt.Errorf("the cgroup %s is frozen, no process could start in it: %w", h.hostDir, unix.EBUSY)
	}
	return err
}

// undo removes what Create made.
func (g *Group) undo() {
	for _, h := range g.hierarchies {
		if h.dir != nil && !g.existed(h.key) {
			cgfs.RemoveEmpty([]string{h.hostDir})
		}
		h.dir.Close()
		h.dir = nil
	}
	cgfs.RemoveEmpty(g.record.Made)
	g.record.Made, g.record.Existed = nil, nil
}

func (g *Group) existed(key string) bool {
	for _, k := range g.record.Existed {
		if k == key {
			return true
		}
	}
	return false
}
