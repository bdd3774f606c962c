package v1

import (
	"errors"
	"strconv"

	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

// applyCPU sets what the controllers cpu and cpuset do. 0 is no value but for idle and burst.
func (g *Group) applyCPU(c *specs.LinuxCPU) error {
	if c == nil {
		return nil
	}
	if c.Idle != nil {
		g.noteShares()
		if err := g.set(cpu("idle", *c.Idle, "cpu.idle")); err != nil {
			return err
		}
	}
	// The kernel refuses shares for an idle cgroup, whose weight is fixed.
	if c.Shares != nil && *c.Shares != 0 && (c.Idle == nil || *c.Idle != 1) {
		if err := g.set(cpu("shares", int64(*c.Shares), "cpu.shares")); err != nil {
			return err
		}
	}
	if err := g.applyRealtime(c); err != nil {
		return err
	}
	if err := g.applyQuota(c); err != nil {
		return err
	}
	if c.Cpus != "" {
		if err := g.set(setting{"cpu.cpus", c.Cpus, "cpuset", "cpuset.cpus", c.Cpus}); err != nil {
			return err
		}
	}
	if c.Mems != "" {
		return g.set(setting{"cpu.mems", c.Mems, "cpuset", "cpuset.mems", c.Mems})
	}
	return nil
}

// noteShares remembers the shares that the kernel resets with every change of cpu.idle. Those of an idle cgroup it does not take.
func (g *Group) noteShares() {
	h := g.controller("cpu")
	if h == nil {
		return
	}
	if dir, err := h.opened(); err == nil {
		if idle, err := dir.Read("cpu.idle"); err == nil && idle == "0" {
			g.journal.Note(dir, "cpu.shares")
		}
	}
}

func cpu(field string, n int64, file string) setting {
	return setting{"cpu." + field, n, "cpu", file, strconv.FormatInt(n, 10)}
}

func (g *Group) applyRealtime(c *specs.LinuxCPU) error {
	var list []setting
	if c.RealtimePeriod != nil && *c.RealtimePeriod != 0 {
		list = append(list, cpu("realtimePeriod", int64(*c.RealtimePeriod), "cpu.rt_period_us"))
	}
	if c.RealtimeRuntime != nil && *c.RealtimeRuntime != 0 {
		list = append(list, cpu("realtimeRuntime", *c.RealtimeRuntime, "cpu.rt_runtime_us"))
	}
	return g.setTogether(list)
}

// applyQuota sets period, quota and burst.
func (g *Group) applyQuota(c *specs.LinuxCPU) error {
	var list []setting
	if c.Period != nil && *c.Period != 0 {
		list = append(list, cpu("period", int64(*c.Period), "cpu.cfs_period_us"))
	}
	if c.Quota != nil && *c.Quota != 0 {
		list = append(list, cpu("quota", *c.Quota, "cpu.cfs_quota_us"))
	}
	if c.Burst != nil {
		list = append(list, cpu("burst", int64(*c.Burst), "cpu.cfs_burst_us"))
	}
	return g.setTogether(list)
}

// setTogether writes settings that the kernel checks against each other after every write: quota/period must fit
// the parent's, burst ≤ quota, runtime ≤ period. What an old value of another one forbids is written once more after it.
func (g *Group) setTogether(list []setting) error {
	for len(list) > 0 {
		var refused []setting
		var first error
		for _, s := range list {
			err := g.set(s)
			if err != nil && !errors.Is(err, unix.EINVAL) {
				return err
			}
			if err != nil {
				refused = append(refused, s)
				if first == nil {
					first = err
				}
			}
		}
		if len(refused) == len(list) {
			return first
		}
		list = refused
	}
	return nil
}
