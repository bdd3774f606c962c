package v1

import (
	"errors"
	"fmt"
	"slices"

	"golang.org/x/sys/unix"

	"github.com/creel-project/creel/libcontainer/cgroups/cgfs"
	"github.com/creel-project/creel/libcontainer/cgroups/driver"
)

// Create implements driver.Group.
func (g *Group) Create() error {
	err := g.createAll()
	if err == nil {
		g.created = true
		return nil
	}
	g.undo()
	return fmt.Errorf("linux.cgroupsPath %s: %w", g.record.Path, err)
}

// createAll looks at every hierarchy before it touches any.
func (g *Group) createAll() error {
	for _, h := range g.hierarchies {
		if err := fitForContainer(h); err != nil {
			return err
		}
	}
	if g.unified != nil {
		if err := g.unified.FitForContainer(); err != nil {
			return err
		}
	}
	for _, h := range g.hierarchies {
		if err := g.create(h); err != nil {
			return err
		}
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
	for range cgfs.Attempts { // somebody may remove an empty parent on the way
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

// undo removes what Create made.
func (g *Group) undo() {
	for _, h := range g.hierarchies {
		if h.dir != nil && g.existed(h.key) {
			h.dir.Unmark()
		} else if h.dir != nil {
			cgfs.RemoveEmpty([]string{h.hostDir})
		}
		h.dir.Close()
		h.dir = nil
	}
	cgfs.RemoveEmpty(g.record.Made)
	g.record.Made, g.record.Existed = nil, nil
}

func (g *Group) existed(key string) bool {
	return slices.Contains(g.record.Existed, key)
}
