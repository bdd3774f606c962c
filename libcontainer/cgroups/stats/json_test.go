package stats

import (
	"encoding/json"
	"testing"

	"github.com/creel-project/creel/internal/lazyjson"
)

// The keys are those of runc's types.Stats: what it leaves out when zero, and what it always writes.
func TestTheKeysAreTheOnesThatEnginesRead(t *testing.T) {
	const entry = `{"limit":0,"failcnt":0}`
	const empty = `{"cpu":{"usage":{"kernel":0,"user":0},"throttling":{}},` +
		`"cpuset":{"cpu_exclusive":0,"mem_hardwall":0,"mem_exclusive":0,"memory_migrate":0,"memory_spread_page":0,` +
		`"memory_spread_slab":0,"memory_pressure":0,"sched_load_balance":0,"sched_relax_domain_level":0},` +
		`"memory":{"usage":` + entry + `,"swap":` + entry + `,"kernel":` + entry + `,"kernelTCP":` + entry + `},` +
		`"pids":{},"blkio":{},"hugetlb":{},"intel_rdt":{},"network_interfaces":null}`
	io := []BlkioEntry{{Major: 8, Minor: 1, Op: "Read", Value: 3}}
	const ioText = `[{"major":8,"minor":1,"op":"Read","value":3}]`
	psi := &PSI{Some: PSIData{Avg10: 1.5}}
	const psiText = `{"some":{"avg10":1.5,"avg60":0,"avg300":0,"total":0},"full":{"avg10":0,"avg60":0,"avg300":0,"total":0}}`
	full := Stats{
		CPU: CPU{
			Usage:      CPUUsage{Total: 1, PerCPU: []uint64{1}, PerCPUKernel: []uint64{2}, PerCPUUser: []uint64{3}, Kernel: 4, User: 5},
			Throttling: Throttling{1, 2, 3}, PSI: psi,
		},
		CPUSet:  CPUSet{[]uint16{0}, 1, []uint16{1}, 2, 3, 4, 5, 6, 7, 8, -1},
		Memory:  Memory{1, MemoryEntry{1, 2, 3, 4}, MemoryEntry{Usage: 1}, MemoryEntry{Max: 1}, MemoryEntry{}, map[string]uint64{"b": 2, "a": 1}, psi},
		Pids:    Pids{1, 2},
		Blkio:   Blkio{io, io, io, io, io, io, io, io, psi},
		Hugetlb: map[string]Hugetlb{"2MB": {1, 2, 3}},
		RDMA:    map[string]RDMA{"x": {}},
		IntelRdt: IntelRdt{
			&L3CacheInfo{"7ff", 1, 2}, "L3:0=7ff", "L3:0=f", &MemBwInfo{1, 2, 3, 4}, "MB:0=100", "MB:0=20",
			[]string{"MB:0=20", "L3:0=f"}, []MBM{{1, 2}, {}}, []CMT{{1}, {}},
		},
	}
	const rdtText = `{"l3_cache_info":{"cbm_mask":"7ff","min_cbm_bits":1,"num_closids":2},"l3_cache_schema_root":"L3:0=7ff",` +
		`"l3_cache_schema":"L3:0=f","mem_bw_info":{"bandwidth_gran":1,"delay_linear":2,"min_bandwidth":3,"num_closids":4},` +
		`"mem_bw_schema_root":"MB:0=100","mem_bw_schema":"MB:0=20","schemata":["MB:0=20","L3:0=f"],` +
		`"mbm_stats":[{"mbm_total_bytes":1,"mbm_local_bytes":2},{"mbm_total_bytes":0,"mbm_local_bytes":0}],` +
		`"cmt_stats":[{"llc_occupancy":1},{"llc_occupancy":0}]}`
	const fullText = `{"cpu":{"usage":{"total":1,"percpu":[1],"percpu_kernel":[2],"percpu_user":[3],"kernel":4,"user":5},` +
		`"throttling":{"periods":1,"throttledPeriods":2,"throttledTime":3},"psi":` + psiText + `},` +
		`"cpuset":{"cpus":[0],"cpu_exclusive":1,"mems":[1],"mem_hardwall":2,"mem_exclusive":3,"memory_migrate":4,"memory_spread_page":5,` +
		`"memory_spread_slab":6,"memory_pressure":7,"sched_load_balance":8,"sched_relax_domain_level":-1},` +
		`"memory":{"cache":1,"usage":{"limit":1,"usage":2,"max":3,"failcnt":4},"swap":{"limit":0,"usage":1,"failcnt":0},` +
		`"kernel":{"limit":0,"max":1,"failcnt":0},"kernelTCP":` + entry + `,"raw":{"a":1,"b":2},"psi":` + psiText + `},` +
		`"pids":{"current":1,"limit":2},"blkio":{"ioServiceBytesRecursive":` + ioText + `,"ioServicedRecursive":` + ioText +
		`,"ioQueueRecursive":` + ioText + `,"ioServiceTimeRecursive":` + ioText + `,"ioWaitTimeRecursive":` + ioText +
		`,"ioMergedRecursive":` + ioText + `,"ioTimeRecursive":` + ioText + `,"sectorsRecursive":` + ioText + `,"psi":` + psiText + `},` +
		`"hugetlb":{"2MB":{"usage":1,"max":2,"failcnt":3}},"intel_rdt":` + rdtText + `,"network_interfaces":null}`
	for want, s := range map[string]Stats{empty: {Hugetlb: map[string]Hugetlb{}}, fullText: full} {
		for name, marshal := range map[string]func(any) ([]byte, error){"lazyjson": lazyjson.Marshal, "encoding/json": json.Marshal} {
			if got, err := marshal(&s); err != nil || string(got) != want {
				t.Errorf("%s: %v\ngot  %s\nwant %s", name, err, got, want)
			}
		}
	}
}
