package v2

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/opencontainers/runtime-spec/specs-go"
)

func TestCPUSettings(t *testing.T) {
	cpu := func(c specs.LinuxCPU) specs.LinuxResources { return specs.LinuxResources{CPU: &c} }
	for _, c := range []settingCase{
		{"shares become a weight", cpu(specs.LinuxCPU{Shares: ptr[uint64](1024)}), nil, map[string]string{"cpu.weight": "100"}},
		{"no shares leave the weight", cpu(specs.LinuxCPU{Shares: ptr[uint64](0)}), nil, map[string]string{"cpu.weight": ""}},
		{"quota and period", cpu(specs.LinuxCPU{Quota: ptr[int64](50000), Period: ptr[uint64](200000)}), nil, map[string]string{"cpu.max": "50000 200000"}},
		{"quota alone keeps the period", cpu(specs.LinuxCPU{Quota: ptr[int64](50000)}), nil, map[string]string{"cpu.max": "50000"}},
		{"no quota", cpu(specs.LinuxCPU{Quota: ptr[int64](-1)}), nil, map[string]string{"cpu.max": "max"}},
		{"unlimited in a period", cpu(specs.LinuxCPU{Quota: ptr[int64](-1), Period: ptr[uint64](1000)}), nil, map[string]string{"cpu.max": "max 1000"}},
		{"burst", cpu(specs.LinuxCPU{Burst: ptr[uint64](1000)}), nil, map[string]string{"cpu.max.burst": "1000"}},
		{"idle has no weight", cpu(specs.LinuxCPU{Idle: ptr[int64](1), Shares: ptr[uint64](1024)}), nil, map[string]string{"cpu.idle": "1", "cpu.weight": ""}},
		{"not idle has", cpu(specs.LinuxCPU{Idle: ptr[int64](0), Shares: ptr[uint64](2)}), nil, map[string]string{"cpu.idle": "0", "cpu.weight": "1"}},
		{"cpus and mems", cpu(specs.LinuxCPU{Cpus: "0-1", Mems: "0"}), nil, map[string]string{"cpuset.cpus": "0-1", "cpuset.mems": "0"}},
		{"no realtime is none", cpu(specs.LinuxCPU{RealtimeRuntime: ptr[int64](0), RealtimePeriod: ptr[uint64](0)}), nil, nil},
	} {
		c.run(t)
	}
}

func TestPeriodAloneKeepsTheQuota(t *testing.T) {
	g, dir := fakeGroup(t, map[string]string{"cpu.max": "max 100000\n"})
	if err := g.ApplyEarly(&specs.LinuxResources{CPU: &specs.LinuxCPU{Period: ptr[uint64](50000)}}); err != nil {
		t.Fatal(err)
	}
	// The plain file keeps the rest of its old text.
	got, err := os.ReadFile(filepath.Join(dir, "cpu.max"))
	if err != nil || !strings.HasPrefix(string(got), "max 50000") {
		t.Errorf("cpu.max is %q (%v)", got, err)
	}
}

func TestMemorySettings(t *testing.T) {
	memory := func(m specs.LinuxMemory) specs.LinuxResources { return specs.LinuxResources{Memory: &m} }
	for _, c := range []settingCase{
		{"limit", memory(specs.LinuxMemory{Limit: ptr[int64](1 << 20)}), nil, map[string]string{"memory.max": "1048576", "memory.swap.max": ""}},
		{"no limit is no swap limit", memory(specs.LinuxMemory{Limit: ptr[int64](-1)}), nil, map[string]string{"memory.max": "max", "memory.swap.max": "max"}},
		{"zero is no value", memory(specs.LinuxMemory{Limit: ptr[int64](0), Swap: ptr[int64](0), Reservation: ptr[int64](0)}), nil, map[string]string{"memory.max": "", "memory.swap.max": "", "memory.low": ""}},
		{"swap is the difference", memory(specs.LinuxMemory{Limit: ptr[int64](1 << 20), Swap: ptr[int64](3 << 20)}), nil, map[string]string{"memory.max": "1048576", "memory.swap.max": "2097152"}},
		{"swap equal to the limit is none", memory(specs.LinuxMemory{Limit: ptr[int64](1 << 20), Swap: ptr[int64](1 << 20)}), nil, map[string]string{"memory.swap.max": "0", "memory.max": "1048576"}},
		{"unlimited swap", memory(specs.LinuxMemory{Limit: ptr[int64](1 << 20), Swap: ptr[int64](-1)}), nil, map[string]string{"memory.swap.max": "max", "memory.max": "1048576"}},
		{"swap counts from the limit in force", memory(specs.LinuxMemory{Swap: ptr[int64](3 << 20)}), map[string]string{"memory.max": "1048576\n"}, map[string]string{"memory.swap.max": "2097152"}},
		{"without swap accounting there is no swap", memory(specs.LinuxMemory{Limit: ptr[int64](1 << 20), Swap: ptr[int64](1 << 20)}), nil, map[string]string{"memory.max": "1048576"}},
		{"reservation", memory(specs.LinuxMemory{Reservation: ptr[int64](4096)}), nil, map[string]string{"memory.low": "4096"}},
		{"what v2 does anyway", memory(specs.LinuxMemory{UseHierarchy: ptr(true), DisableOOMKiller: ptr(false)}), nil, nil},
		{"swappiness of -1 is no wish", memory(specs.LinuxMemory{Limit: ptr[int64](4096), Swappiness: ptr[uint64](1<<64 - 1)}), nil, map[string]string{"memory.max": "4096"}},
		{"a limit above the usage", memory(specs.LinuxMemory{Limit: ptr[int64](4096), CheckBeforeUpdate: ptr(true)}), map[string]string{"memory.current": "4096\n"}, map[string]string{"memory.max": "4096"}},
	} {
		c.run(t)
	}
}

