package v1

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"

	"github.com/creel-project/creel/libcontainer/cgroups/v2"
)

// ApplyEarly implements driver.Group.
func (g *Group) ApplyEarly(res *specs.LinuxResources) error {
	if res == nil {
		res = &specs.LinuxResources{}
	}
	if err := g.applyDevices(res.Devices); err != nil {
		return err
	}
	return g.applyLimits(res)
}

// Apply implements driver.Group.
func (g *Group) Apply(res *specs.LinuxResources) error {
	if res == nil {
		return nil
	}
	mine, rest := g.share(res)
	if err := g.applyMemory(mine.Memory); err != nil {
		return err
	}
	if g.unified == nil {
		return nil
	}
	return g.unified.Apply(&rest)
}

// Update implements driver.Group.
func (g *Group) Update(res *specs.LinuxResources) error {
	if res == nil {
		return nil
	}
	if res.Devices != nil {
		if err := g.applyDevices(res.Devices); err != nil {
			return err
		}
	}
	if err := g.applyLimits(res); err != nil {
		return err
	}
	return g.Apply(res)
}

func (g *Group) applyLimits(res *specs.LinuxResources) error {
	mine, rest := g.share(res)
	if err := g.applyPids(mine.Pids); err != nil {
		return err
	}
	if err := g.applyCPU(mine.CPU); err != nil {
		return err
	}
	if err := g.applyBlkio(mine.BlockIO); err != nil {
		return err
	}
	if err := g.applyHugetlb(mine.HugepageLimits); err != nil {
		return err
	}
	if err := g.applyNetwork(mine.Network); err != nil {
		return err
	}
	if err := g.applyRdma(mine.Rdma); err != nil {
		return err
	}
	if g.unified != nil {
		return g.unified.ApplyLimits(&rest)
	}
	for _, key := range slices.Sorted(maps.Keys(rest.Unified)) {
		return setting{field: "unified[" + strconv.Quote(key) + "]", value: strconv.Quote(rest.Unified[key])}.
			fail(errors.New("it needs cgroup v2, and this machine has mounted v1 hierarchies only"))
	}
	return nil
}

// share divides the resources of a hybrid machine between its v1 hierarchies and its cgroup2. What v1 has
// no controller for goes to cgroup2, if that has it. Anything else stays here, to be refused by name.
func (g *Group) share(res *specs.LinuxResources) (mine, rest specs.LinuxResources) {
	mine = *res
	mine.Unified = nil
	rest.Unified = res.Unified
	if g.belongsToV2("memory") {
		mine.Memory, rest.Memory = nil, res.Memory
	}
	if g.belongsToV2("pids") {
		mine.Pids, rest.Pids = nil, res.Pids
	}
	if g.belongsToV2("io") && g.controller("blkio") == nil {
		mine.BlockIO, rest.BlockIO = nil, res.BlockIO
	}
	if g.belongsToV2("hugetlb") {
		mine.HugepageLimits, rest.HugepageLimits = nil, res.HugepageLimits
	}
	if g.belongsToV2("rdma") {
		mine.Rdma, rest.Rdma = nil, res.Rdma
	}
	if res.CPU != nil {
		mine.CPU, rest.CPU = g.shareCPU(*res.CPU)
	}
	return mine, rest
}

// shareCPU divides linux.resources.cpu, which is about two controllers.
func (g *Group) shareCPU(c specs.LinuxCPU) (mine, rest *specs.LinuxCPU) {
	var toV2 specs.LinuxCPU
	if g.belongsToV2("cpu") {
		toV2 = c
		toV2.Cpus, toV2.Mems = "", ""
		c = specs.LinuxCPU{Cpus: c.Cpus, Mems: c.Mems}
	}
	if g.belongsToV2("cpuset") {
		toV2.Cpus, toV2.Mems = c.Cpus, c.Mems
		c.Cpus, c.Mems = "", ""
	}
	return &c, &toV2
}

func (g *Group) belongsToV2(controller string) bool {
	return g.unified != nil && g.controller(controller) == nil && g.unified.Offers(controller)
}

// setting is one value on its way from config.json to a file.
type setting struct {
	field      string // "memory.limit", below linux.resources
	value      any    // as config.json has it
	controller string
	file       string
	text       string // what the file gets
}

func (s setting) fail(err error) error {
	return fmt.Errorf("linux.resources.%s %v: %w", s.field, s.value, err)
}

func (g *Group) set(s setting) error {
	if err := g.write(s); err != nil {
		return s.fail(err)
	}
	return nil
}

func (g *Group) write(s setting) error {
	h := g.controller(s.controller)
	if h == nil {
		return fmt.Errorf("the cgroup v1 controller %s is not mounted on this machine", s.controller)
	}
	dir, err := h.opened()
	if err != nil {
		return err
	}
	err = dir.Write(s.file, s.text)
	if errors.Is(err, unix.ENOENT) {
		return fmt.Errorf("the controller %s of this kernel has no such setting: %w", s.controller, err)
	}
	return err
}

var errNegative = errors.New("a limit is -1 (unlimited) or not negative")

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
