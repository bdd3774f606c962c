package v1

import (
	"maps"
	"slices"
	"strconv"

	"github.com/opencontainers/runtime-spec/specs-go"

	v2 "github.com/creel-project/creel/libcontainer/cgroups/v2"
)

func (g *Group) applyPids(p *specs.LinuxPids) error {
	if p == nil || p.Limit == nil {
		return nil
	}
	// 0 is a limit like any other (runtime-spec 1.3).
	s := setting{"pids.limit", *p.Limit, "pids", "pids.max", strconv.FormatInt(*p.Limit, 10)}
	if *p.Limit < -1 {
		return s.fail(errNegative)
	}
	if *p.Limit == -1 {
		if g.controller("pids") == nil {
			return nil
		}
		s.text = "max"
	}
	return g.set(s)
}

func (g *Group) applyHugetlb(limits []specs.LinuxHugepageLimit) error {
	for i := range limits {
		l := &limits[i]
		text := strconv.FormatUint(l.Limit, 10)
		if l.Limit > 1<<63-1 {
			text = "-1"
		}
		s := setting{"hugepageLimits[" + strconv.Itoa(i) + "]", "(pageSize " + strconv.Quote(l.Pagesize) + ") " + text, "hugetlb", "hugetlb." + l.Pagesize + ".limit_in_bytes", text}
		if err := g.set(s); err != nil {
			return err
		}
		// Reservations are limited as well where the kernel can (Linux 5.7).
		s.file = "hugetlb." + l.Pagesize + ".rsvd.limit_in_bytes"
		if g.controller("hugetlb").dir.Has(s.file) {
			if err := g.set(s); err != nil {
				return err
			}
		}
	}
	return nil
}

func (g *Group) applyNetwork(n *specs.LinuxNetwork) error {
	if n == nil {
		return nil
	}
	if n.ClassID != nil {
		if err := g.set(setting{"network.classID", *n.ClassID, "net_cls", "net_cls.classid", strconv.FormatUint(uint64(*n.ClassID), 10)}); err != nil {
			return err
		}
	}
	for i, p := range n.Priorities {
		text := p.Name + " " + strconv.FormatUint(uint64(p.Priority), 10)
		if err := g.set(setting{"network.priorities[" + strconv.Itoa(i) + "]", "(" + text + ")", "net_prio", "net_prio.ifpriomap", text}); err != nil {
			return err
		}
	}
	return nil
}

func (g *Group) applyRdma(devices map[string]specs.LinuxRdma) error {
	for _, name := range slices.Sorted(maps.Keys(devices)) {
		text := v2.RdmaText(name, devices[name])
		if err := g.set(setting{"rdma." + name, "(" + text + ")", "rdma", "rdma.max", text}); err != nil {
			return err
		}
	}
	return nil
}
