package v1

import (
	"fmt"

	"github.com/opencontainers/runtime-spec/specs-go"

	"github.com/creel-project/creel/libcontainer/cgroups/cgfs"
)

// Update implements driver.Group.
func (g *Group) Update(res *specs.LinuxResources) error {
	return g.UpdateThen(res, func() error { return nil })
}

// UpdateThen is Update with a last step, whose failure undoes what was set.
func (g *Group) UpdateThen(res *specs.LinuxResources, last func() error) error {
	if res == nil {
		return nil
	}
	var j cgfs.Journal
	g.keep(&j)
	defer g.keep(nil)
	err := g.applyLimits(res)
	if err == nil {
		err = g.Apply(res)
	}
	if err == nil && res.Devices != nil {
		err = g.ApplyDevices(res.Devices)
	}
	if err == nil {
		err = last()
	}
	if err == nil {
		return nil
	}
	if undo := j.Undo(); undo != nil {
		return fmt.Errorf("%w; and of the settings before it, which are in force now: %w", err, undo)
	}
	return err
}

// keep makes the group remember in a journal what it overwrites, until it is given nil.
func (g *Group) keep(j *cgfs.Journal) {
	g.journal = j
	if g.unified != nil {
		g.unified.Keep(j)
	}
}
