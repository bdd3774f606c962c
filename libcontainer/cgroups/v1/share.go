package v1

import "github.com/opencontainers/runtime-spec/specs-go"

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
