package cgroup2

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/creel-project/creel/tests/harness"
	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

func resources(set func(r *specs.LinuxResources)) harness.Mutate {
	return func(s *specs.Spec) { set(s.Linux.Resources) }
}

// disk is the number of the machine's root disk.
func disk(h *harness.H) (major, minor int64) {
	h.Helper()
	var st unix.Stat_t
	h.Must(unix.Stat("/dev/vda", &st))
	return int64(unix.Major(st.Rdev)), int64(unix.Minor(st.Rdev))
}

func blockDevice(major, minor int64, rate uint64) []specs.LinuxThrottleDevice {
	d := specs.LinuxThrottleDevice{Rate: rate}
	d.Major, d.Minor = major, minor
	return []specs.LinuxThrottleDevice{d}
}

func TestEveryLimitReachesItsFile(t *testing.T) {
	h := harness.New(t)
	major, minor := disk(h)
	c := h.Create(h.Bundle(harness.Sleep, resources(func(r *specs.LinuxResources) {
		r.Memory = &specs.LinuxMemory{Limit: harness.Ptr(int64(64 << 20)), Swap: harness.Ptr(int64(96 << 20)), Reservation: harness.Ptr(int64(32 << 20))}
		r.CPU = &specs.LinuxCPU{
			Shares: harness.Ptr(uint64(2048)), Quota: harness.Ptr(int64(50000)), Period: harness.Ptr(uint64(100000)), Cpus: "1", Mems: "0",
		}
		r.Pids = &specs.LinuxPids{Limit: harness.Ptr(int64(17))}
		r.HugepageLimits = []specs.LinuxHugepageLimit{{Pagesize: "2MB", Limit: 4 << 20}}
		r.BlockIO = &specs.LinuxBlockIO{
			Weight:                  harness.Ptr(uint16(500)),
			ThrottleReadBpsDevice:   blockDevice(major, minor, 1<<20),
			ThrottleWriteBpsDevice:  blockDevice(major, minor, 2<<20),
			ThrottleReadIOPSDevice:  blockDevice(major, minor, 300),
			ThrottleWriteIOPSDevice: blockDevice(major, minor, 400),
		}
		r.Unified = map[string]string{"memory.high": "50331648", "memory.oom.group": "1"}
	})))
	for file, want := range map[string]string{
		"memory.max": "67108864", "memory.swap.max": "33554432", "memory.low": "33554432", "memory.high": "50331648",
		"cpu.max": "50000 100000", "cpuset.cpus": "1", "cpuset.mems": "0",
		"pids.max": "17", "hugetlb.2MB.max": "4194304", "memory.oom.group": "1",
		"io.max": fmt.Sprintf("%d:%d rbps=1048576 wbps=2097152 riops=300 wiops=400", major, minor),
	} {
		if got := h.CgroupFile("", c.ID, file); got != want {
			t.Errorf("%s is %q, want %q", file, got, want)
		}
	}
	if weight := h.CgroupFile("", c.ID, "cpu.weight"); weight == "100" {
		t.Error("cpu.weight is the kernel's default")
	}
}

// From Linux 5.14 and 5.15.
func TestBurstAndIdleReachTheirFiles(t *testing.T) {
	h := harness.New(t)
	c := h.Create(h.Bundle(harness.Sleep, resources(func(r *specs.LinuxResources) {
		r.CPU = &specs.LinuxCPU{
			Quota: harness.Ptr(int64(50000)), Period: harness.Ptr(uint64(100000)), Burst: harness.Ptr(uint64(1000)), Idle: harness.Ptr(int64(1)),
		}
	})))
	for file, want := range map[string]string{"cpu.max": "50000 100000", "cpu.max.burst": "1000", "cpu.idle": "1"} {
		if got := h.CgroupFile("", c.ID, file); got != want {
			t.Errorf("%s is %q, want %q", file, got, want)
		}
	}
}

