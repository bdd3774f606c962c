package driver

import (
	"fmt"

	"github.com/opencontainers/runtime-spec/specs-go"

	"github.com/creel-project/creel/libcontainer/cgroups/cgfs"
)

// Update is Group.Update of a group that writes all its settings through a journal: keep makes g remember in one what
// it overwrites, until it is given nil. The failure of last, unless that is nil, undoes what was set as well.
func Update(g Group, keep func(*cgfs.Journal), res *specs.LinuxResources, last func() error) error {
	if res == nil {
		return nil
	}
	var j cgfs.Journal
	keep(&j)
	defer keep(nil)
	err := g.ApplyEarly(res)
	if err == nil {
		err = g.Apply(res)
	}
	if err == nil && res.Devices != nil {
		err = g.ApplyDevices(res.Devices)
	}
	if err == nil && last != nil {
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
