package v2

import (
	"os"

	"github.com/opencontainers/runtime-spec/specs-go"

	"github.com/creel-project/creel/libcontainer/cgroups/cgfs"
	"github.com/creel-project/creel/libcontainer/cgroups/driver"
)

// Update implements driver.Group.
func (g *Group) Update(res *specs.LinuxResources) error { return g.UpdateThen(res, nil) }

// UpdateThen is Update with a last step, unless that is nil, whose failure undoes what was set.
func (g *Group) UpdateThen(res *specs.LinuxResources, last func() error) error {
	return driver.Update(g, g.Keep, res, last)
}

// Keep makes the group remember in a journal what it overwrites, until it is given nil. That is an update: what a setting
// depends on is then taken from the settings in force.
func (g *Group) Keep(j *cgfs.Journal) { g.journal = j }

// sumInForce is the limit on memory and swap together that a container has, 0 if it has none or the kernel does not count
// swap. It stays when the limit on memory alone changes, as on v1 where the kernel keeps the sum.
func (g *Group) sumInForce(limit int64) int64 {
	dir, err := g.opened()
	if err != nil {
		return 0
	}
	memory, limited, err := dir.Uint("memory.max")
	if err != nil || !limited {
		return 0
	}
	swap, limited, err := dir.Uint("memory.swap.max")
	if err != nil || !limited || memory+swap > 1<<63-1 {
		return 0
	}
	sum := int64(memory + swap)
	if limit > sum && limit-sum < int64(os.Getpagesize()) {
		return limit // the kernel counts in whole pages, and so has less than was asked for
	}
	return sum
}
