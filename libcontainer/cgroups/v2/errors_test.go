package v2

import (
	"errors"
	"testing"

	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

func TestErrorsNameTheFieldTheValueAndTheCause(t *testing.T) {
	for _, c := range []struct {
		res   specs.LinuxResources
		files map[string]string
		want  string // with DIR for the directory
	}{
		{
			specs.LinuxResources{Pids: &specs.LinuxPids{Limit: ptr[int64](7)}},
			map[string]string{"cgroup.controllers": "cpu io\n"},
			"linux.resources.pids.limit 7: controller pids is not available on cgroup v2 here: DIR offers cpu io\n",
		},
		{
			specs.LinuxResources{Pids: &specs.LinuxPids{Limit: ptr[int64](7)}},
			map[string]string{"cgroup.controllers": ""},
			"linux.resources.pids.limit 7: controller pids is not available on cgroup v2 here: DIR offers none\n",
		},
		{
			specs.LinuxResources{CPU: &specs.LinuxCPU{Idle: ptr[int64](1)}},
			nil,
			"linux.resources.cpu.idle 1: the controller cpu of this kernel or machine has no such setting: write \"1\" to DIR/cpu.idle: no such file or directory\n",
		},
		{
			specs.LinuxResources{Unified: map[string]string{"memory.nonsense": "1"}},
			nil,
			"linux.resources.unified[\"memory.nonsense\"] \"1\": the controller memory of this kernel or machine has no such setting: write \"1\" to DIR/memory.nonsense: no such file or directory\n",
		},
		{
			specs.LinuxResources{Unified: map[string]string{"../pids.max": "1"}},
			nil,
			"linux.resources.unified[\"../pids.max\"] \"1\": a key names a file of the cgroup, such as memory.high\n",
		},
		{
			specs.LinuxResources{Unified: map[string]string{"cgroup.nonsense": "1"}},
			nil,
			"linux.resources.unified[\"cgroup.nonsense\"] \"1\": write \"1\" to DIR/cgroup.nonsense: no such file or directory\n",
		},
		{
			specs.LinuxResources{Unified: map[string]string{"nothing.max": "max"}},
			nil,
			"linux.resources.unified[\"nothing.max\"] \"max\": controller nothing is not available on cgroup v2 here: DIR offers cpuset cpu io memory hugetlb pids rdma misc\n",
		},
		{
			specs.LinuxResources{Memory: &specs.LinuxMemory{Limit: ptr[int64](4096), CheckBeforeUpdate: ptr(true)}},
			map[string]string{"memory.max": "", "memory.current": "5000\n", "memory.peak": "6000\n"},
			"linux.resources.memory.limit 4096: the limit is below the usage: current usage 5000, peak usage 6000, and linux.resources.memory.checkBeforeUpdate is set: device or resource busy\n",
		},
		{
			specs.LinuxResources{Memory: &specs.LinuxMemory{Limit: ptr[int64](4096), Swap: ptr[int64](4095)}},
			map[string]string{"memory.max": "", "memory.swap.max": ""},
			"linux.resources.memory.swap 4095: it counts memory and swap together, so that it cannot be less than the memory limit 4096\n",
		},
		{
			specs.LinuxResources{Memory: &specs.LinuxMemory{Swap: ptr[int64](4096)}},
			map[string]string{"memory.max": "max\n", "memory.swap.max": ""},
			"linux.resources.memory.swap 4096: it counts memory and swap together, so that it needs a memory limit beside it\n",
		},
		{
			specs.LinuxResources{Memory: &specs.LinuxMemory{Limit: ptr[int64](4096), Swap: ptr[int64](8192)}},
			map[string]string{"memory.max": ""},
			"linux.resources.memory.swap 8192: the controller memory of this kernel or machine has no such setting: write \"4096\" to DIR/memory.swap.max: no such file or directory\n",
		},
		{specs.LinuxResources{Memory: &specs.LinuxMemory{Limit: ptr[int64](-2)}}, nil, "linux.resources.memory.limit -2: a limit is -1 (unlimited) or not negative\n"},
		{specs.LinuxResources{Memory: &specs.LinuxMemory{Swap: ptr[int64](-2)}}, nil, "linux.resources.memory.swap -2: a limit is -1 (unlimited) or not negative\n"},
		{specs.LinuxResources{Pids: &specs.LinuxPids{Limit: ptr[int64](-2)}}, nil, "linux.resources.pids.limit -2: a limit is -1 (unlimited) or not negative\n"},
		{specs.LinuxResources{Memory: &specs.LinuxMemory{Swappiness: ptr[uint64](0)}}, nil, "linux.resources.memory.swappiness 0: cgroup v2 has no swappiness for a cgroup\n"},
		{specs.LinuxResources{Memory: &specs.LinuxMemory{Swappiness: ptr[uint64](60)}}, nil, "linux.resources.memory.swappiness 60: cgroup v2 has no swappiness for a cgroup\n"},
		{specs.LinuxResources{Memory: &specs.LinuxMemory{DisableOOMKiller: ptr(true)}}, nil, "linux.resources.memory.disableOOMKiller true: cgroup v2 cannot do without the OOM killer\n"},
		{specs.LinuxResources{Memory: &specs.LinuxMemory{UseHierarchy: ptr(false)}}, nil, "linux.resources.memory.useHierarchy false: cgroup v2 is always hierarchical\n"},
		{specs.LinuxResources{CPU: &specs.LinuxCPU{RealtimeRuntime: ptr[int64](5)}}, nil, "linux.resources.cpu.realtimeRuntime 5: cgroup v2 cannot share out realtime scheduling\n"},
		{specs.LinuxResources{CPU: &specs.LinuxCPU{RealtimePeriod: ptr[uint64](5)}}, nil, "linux.resources.cpu.realtimePeriod 5: cgroup v2 cannot share out realtime scheduling\n"},
		{specs.LinuxResources{BlockIO: &specs.LinuxBlockIO{LeafWeight: ptr[uint16](10)}}, nil, "linux.resources.blockIO.leafWeight 10: cgroup v2 has no leaf weights\n"},
		{
			specs.LinuxResources{BlockIO: &specs.LinuxBlockIO{WeightDevice: []specs.LinuxWeightDevice{{LeafWeight: ptr[uint16](10)}}}}, nil,
			"linux.resources.blockIO.weightDevice[0].leafWeight 10: cgroup v2 has no leaf weights\n",
		},
		{specs.LinuxResources{Network: &specs.LinuxNetwork{ClassID: ptr[uint32](1)}}, nil, "linux.resources.network needs the cgroup v1 controllers net_cls and net_prio, which cgroup v2 has no counterpart of\n"},
		{
			specs.LinuxResources{HugepageLimits: []specs.LinuxHugepageLimit{{Pagesize: "3MB", Limit: 1}}}, nil,
			"linux.resources.hugepageLimits[0] (pageSize \"3MB\") 1: the controller hugetlb of this kernel or machine has no such setting: write \"1\" to DIR/hugetlb.3MB.max: no such file or directory\n",
		},
		{
			specs.LinuxResources{HugepageLimits: []specs.LinuxHugepageLimit{{Pagesize: "../x", Limit: 1}}}, nil,
			"linux.resources.hugepageLimits[0] (pageSize \"../x\") 1: write \"1\" to DIR/hugetlb.../x.max: invalid argument\n",
		},
		{
			specs.LinuxResources{Rdma: map[string]specs.LinuxRdma{"mlx": {HcaObjects: ptr[uint32](1)}}}, nil,
			"linux.resources.rdma.mlx (mlx hca_object=1): the controller rdma of this kernel or machine has no such setting: write \"mlx hca_object=1\" to DIR/rdma.max: no such file or directory\n",
		},
	} {
		g, dir := fakeGroup(t, c.files)
		err := errors.Join(g.ApplyEarly(&c.res), g.Apply(&c.res))
		if want := replaceDir(c.want, dir); err == nil || err.Error()+"\n" != want {
			t.Errorf("got  %v\nwant %s", err, want)
		}
	}
}

func TestUnlimitedNeedsNoController(t *testing.T) {
	g, _ := fakeGroup(t, map[string]string{"cgroup.controllers": ""})
	res := &specs.LinuxResources{Pids: &specs.LinuxPids{Limit: ptr[int64](-1)}, Memory: &specs.LinuxMemory{Limit: ptr[int64](-1)}}
	if err := errors.Join(g.ApplyEarly(res), g.Apply(res)); err != nil {
		t.Error(err)
	}
}

func TestUsageBelowTheLimitIsBusy(t *testing.T) {
	g, _ := fakeGroup(t, map[string]string{"memory.max": "", "memory.current": "5000\n"})
	err := g.Apply(&specs.LinuxResources{Memory: &specs.LinuxMemory{Limit: ptr[int64](4096), CheckBeforeUpdate: ptr(true)}})
	if !errors.Is(err, unix.EBUSY) {
		t.Error(err)
	}
}

func TestOOMReadsTheCounters(t *testing.T) {
	g, _ := fakeGroup(t, map[string]string{
		"memory.events":  "low 0\nhigh 0\nmax 12\noom 3\noom_kill 2\noom_group_kill 0\n",
		"memory.max":     "1048576\n",
		"memory.current": "4096\n",
		"memory.peak":    "1048576\n",
	})
	info, err := g.OOM()
	if err != nil || info.Killed != 2 || info.Limit != 1<<20 || info.Usage != 4096 || info.Peak != 1<<20 {
		t.Errorf("%+v, %v", info, err)
	}
	g, _ = fakeGroup(t, nil)
	if info, err := g.OOM(); err != nil || info.Killed != 0 {
		t.Errorf("without the controller: %+v, %v", info, err)
	}
}
