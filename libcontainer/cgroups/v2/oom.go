package v2

import (
	"errors"

	"golang.org/x/sys/unix"

	"github.com/creel-project/creel/libcontainer/cgroups/cgfs"
	"github.com/creel-project/creel/libcontainer/cgroups/driver"
)

// OOM implements driver.Group. Without the memory controller nothing is known, which is no error.
func (g *Group) OOM() (driver.OOMInfo, error) {
	var info driver.OOMInfo
	dir, err := g.opened()
	if err != nil {
		return info, err
	}
	events, err := dir.Read("memory.events")
	if errors.Is(err, unix.ENOENT) {
		return info, nil
	}
	if err != nil {
		return info, err
	}
	info.Killed = cgfs.Number(cgfs.Field(events, "oom_kill"))
	info.Limit, _, _ = dir.Uint("memory.max")
	info.Usage, _, _ = dir.Uint("memory.current")
	info.Peak, _, _ = dir.Uint("memory.peak")
	return info, nil
}
