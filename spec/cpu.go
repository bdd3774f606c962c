package spec

import (
	"github.com/creel-project/creel/internal/numlist"
	"github.com/opencontainers/runtime-spec/specs-go"
)

// cpu checks bandwidths in microseconds and lists of CPUs and memory nodes
// (kernel/sched/core.c, tg_set_cfs_bandwidth).
func (c *checker) cpu(field string, r *specs.LinuxCPU) {
	if p := r.Period; p != nil && *p != 0 && (*p < 1000 || *p > 1000000) {
		c.bad(field+".period", "%d microseconds is not from 1000 to 1000000, nor 0 for the default", *p)
	}
	if q := r.Quota; q != nil && *q != 0 && *q != -1 && *q < 1000 {
		c.bad(field+".quota", "%d microseconds is not 1000 or more, nor -1 for no limit", *q)
	}
	if r.Burst != nil && r.Quota != nil && *r.Quota > 0 && *r.Burst > uint64(*r.Quota) {
		c.bad(field+".burst", "%d is more than quota, %d", *r.Burst, *r.Quota)
	}
	if r.RealtimeRuntime != nil && *r.RealtimeRuntime < -1 {
		c.bad(field+".realtimeRuntime", "%d is not a time in microseconds, nor -1 for no limit", *r.RealtimeRuntime)
	}
	if r.RealtimeRuntime != nil && r.RealtimePeriod != nil && *r.RealtimePeriod != 0 &&
		*r.RealtimeRuntime > 0 && uint64(*r.RealtimeRuntime) > *r.RealtimePeriod {
		c.bad(field+".realtimeRuntime", "%d is more than realtimePeriod, %d", *r.RealtimeRuntime, *r.RealtimePeriod)
	}
	if r.Idle != nil && *r.Idle != 0 && *r.Idle != 1 {
		c.bad(field+".idle", "%d is not 0 or 1", *r.Idle)
	}
	c.numbers(field+".cpus", r.Cpus, numlist.CPUs)
	c.numbers(field+".mems", r.Mems, numlist.Nodes)
}

// numbers checks a list of CPUs or memory nodes, all of them less than limit.
func (c *checker) numbers(field, list string, limit int) {
	if list == "" {
		return
	}
	if _, err := numlist.Parse(list, limit); err != nil {
		c.bad(field, "%w", err)
	}
}
