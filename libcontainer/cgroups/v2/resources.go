package v2

import (
	"errors"

	"github.com/opencontainers/runtime-spec/specs-go"
)

// ApplyEarly implements driver.Group.
func (g *Group) ApplyEarly(res *specs.LinuxResources) error {
	if res == nil {
		return nil
	}
	if err := g.applyPids(res.Pids); err != nil {
		return err
	}
	if err := g.applyCPU(res.CPU); err != nil {
		return err
	}
	if err := g.applyIO(res.BlockIO); err != nil {
		return err
	}
	if err := g.applyHugetlb(res.HugepageLimits); err != nil {
		return err
	}
	if err := g.applyRdma(res.Rdma); err != nil {
		return err
	}
	if n := res.Network; n != nil && (n.ClassID != nil || len(n.Priorities) > 0) {
		return errors.New("linux.resources.network needs the cgroup v1 controllers net_cls and net_prio, which cgroup v2 has no counterpart of")
	}
	return g.applyUnified(res.Unified, false)
}

// Apply implements driver.Group.
func (g *Group) Apply(res *specs.LinuxResources) error {
	if res == nil {
		return nil
	}
	if err := g.applyMemory(res.Memory); err != nil {
		return err
	}
	return g.applyUnified(res.Unified, true)
}
