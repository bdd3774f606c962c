package v1

import (
	"errors"
	"fmt"
	"strconv"

	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"

	"github.com/creel-project/creel/libcontainer/cgroups/cgfs"
	"github.com/creel-project/creel/libcontainer/cgroups/driver"
)

const (
	limitFile = "memory.limit_in_bytes"
	swapFile  = "memory.memsw.limit_in_bytes"
)

// applyMemory sets the memory limits. 0 is no value, as engines write it for "not set".
func (g *Group) applyMemory(m *specs.LinuxMemory) error {
	if m == nil {
		return nil
	}
	driver.WarnIgnored(m, g.warnings)
	if err := g.applyHierarchy(m.UseHierarchy); err != nil {
		return err
	}
	if err := g.applySizes(value(m.Limit), value(m.Swap)); err != nil {
		return err
	}
	if r := value(m.Reservation); r != 0 {
		if err := g.set(memory("reservation", r, "memory.soft_limit_in_bytes")); err != nil {
			return err
		}
	}
	if m.Swappiness != nil {
		s := setting{"memory.swappiness", *m.Swappiness, "memory", "memory.swappiness", strconv.FormatUint(*m.Swappiness, 10)}
		if err := g.set(s); err != nil {
			return err
		}
	}
	if m.DisableOOMKiller != nil && *m.DisableOOMKiller {
		return g.set(setting{"memory.disableOOMKiller", true, "memory", "memory.oom_control", "1"})
	}
	return nil
}

func value(p *int64) int64 {
	if p == nil {
		return 0
	}
	return *p
}

func memory(field string, n int64, file string) setting {
	return setting{"memory." + field, n, "memory", file, strconv.FormatInt(n, 10)}
}

// applyHierarchy does nothing where the wish is granted already: kernels since 5.11 know nothing but hierarchical
// accounting and refuse to hear of it.
func (g *Group) applyHierarchy(want *bool) error {
	if want == nil {
		return nil
	}
	text := "0"
	if *want {
		text = "1"
	}
	if h := g.controller("memory"); h != nil {
		if dir, err := h.opened(); err == nil {
			if now, err := dir.Read("memory.use_hierarchy"); err == nil && now == text {
				return nil
			}
		}
	}
	return g.set(setting{"memory.useHierarchy", *want, "memory", "memory.use_hierarchy", text})
}

// applySizes keeps limit ≤ memory+swap after every write, as the kernel demands: what grows is written from the top,
// what shrinks from the bottom.
func (g *Group) applySizes(limit, swap int64) error {
	if limit < -1 {
		return memory("limit", limit, "").fail(errNegative)
	}
	if swap < -1 {
		return memory("swap", swap, "").fail(errNegative)
	}
	if limit == -1 && swap == 0 && g.has(swapFile) {
		swap = -1 // all memory without all swap would be no "unlimited"
	}
	if swap == -1 && !g.has(swapFile) {
		swap = 0 // swap is not accounted, hence not limited
	}
	swapFirst := swap != 0 && limit != 0 && g.grows(swap)
	if swapFirst {
		if err := g.set(memory("swap", swap, swapFile)); err != nil {
			return err
		}
	}
	if limit != 0 {
		if err := g.applyLimit(limit); err != nil {
			return err
		}
	}
	if swap != 0 && !swapFirst {
		return g.set(memory("swap", swap, swapFile))
	}
	return nil
}

func (g *Group) has(file string) bool {
	h := g.controller("memory")
	if h == nil {
		return false
	}
	dir, err := h.opened()
	return err == nil && dir.Has(file)
}

// grows says whether a memory+swap limit is above the one in force.
func (g *Group) grows(swap int64) bool {
	now, ok := g.number(swapFile)
	return ok && (swap == -1 || uint64(swap) > now)
}

func (g *Group) number(file string) (uint64, bool) {
	h := g.controller("memory")
	if h == nil {
		return 0, false
	}
	dir, err := h.opened()
	if err != nil {
		return 0, false
	}
	n, _, err := dir.Uint(file)
	return n, err == nil
}

func (g *Group) applyLimit(limit int64) error {
	s := memory("limit", limit, limitFile)
	err := g.write(s)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, unix.EBUSY):
		usage, _ := g.number("memory.usage_in_bytes")
		peak, _ := g.number("memory.max_usage_in_bytes")
		err = fmt.Errorf("the limit is below the usage, which cannot be reclaimed: current usage %d, peak usage %d: %w", usage, peak, err)
	case errors.Is(err, unix.EINVAL):
		if swap, ok := g.number(swapFile); ok && uint64(limit) > swap {
			err = fmt.Errorf("the limit is above the limit %d on memory and swap together, which linux.resources.memory.swap raises: %w", swap, err)
		}
	}
	return s.fail(err)
}

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
