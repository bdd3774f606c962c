package v1

import (
	"github.com/creel-project/creel/libcontainer/cgroups/stats"
)

// Stats implements driver.Group. On a hybrid machine cgroup2 tells what no v1 controller is mounted for, and
// pressure, which v1 does not know.
func (g *Group) Stats() (*stats.Stats, error) {
	s := &stats.Stats{Hugetlb: map[string]stats.Hugetlb{}}
	if _, err := g.processes(); err != nil {
		return nil, err
	}
	if g.unified != nil {
		if more, err := g.unified.Stats(); err == nil {
			s = more
		}
	}
	for _, c := range [...]struct {
		controller string
		read       func(*stats.Reader, *stats.Stats)
	}{
		{"cpuacct", readCPU},
		{"cpu", readThrottling},
		{"cpuset", readCPUSet},
		{"memory", readMemory},
		{"pids", readPids},
		{"blkio", readBlkio},
		{"hugetlb", readHugetlb},
		{"rdma", readRDMA},
	} {
		h := g.controller(c.controller)
		if h == nil || h.absent != nil {
			continue
		}
		dir, err := h.opened()
		if err != nil {
			return nil, err
		}
		r := stats.Of(dir)
		c.read(r, s)
		if err := r.Err(); err != nil && !g.record.Rootless {
			return nil, err
		}
	}
	return s, nil
}

func readThrottling(r *stats.Reader, s *stats.Stats) {
	t := r.Table("cpu.stat")
	s.CPU.Throttling = stats.Throttling{
		Periods: t["nr_periods"], ThrottledPeriods: t["nr_throttled"], ThrottledTime: t["throttled_time"],
	}
}

func readCPUSet(r *stats.Reader, s *stats.Stats) {
	s.CPUSet = stats.CPUSet{
		CPUs:                  r.List("cpuset.cpus"),
		CPUExclusive:          r.Uint("cpuset.cpu_exclusive"),
		Mems:                  r.List("cpuset.mems"),
		MemHardwall:           r.Uint("cpuset.mem_hardwall"),
		MemExclusive:          r.Uint("cpuset.mem_exclusive"),
		MemoryMigrate:         r.Uint("cpuset.memory_migrate"),
		MemorySpreadPage:      r.Uint("cpuset.memory_spread_page"),
		MemorySpreadSlab:      r.Uint("cpuset.memory_spread_slab"),
		MemoryPressure:        r.Uint("cpuset.memory_pressure"),
		SchedLoadBalance:      r.Uint("cpuset.sched_load_balance"),
		SchedRelaxDomainLevel: r.Int("cpuset.sched_relax_domain_level"),
	}
}

func readMemory(r *stats.Reader, s *stats.Stats) {
	psi := s.Memory.PSI
	s.Memory = stats.Memory{
		Usage:     memoryEntry(r, "memory"),
		Swap:      memoryEntry(r, "memory.memsw"),
		Kernel:    memoryEntry(r, "memory.kmem"),
		KernelTCP: memoryEntry(r, "memory.kmem.tcp"),
		Raw:       r.Table("memory.stat"),
		PSI:       psi,
	}
	s.Memory.Cache = s.Memory.Raw["cache"]
}

func memoryEntry(r *stats.Reader, prefix string) stats.MemoryEntry {
	return stats.MemoryEntry{
		Limit:   r.Uint(prefix + ".limit_in_bytes"),
		Usage:   r.Uint(prefix + ".usage_in_bytes"),
		Max:     r.Uint(prefix + ".max_usage_in_bytes"),
		Failcnt: r.Uint(prefix + ".failcnt"),
	}
}

func readPids(r *stats.Reader, s *stats.Stats) {
	s.Pids = stats.Pids{Current: r.Uint("pids.current")}
	if text, _ := r.Text("pids.max"); text != "max" {
		s.Pids.Limit = r.Uint("pids.max")
	}
}

func readHugetlb(r *stats.Reader, s *stats.Stats) {
	s.Hugetlb = map[string]stats.Hugetlb{}
	for _, size := range stats.HugePageSizes() {
		// reservations count where the kernel knows them (Linux 5.7)
		prefix := "hugetlb." + size + ".rsvd"
		usage, ok := r.UintOK(prefix + ".usage_in_bytes")
		if !ok {
			prefix = "hugetlb." + size
			if usage, ok = r.UintOK(prefix + ".usage_in_bytes"); !ok {
				continue
			}
		}
		s.Hugetlb[size] = stats.Hugetlb{
			Usage: usage, Max: r.Uint(prefix + ".max_usage_in_bytes"), Failcnt: r.Uint(prefix + ".failcnt"),
		}
	}
}

func readRDMA(r *stats.Reader, s *stats.Stats) { s.RDMA = r.RDMA() }