func TestOtherSettings(t *testing.T) {
	for _, c := range []settingCase{
		{"pids", specs.LinuxResources{Pids: &specs.LinuxPids{Limit: ptr[int64](100)}}, nil, map[string]string{"pids.max": "100"}},
		{"no pids at all", specs.LinuxResources{Pids: &specs.LinuxPids{Limit: ptr[int64](0)}}, nil, map[string]string{"pids.max": "0"}},
		{"any number of pids", specs.LinuxResources{Pids: &specs.LinuxPids{Limit: ptr[int64](-1)}}, nil, map[string]string{"pids.max": "max"}},
		{"bfq weight is not converted", specs.LinuxResources{BlockIO: &specs.LinuxBlockIO{Weight: ptr[uint16](500)}}, nil, map[string]string{"io.bfq.weight": "500"}},
		{"io weight is", specs.LinuxResources{BlockIO: &specs.LinuxBlockIO{Weight: ptr[uint16](500)}}, nil, map[string]string{"io.weight": "4950"}},
		{"weight of a device", specs.LinuxResources{BlockIO: &specs.LinuxBlockIO{WeightDevice: []specs.LinuxWeightDevice{{LinuxBlockIODevice: specs.LinuxBlockIODevice{Major: 8, Minor: 16}, Weight: ptr[uint16](10)}}}}, nil, map[string]string{"io.weight": "8:16 1"}},
		{"throttle", specs.LinuxResources{BlockIO: &specs.LinuxBlockIO{ThrottleWriteIOPSDevice: throttle(8, 0, 600)}}, nil, map[string]string{"io.max": "8:0 wiops=600"}},
		{"no throttle", specs.LinuxResources{BlockIO: &specs.LinuxBlockIO{ThrottleReadBpsDevice: throttle(8, 0, 0)}}, nil, map[string]string{"io.max": "8:0 rbps=max"}},
		{"huge pages by fault", specs.LinuxResources{HugepageLimits: []specs.LinuxHugepageLimit{{Pagesize: "2MB", Limit: 1 << 21}}}, nil, map[string]string{"hugetlb.2MB.max": "2097152"}},
		{"huge pages by reservation", specs.LinuxResources{HugepageLimits: []specs.LinuxHugepageLimit{{Pagesize: "1GB", Limit: 1<<64 - 1}}}, nil, map[string]string{"hugetlb.1GB.max": "max", "hugetlb.1GB.rsvd.max": "max"}},
		{"rdma", specs.LinuxResources{Rdma: map[string]specs.LinuxRdma{"mlx5_1": {HcaHandles: ptr[uint32](3), HcaObjects: ptr[uint32](10000)}}}, nil, map[string]string{"rdma.max": "mlx5_1 hca_handle=3 hca_object=10000"}},
		{"unified", specs.LinuxResources{Unified: map[string]string{"memory.high": "1M", "misc.max": "sgx 1", "cgroup.max.depth": "3"}}, nil, map[string]string{"memory.high": "1M", "misc.max": "sgx 1", "cgroup.max.depth": "3"}},
		{"unified after fields", specs.LinuxResources{Pids: &specs.LinuxPids{Limit: ptr[int64](10)}, Unified: map[string]string{"pids.max": "20"}}, nil, map[string]string{"pids.max": "20"}},
		{"unified clears", specs.LinuxResources{Unified: map[string]string{"cpuset.cpus": ""}}, nil, map[string]string{"cpuset.cpus": "\n"}},
	} {
		c.run(t)
	}
}

func throttle(major, minor int64, rate uint64) []specs.LinuxThrottleDevice {
	return []specs.LinuxThrottleDevice{{LinuxBlockIODevice: specs.LinuxBlockIODevice{Major: major, Minor: minor}, Rate: rate}}
}

func TestMemoryBelongsToTheLateStage(t *testing.T) {
	g, dir := fakeGroup(t, map[string]string{"memory.max": "", "memory.high": "", "pids.max": ""})
	res := &specs.LinuxResources{
		Memory:  &specs.LinuxMemory{Limit: ptr[int64](4096)},
		Pids:    &specs.LinuxPids{Limit: ptr[int64](1)},
		Unified: map[string]string{"memory.high": "1"},
	}
	if err := g.ApplyEarly(res); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"memory.max": "", "memory.high": "", "pids.max": "1"} {
		if got, _ := os.ReadFile(filepath.Join(dir, name)); string(got) != want {
			t.Errorf("%s is %q after the early stage, want %q", name, got, want)
		}
	}
}
