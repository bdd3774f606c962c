package spec

import (
	"strconv"
	"strings"

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
	c.cpuList(field+".cpus", r.Cpus)
	c.cpuList(field+".mems", r.Mems)
}

// cpuList checks a list such as 0-3,7 in the kernel's syntax (cpuset(7), "List
// format"), which also knows a stride: 0-31:1/4 is every fourth.
func (c *checker) cpuList(field, list string) {
	if list != "" && !isList(list) {
		c.bad(field, "%q is not a list of numbers and ranges like 0-3,7", list)
	}
}

func isList(list string) bool {
	for item := range strings.SplitSeq(strings.TrimSpace(list), ",") {
		item, stride, strided := strings.Cut(strings.TrimSpace(item), ":")
		low, high, ranged := strings.Cut(item, "-")
		first, ok := listNumber(low)
		if !ok {
			return false
		}
		if ranged {
			last, ok := listNumber(high)
			if !ok || last < first {
				return false
			}
		}
		if strided {
			used, group, _ := strings.Cut(stride, "/")
			u, ok1 := listNumber(used)
			g, ok2 := listNumber(group)
			if !ranged || !ok1 || !ok2 || g == 0 || u > g {
				return false
			}
		}
	}
	return true
}

func listNumber(s string) (uint64, bool) {
	if !isNumber(s) {
		return 0, false
	}
	n, err := strconv.ParseUint(s, 10, 20) // far more than any kernel has
	return n, err == nil
}