func TestSwapIsLimitedByItself(t *testing.T) {
	h := harness.New(t)
	c := h.Create(h.Bundle(resources(func(r *specs.LinuxResources) {
		r.Memory = &specs.LinuxMemory{Limit: harness.Ptr(int64(16 << 20)), Swap: harness.Ptr(int64(16 << 20))}
	})))
	if got := h.CgroupFile("", c.ID, "memory.swap.max"); got != "0" {
		t.Errorf("memory.swap.max is %s", got)
	}
}

func TestTheKernelCountsWhomTheMemoryLimitKilled(t *testing.T) {
	h := harness.New(t)
	c := h.Started(h.Bundle(harness.Script("(x=a; while :; do x=$x$x; done); echo child $?; sleep 1000"), resources(func(r *specs.LinuxResources) {
		r.Memory = &specs.LinuxMemory{Limit: harness.Ptr(int64(8 << 20)), Swap: harness.Ptr(int64(8 << 20))}
	})))
	c.Says("child 137")
	if events := h.CgroupFile("", c.ID, "memory.events"); !strings.Contains(events, "oom_kill 1") {
		t.Errorf("memory.events: %s", events)
	}
}

func TestACPUQuotaThrottles(t *testing.T) {
	h := harness.New(t)
	c := h.Started(h.Bundle(harness.Script("while :; do :; done"), resources(func(r *specs.LinuxResources) {
		r.CPU = &specs.LinuxCPU{Quota: harness.Ptr(int64(10000)), Period: harness.Ptr(uint64(100000))}
	})))
	h.Eventually("the kernel throttles it", func() bool {
		for line := range strings.Lines(h.CgroupFile("", c.ID, "cpu.stat")) {
			var n int
			if _, err := fmt.Sscanf(line, "nr_throttled %d", &n); err == nil {
				return n > 0
			}
		}
		return false
	})
}

func TestACpusetIsTheOnlyProcessorsThereAre(t *testing.T) {
	h := harness.New(t)
	for _, cpu := range []string{"0", "1"} {
		got := h.Sh("grep Cpus_allowed_list /proc/self/status; nproc", resources(func(r *specs.LinuxResources) { r.CPU = &specs.LinuxCPU{Cpus: cpu} }))
		if want := "Cpus_allowed_list:\t" + cpu + "\n1"; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// The kernel holds writes back, so that they last at least as long as the rate demands. More is the machine's own slowness.
func TestWritesToADiskAreSlowedDown(t *testing.T) {
	h := harness.New(t)
	major, minor := disk(h)
	dir, err := os.MkdirTemp("/var/tmp", "creel")
	h.Must(err)
	defer os.RemoveAll(dir)
	started := time.Now()
	h.Sh("dd if=/dev/zero of=/disk/file bs=256k count=12 oflag=direct 2>/dev/null", harness.Bind(dir, "/disk"), resources(func(r *specs.LinuxResources) {
		r.BlockIO = &specs.LinuxBlockIO{ThrottleWriteBpsDevice: blockDevice(major, minor, 1<<20)}
	}))
	if lasted := time.Since(started); lasted < 2*time.Second {
		t.Errorf("3 MiB at 1 MiB/s took %s", lasted)
	}
}

func TestControllersAreEnabledForEveryParentOfTheContainer(t *testing.T) {
	h := harness.New(t)
	name := h.ID()
	c := h.Create(h.Bundle(func(s *specs.Spec) { s.Linux.CgroupsPath = "/" + name + "/middle/last" }))
	for _, controller := range []string{"cpu", "cpuset", "io", "memory", "pids"} {
		if got := strings.Fields(h.CgroupFile("", name+"/middle/last", "cgroup.controllers")); !strings.Contains(strings.Join(got, " "), controller) {
			t.Errorf("%s is not in %q", controller, got)
		}
	}
	h.Ok(h.Creel("delete", "--force", c.ID))
	if _, err := os.Stat("/sys/fs/cgroup/" + name); err == nil {
		t.Error("the parents are left")
	}
}
