package v1

import (
	"strconv"

	"github.com/opencontainers/runtime-spec/specs-go"

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
	if n, asked := driver.Swappiness(m); asked {
		s := setting{"memory.swappiness", n, "memory", "memory.swappiness", strconv.FormatUint(n, 10)}
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
