package v2

import (
	"errors"
	"fmt"

	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"

	"github.com/creel-project/creel/libcontainer/cgroups/driver"
)

// applyMemory sets the memory limits. 0 is no value, as engines write it for "not set".
func (g *Group) applyMemory(m *specs.LinuxMemory) error {
	if m == nil {
		return nil
	}
	driver.WarnIgnored(m, g.warnings)
	if err := inconvertible(m); err != nil {
		return err
	}
	limit, swap := value(m.Limit), value(m.Swap)
	if g.journal != nil && limit > 0 && swap == 0 {
		swap = g.sumInForce(limit)
	}
	if err := g.applySwap(swap, limit); err != nil {
		return err
	}
	if limit != 0 {
		s := setting{"memory.limit", limit, "memory.max", limitText(limit)}
		if limit < -1 {
			return s.fail(errNegative)
		}
		if m.CheckBeforeUpdate != nil && *m.CheckBeforeUpdate {
			if err := g.checkUsage(limit); err != nil {
				return s.fail(err)
			}
		}
		if err := g.set(s); err != nil {
			return err
		}
	}
	if r := value(m.Reservation); r != 0 {
		return g.set(setting{"memory.reservation", r, "memory.low", limitText(r)})
	}
	return nil
}

func value(p *int64) int64 {
	if p == nil {
		return 0
	}
	return *p
}

// inconvertible refuses what cgroup v2 has no counterpart of (runtime-spec, config-linux.md, "Unified").
func inconvertible(m *specs.LinuxMemory) error {
	swappiness, asked := driver.Swappiness(m)
	switch {
	case asked:
		return setting{field: "memory.swappiness", value: swappiness}.fail(errors.New("cgroup v2 has no swappiness for a cgroup"))
	case m.DisableOOMKiller != nil && *m.DisableOOMKiller:
		return setting{field: "memory.disableOOMKiller", value: true}.fail(errors.New("cgroup v2 cannot do without the OOM killer"))
	case m.UseHierarchy != nil && !*m.UseHierarchy:
		return setting{field: "memory.useHierarchy", value: false}.fail(errors.New("cgroup v2 is always hierarchical"))
	}
	return nil
}

// checkUsage refuses a limit that the container exceeds already: cgroup v2 would kill for it.
func (g *Group) checkUsage(limit int64) error {
	if limit < 0 {
		return nil
	}
	dir, err := g.opened()
	if err != nil {
		return err
	}
	usage, _, err := dir.Uint("memory.current")
	if errors.Is(err, unix.ENOENT) {
		return nil // not enabled, so that nothing is charged yet
	}
	if err != nil || usage <= uint64(limit) {
		return err
	}
	peak, _, _ := dir.Uint("memory.peak")
	return fmt.Errorf("the limit is below the usage: current usage %d, peak usage %d, and linux.resources.memory.checkBeforeUpdate is set: %w", usage, max(peak, usage), unix.EBUSY)
}
