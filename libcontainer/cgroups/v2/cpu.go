package v2

import (
	"errors"
	"strconv"
	"strings"

	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

func (g *Group) applyCPU(c *specs.LinuxCPU) error {
	if c == nil {
		return nil
	}
	if err := noRealtime(c); err != nil {
		return err
	}
	if err := g.applyWeight(c); err != nil {
		return err
	}
	if err := g.applyQuota(c); err != nil {
		return err
	}
	if c.Cpus != "" {
		if err := g.set(setting{"cpu.cpus", c.Cpus, "cpuset.cpus", c.Cpus}); err != nil {
			return err
		}
	}
	if c.Mems != "" {
		return g.set(setting{"cpu.mems", c.Mems, "cpuset.mems", c.Mems})
	}
	return nil
}

func noRealtime(c *specs.LinuxCPU) error {
	cause := errors.New("cgroup v2 cannot share out realtime scheduling")
	if c.RealtimePeriod != nil && *c.RealtimePeriod != 0 {
		return setting{field: "cpu.realtimePeriod", value: *c.RealtimePeriod}.fail(cause)
	}
	if c.RealtimeRuntime != nil && *c.RealtimeRuntime != 0 {
		return setting{field: "cpu.realtimeRuntime", value: *c.RealtimeRuntime}.fail(cause)
	}
	return nil
}

// applyWeight sets cpu.idle and cpu.weight. The kernel refuses a weight for an idle cgroup, whose weight is fixed.
func (g *Group) applyWeight(c *specs.LinuxCPU) error {
	idle := false
	if c.Idle != nil {
		g.noteWeight()
		if err := g.set(setting{"cpu.idle", *c.Idle, "cpu.idle", strconv.FormatInt(*c.Idle, 10)}); err != nil {
			return err
		}
		idle = *c.Idle == 1
	}
	if c.Shares == nil || *c.Shares == 0 || idle {
		return nil
	}
	return g.set(setting{"cpu.shares", *c.Shares, "cpu.weight", strconv.FormatUint(CPUWeight(*c.Shares), 10)})
}

// noteWeight remembers the weight that the kernel resets with every change of cpu.idle. One of an idle cgroup it does not take.
func (g *Group) noteWeight() {
	if dir, err := g.opened(); err == nil {
		if idle, err := dir.Read("cpu.idle"); err == nil && idle == "0" {
			g.journal.Note(dir, "cpu.weight")
		}
	}
}

// applyQuota sets cpu.max and cpu.max.burst. The kernel wants burst ≤ quota after every write, so that a burst
// which does not fit the old quota waits for the new one.
func (g *Group) applyQuota(c *specs.LinuxCPU) error {
	quotaGiven := c.Quota != nil && *c.Quota != 0
	periodGiven := c.Period != nil && *c.Period != 0
	later := false
	if c.Burst != nil {
		err := g.applyBurst(*c.Burst)
		if later = errors.Is(err, unix.EINVAL) && quotaGiven; err != nil && !later {
			return err
		}
	}
	var period uint64
	if periodGiven {
		period = *c.Period
	}
	switch {
	case quotaGiven:
		if err := g.set(setting{"cpu.quota", *c.Quota, "cpu.max", quotaText(*c.Quota, period)}); err != nil {
			return err
		}
	case periodGiven:
		if err := g.applyPeriod(period); err != nil {
			return err
		}
	}
	if later {
		return g.applyBurst(*c.Burst)
	}
	return nil
}

func (g *Group) applyBurst(burst uint64) error {
	return g.set(setting{"cpu.burst", burst, "cpu.max.burst", strconv.FormatUint(burst, 10)})
}

// applyPeriod changes the period alone; cpu.max wants the quota beside it.
func (g *Group) applyPeriod(period uint64) error {
	s := setting{"cpu.period", period, "cpu.max", quotaText(-1, period)}
	dir, err := g.opened()
	if err != nil {
		return s.fail(err)
	}
	if now, err := dir.Read("cpu.max"); err == nil {
		quota, _, _ := strings.Cut(now, " ")
		s.text = quota + " " + strconv.FormatUint(period, 10)
	}
	return g.set(s)
}
