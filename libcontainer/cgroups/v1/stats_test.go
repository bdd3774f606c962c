package v1

import (
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/opencontainers/runtime-spec/specs-go"

	"github.com/creel-project/creel/libcontainer/cgroups/cgtest"
	"github.com/creel-project/creel/libcontainer/cgroups/stats"
)

// statsOf reads files that stand for controllers', which are named controller/file.
func statsOf(t *testing.T, files map[string]string) *stats.Stats {
	t.Helper()
	var names []string
	for name := range files {
		names = append(names, name)
	}
	g, dir := fakeGroup(t, names...)
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s, err := g.Stats()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestStatisticsAreThoseOfTheFiles(t *testing.T) {
	s := statsOf(t, map[string]string{
		"cpuacct/cpuacct.usage": "3000000000\n", "cpuacct/cpuacct.usage_percpu": "1000000000 2000000000 \n",
		"cpuacct/cpuacct.stat": "user 100\nsystem 7\n", "cpuacct/cpuacct.usage_all": "cpu user system\n0 10 20\n1 30 40\n",
		"cpu/cpu.stat":       "nr_periods 5\nnr_throttled 3\nthrottled_time 1000\nnr_bursts 0\nburst_time 0\n",
		"cpuset/cpuset.cpus": "0,2-3\n", "cpuset/cpuset.mems": "0\n", "cpuset/cpuset.mem_hardwall": "1\n", "cpuset/cpuset.sched_relax_domain_level": "-1\n",
		"memory/memory.stat": "cache 100\nrss 200\n", "memory/memory.usage_in_bytes": "300\n", "memory/memory.max_usage_in_bytes": "400\n",
		"memory/memory.limit_in_bytes": "9223372036854771712\n", "memory/memory.failcnt": "2\n",
		"memory/memory.memsw.usage_in_bytes": "310\n", "memory/memory.kmem.usage_in_bytes": "20\n",
		"pids/pids.current": "4\n", "pids/pids.max": "max\n",
		"rdma/rdma.current": "mlx4_0 hca_handle=2 hca_object=3\n", "rdma/rdma.max": "mlx4_0 hca_handle=4 hca_object=5\n",
	})
	want := &stats.Stats{
		CPU: stats.CPU{
			Usage: stats.CPUUsage{
				Total: 3e9, PerCPU: []uint64{1e9, 2e9}, PerCPUUser: []uint64{10, 30}, PerCPUKernel: []uint64{20, 40}, User: 1e9, Kernel: 7e7,
			},
			Throttling: stats.Throttling{Periods: 5, ThrottledPeriods: 3, ThrottledTime: 1000},
		},
		CPUSet: stats.CPUSet{CPUs: []uint16{0, 2, 3}, Mems: []uint16{0}, MemHardwall: 1, SchedRelaxDomainLevel: -1},
		Memory: stats.Memory{
			Cache: 100, Usage: stats.MemoryEntry{Usage: 300, Max: 400, Limit: 9223372036854771712, Failcnt: 2},
			Swap: stats.MemoryEntry{Usage: 310}, Kernel: stats.MemoryEntry{Usage: 20}, Raw: map[string]uint64{"cache": 100, "rss": 200},
		},
		Pids:    stats.Pids{Current: 4},
		Hugetlb: map[string]stats.Hugetlb{},
		RDMA:    map[string]stats.RDMA{"mlx4_0": {HCAHandles: 2, HCAObjects: 3, HCAHandlesLimit: 4, HCAObjectsLimit: 5}},
	}
	if !reflect.DeepEqual(s, want) {
		t.Errorf("got  %+v\nwant %+v", s, want)
	}
}

func TestEachBlockIOTableComesFromTheFirstFileWithFigures(t *testing.T) {
	const bfq, throttle = "8:0 Read 1\n8:0 Total 1\nTotal 1\n", "8:0 Read 9\nTotal 9\n"
	s := statsOf(t, map[string]string{
		"blkio/blkio.bfq.io_service_bytes_recursive":      "Total 0\n",
		"blkio/blkio.throttle.io_service_bytes_recursive": throttle,
		"blkio/blkio.bfq.io_serviced_recursive":           bfq,
		"blkio/blkio.throttle.io_serviced_recursive":      throttle,
		"blkio/blkio.sectors_recursive":                   "8:16 6792\n",
	})
	want := stats.Blkio{
		IoServiceBytesRecursive: []stats.BlkioEntry{{Major: 8, Op: "Read", Value: 9}},
		IoServicedRecursive:     []stats.BlkioEntry{{Major: 8, Op: "Read", Value: 1}, {Major: 8, Op: "Total", Value: 1}},
		SectorsRecursive:        []stats.BlkioEntry{{Major: 8, Minor: 16, Value: 6792}},
	}
	if !reflect.DeepEqual(s.Blkio, want) {
		t.Errorf("got  %+v\nwant %+v", s.Blkio, want)
	}
}

func TestHugePagesThatAreReservedCountWhereTheKernelKnowsThem(t *testing.T) {
	sizes := stats.HugePageSizes()
	if len(sizes) == 0 {
		t.Skip("a kernel without huge pages")
	}
	f := "hugetlb/hugetlb." + sizes[0]
	old := map[string]string{f + ".usage_in_bytes": "2\n", f + ".max_usage_in_bytes": "3\n", f + ".failcnt": "4\n"}
	if got := statsOf(t, old).Hugetlb[sizes[0]]; got != (stats.Hugetlb{Usage: 2, Max: 3, Failcnt: 4}) {
		t.Errorf("before 5.7: %+v", got)
	}
	old[f+".rsvd.usage_in_bytes"], old[f+".rsvd.max_usage_in_bytes"], old[f+".rsvd.failcnt"] = "5", "6", "7"
	if got := statsOf(t, old).Hugetlb[sizes[0]]; got != (stats.Hugetlb{Usage: 5, Max: 6, Failcnt: 7}) {
		t.Errorf("since 5.7: %+v", got)
	}
}

func TestStatisticsOfARealCgroupTellOfItsProcess(t *testing.T) {
	g := created(t)
	limit := int64(64 << 20)
	tasks := int64(9)
	if err := g.ApplyEarly(&specs.LinuxResources{Pids: &specs.LinuxPids{Limit: &tasks}, CPU: &specs.LinuxCPU{Cpus: "0"}}); err != nil {
		t.Fatal(err)
	}
	if err := g.Apply(&specs.LinuxResources{Memory: &specs.LinuxMemory{Limit: &limit}}); err != nil {
		t.Fatal(err)
	}
	cmd := cgtest.Start(t, -1, "sh", "-c", "while :; do (:); done")
	if err := g.Join(cmd.Process.Pid, false); err != nil {
		t.Fatal(err)
	}
	s := cgtest.StatsOf(t, g, func(s *stats.Stats) bool { return s.CPU.Usage.Total > 0 && s.Memory.Usage.Max > 0 })
	if s.CPU.Usage.Total == 0 || len(s.CPU.Usage.PerCPU) == 0 || len(s.CPU.Usage.PerCPUUser) != len(s.CPU.Usage.PerCPUKernel) {
		t.Errorf("cpu %+v", s.CPU)
	}
	if s.Memory.Usage.Limit != uint64(limit) || s.Memory.Usage.Max == 0 || s.Memory.Raw["hierarchical_memory_limit"] != uint64(limit) {
		t.Errorf("memory %+v", s.Memory)
	}
	if s.Pids.Current < 1 || s.Pids.Current > 2 || s.Pids.Limit != 9 {
		t.Errorf("pids %+v", s.Pids)
	}
	if !reflect.DeepEqual(s.CPUSet.CPUs, []uint16{0}) || len(s.CPUSet.Mems) == 0 {
		t.Errorf("cpuset %+v", s.CPUSet)
	}
}
