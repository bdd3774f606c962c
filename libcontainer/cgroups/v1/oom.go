package v1

import (
	"github.com/creel-project/creel/libcontainer/cgroups/cgfs"
	"github.com/creel-project/creel/libcontainer/cgroups/driver"
)

// unlimited is the least number that the kernel means no limit by: PAGE_COUNTER_MAX in bytes, of the largest page size.
const unlimited = 1<<63 - 1<<16

// OOM implements driver.Group. Without the memory controller nothing is known, which is no error.
func (g *Group) OOM() (driver.OOMInfo, error) {
	var info driver.OOMInfo
	h := g.controller("memory")
	if h == nil {
		if g.unified != nil {
			return g.unified.OOM()
		}
		return info, nil
	}
	dir, err := h.opened()
	if err != nil {
		return info, err
	}
	killed, err := oomKills(dir)
	if err != nil {
		return info, err
	}
	info.Killed = killed
	info.Usage, _, _ = dir.Uint("memory.usage_in_bytes")
	info.Peak, _, _ = dir.Uint("memory.max_usage_in_bytes")
	if info.Limit, _, _ = dir.Uint(limitFile); info.Limit >= unlimited {
		info.Limit = 0
	}
	return info, nil
}

// oomKills adds up the cgroup's counter (Linux 4.13) and those below it: on v1 each counts its own.
func oomKills(dir *cgfs.Dir) (uint64, error) {
	var sum uint64
	err := dir.Walk(func(d *cgfs.Dir) error {
		n, err := d.Field("memory.oom_control", "oom_kill")
		sum += cgfs.Number(n)
		return err
	})
	return sum, err
}
