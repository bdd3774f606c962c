package v1

import (
	"strconv"
	"strings"

	"github.com/creel-project/creel/libcontainer/cgroups/stats"
)

// tick is the unit of cpuacct.stat in nanoseconds: USER_HZ is 100 in the ABI of every architecture that creel runs on.
const tick = 1e9 / 100

func readCPU(r *stats.Reader, s *stats.Stats) {
	sum := r.Table("cpuacct.stat")
	u := stats.CPUUsage{
		Total:  r.Uint("cpuacct.usage"),
		PerCPU: r.Numbers("cpuacct.usage_percpu"),
		User:   sum["user"] * tick, Kernel: sum["system"] * tick,
	}
	all, _ := r.Text("cpuacct.usage_all") // Linux 4.9: "cpu user system", and a line for each
	for line := range strings.Lines(all) {
		words := strings.Fields(line)
		if len(words) != 3 {
			continue
		}
		user, err1 := strconv.ParseUint(words[1], 10, 64)
		kernel, err2 := strconv.ParseUint(words[2], 10, 64)
		if err1 == nil && err2 == nil { // not the heading
			u.PerCPUUser, u.PerCPUKernel = append(u.PerCPUUser, user), append(u.PerCPUKernel, kernel)
		}
	}
	s.CPU.Usage = u
}
