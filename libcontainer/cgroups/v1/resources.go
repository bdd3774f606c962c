package v1

import (
	"errors"
	"maps"
	"slices"
	"strconv"

	"github.com/opencontainers/runtime-spec/specs-go"
)

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

// ApplyEarly implements driver.Group.
func (g *Group) ApplyEarly(res *specs.LinuxResources) error {
	if res == nil {
		return nil
	}
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
		return g.unified.ApplyEarly(&rest)
	}
	for _, key := range slices.Sorted(maps.Keys(rest.Unified)) {
		return setting{field: "unified[" + strconv.Quote(key) + "]", value: strconv.Quote(rest.Unified[key])}.
			fail(errors.New("it needs cgroup v2, and this machine has mounted v1 hierarchies only"))
	}
	return nil
}
