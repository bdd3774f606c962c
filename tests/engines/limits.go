package engines

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/creel-project/creel/tests/harness"
)

// Limits are what a container's cgroup is to hold, in bytes and microseconds; what is zero is not looked at.
type Limits struct {
	Memory, Quota, Period, Shares, Pids int
	Cpus                                string
}

// Hold compares them with the files of a cgroup, of the version that is there.
func (l Limits) Hold(h *harness.H, path string) {
	h.Helper()
	look := func(file string, want ...string) {
		h.Helper()
		if want[0] == "0" || want[0] == "" {
			return
		}
		controller, _, _ := strings.Cut(file, ".")
		if got := h.CgroupFile(controller, path, file); !slices.Contains(want, got) {
			h.Errorf("%s: %s, want %s", file, got, want[0])
		}
	}
	look("pids.max", fmt.Sprint(l.Pids))
	look("cpuset.cpus", l.Cpus)
	if !harness.V2() {
		look("memory.limit_in_bytes", fmt.Sprint(l.Memory))
		look("cpu.cfs_quota_us", fmt.Sprint(l.Quota))
		look("cpu.cfs_period_us", fmt.Sprint(l.Period))
		look("cpu.shares", fmt.Sprint(l.Shares))
		return
	}
	look("memory.max", fmt.Sprint(l.Memory))
	if l.Quota != 0 {
		look("cpu.max", fmt.Sprint(l.Quota, l.Period))
	}
	if l.Shares != 0 {
		look("cpu.weight", weights(float64(l.Shares))...)
	}
}

// weights are what runtimes make of cpu.shares: in a straight line, and, the newer ones, so that 1024 are 100.
func weights(shares float64) []string {
	l := math.Log2(shares)
	return []string{
		fmt.Sprint(int(1 + (shares-2)*9999/262142)),
		fmt.Sprint(int(math.Ceil(math.Pow(10, (l*l+125*l)/612-7.0/34)))),
	}
}
