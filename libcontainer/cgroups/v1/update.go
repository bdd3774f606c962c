package v1

import (
	"github.com/opencontainers/runtime-spec/specs-go"

	"github.com/creel-project/creel/libcontainer/cgroups/cgfs"
	"github.com/creel-project/creel/libcontainer/cgroups/driver"
)

// Update implements driver.Group.
func (g *Group) Update(res *specs.LinuxResources) error { return g.UpdateThen(res, nil) }

// UpdateThen is Update with a last step, unless that is nil, whose failure undoes what was set.
func (g *Group) UpdateThen(res *specs.LinuxResources, last func() error) error {
	return driver.Update(g, g.keep, res, last)
}

// keep makes the group remember in a journal what it overwrites, until it is given nil.
func (g *Group) keep(j *cgfs.Journal) {
	g.journal = j
	if g.unified != nil {
		g.unified.Keep(j)
	}
}
