package v1

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

func mustApply(t *testing.T, g *Group, res specs.LinuxResources) {
	t.Helper()
	if err := g.ApplyEarly(&res); err != nil {
		t.Fatal(err)
	}
	if err := g.Apply(&res); err != nil {
		t.Fatal(err)
	}
}

func TestSettingsReachTheKernel(t *testing.T) {
	block := blockDevice(t)
	device := specs.LinuxBlockIODevice{Major: int64(unix.Major(block)), Minor: int64(unix.Minor(block))}
	name := itoa(int(device.Major)) + ":" + itoa(int(device.Minor))
	g := created(t)
	mustApply(t, g, specs.LinuxResources{
		CPU: &specs.LinuxCPU{
			Shares: ptr[uint64](512), Quota: ptr[int64](20000), Period: ptr[uint64](50000), Burst: ptr[uint64](1000),
			Cpus: "0", Mems: "0", Idle: ptr[int64](0),
		},
		Pids: &specs.LinuxPids{Limit: ptr[int64](42)},
		BlockIO: &specs.LinuxBlockIO{
			ThrottleReadBpsDevice:   []specs.LinuxThrottleDevice{{LinuxBlockIODevice: device, Rate: 1 << 20}},
			ThrottleWriteBpsDevice:  []specs.LinuxThrottleDevice{{LinuxBlockIODevice: device, Rate: 2 << 20}},
			ThrottleReadIOPSDevice:  []specs.LinuxThrottleDevice{{LinuxBlockIODevice: device, Rate: 100}},
			ThrottleWriteIOPSDevice: []specs.LinuxThrottleDevice{{LinuxBlockIODevice: device, Rate: 200}},
		},
		Memory: &specs.LinuxMemory{
			Limit: ptr[int64](8 << 20), Swap: ptr[int64](16 << 20), Reservation: ptr[int64](4 << 20), Swappiness: ptr[uint64](30),
			DisableOOMKiller: ptr(true), UseHierarchy: ptr(true),
		},
	})
	for _, want := range [][3]string{
		{"cpu", "cpu.shares", "512"},
		{"cpu", "cpu.cfs_quota_us", "20000"},
		{"cpu", "cpu.cfs_period_us", "50000"},
		{"cpu", "cpu.cfs_burst_us", "1000"},
		{"cpu", "cpu.idle", "0"},
		{"cpuset", "cpuset.cpus", "0"},
		{"cpuset", "cpuset.mems", "0"},
		{"pids", "pids.max", "42"},
		{"blkio", "blkio.throttle.read_bps_device", name + " 1048576"},
		{"blkio", "blkio.throttle.write_bps_device", name + " 2097152"},
		{"blkio", "blkio.throttle.read_iops_device", name + " 100"},
		{"blkio", "blkio.throttle.write_iops_device", name + " 200"},
		{"memory", "memory.limit_in_bytes", "8388608"},
		{"memory", "memory.memsw.limit_in_bytes", "16777216"},
		{"memory", "memory.soft_limit_in_bytes", "4194304"},
		{"memory", "memory.swappiness", "30"},
	} {
		if got := content(t, g, want[0], want[1]); got != want[2] {
			t.Errorf("%s is %q, want %q", want[1], got, want[2])
		}
	}
	weight := g.weightFile("weight")
	mustApply(t, g, specs.LinuxResources{BlockIO: &specs.LinuxBlockIO{Weight: ptr[uint16](300)}})
	if got := content(t, g, "blkio", weight); got != "300" {
		t.Errorf("%s is %q", weight, got)
	}
	if got := content(t, g, "memory", "memory.oom_control"); !strings.Contains(got, "oom_kill_disable 1") {
		t.Errorf("memory.oom_control: %q", got)
	}
}

// blockDevice returns the number of some block device of the machine.
func blockDevice(t *testing.T) uint64 {
	t.Helper()
	entries, err := os.ReadDir("/sys/block")
	if err != nil || len(entries) == 0 {
		t.Fatalf("no block device: %v", err)
	}
	text, err := os.ReadFile(filepath.Join("/sys/block", entries[0].Name(), "dev"))
	if err != nil {
		t.Fatal(err)
	}
	major, minor, _ := strings.Cut(strings.TrimSpace(string(text)), ":")
	return unix.Mkdev(uint32(atoi(t, major)), uint32(atoi(t, minor)))
}

func TestMemoryAndSwapMoveTogetherInBothDirections(t *testing.T) {
	g := created(t)
	for i, step := range []struct{ limit, swap, wantLimit, wantSwap int64 }{
		{8 << 20, 16 << 20, 8 << 20, 16 << 20},
		{32 << 20, 64 << 20, 32 << 20, 64 << 20}, // up: the new limit is above the old limit with swap
		{4 << 20, 4 << 20, 4 << 20, 4 << 20},     // down: the new limit with swap is below the old limit
		{0, 6 << 20, 4 << 20, 6 << 20},
		{5 << 20, 0, 5 << 20, 6 << 20},
		{-1, 0, 9223372036854771712, 9223372036854771712},
		{1 << 20, -1, 1 << 20, 9223372036854771712},
		{-1, -1, 9223372036854771712, 9223372036854771712},
	} {
		m := &specs.LinuxMemory{Limit: &step.limit, Swap: &step.swap}
		if err := g.Update(&specs.LinuxResources{Memory: m}); err != nil {
			t.Fatalf("step %d: %v", i, err)
		}
		limit, swap := content(t, g, "memory", limitFile), content(t, g, "memory", swapFile)
		if limit != itoa(int(step.wantLimit)) || swap != itoa(int(step.wantSwap)) {
			t.Errorf("step %d: limit %s, with swap %s", i, limit, swap)
		}
	}
}

func TestQuotaPeriodAndBurstMoveTogether(t *testing.T) {
	g := created(t)
	for i, c := range []specs.LinuxCPU{
		{Quota: ptr[int64](1000), Period: ptr[uint64](10000), Burst: ptr[uint64](1000)},
		{Quota: ptr[int64](900000), Period: ptr[uint64](1000000), Burst: ptr[uint64](800000)}, // burst above the old quota
		{Quota: ptr[int64](2000), Period: ptr[uint64](1000), Burst: ptr[uint64](10)},          // quota below the old burst
		{Quota: ptr[int64](-1)},
		{Period: ptr[uint64](100000)},
	} {
		if err := g.Update(&specs.LinuxResources{CPU: &c}); err != nil {
			t.Fatalf("step %d: %v", i, err)
		}
		for file, want := range map[string]*uint64{"cpu.cfs_period_us": c.Period, "cpu.cfs_burst_us": c.Burst} {
			if want != nil && content(t, g, "cpu", file) != itoa(int(*want)) {
				t.Errorf("step %d: %s is %s, want %d", i, file, content(t, g, "cpu", file), *want)
			}
		}
		if c.Quota != nil && content(t, g, "cpu", "cpu.cfs_quota_us") != itoa(int(*c.Quota)) {
			t.Errorf("step %d: quota %s", i, content(t, g, "cpu", "cpu.cfs_quota_us"))
		}
	}
	err := g.Update(&specs.LinuxResources{CPU: &specs.LinuxCPU{Period: ptr[uint64](1)}})
	if !errors.Is(err, unix.EINVAL) || !strings.HasPrefix(err.Error(), "linux.resources.cpu.period 1: write ") {
		t.Errorf("an impossible period: %v", err)
	}
}

// The kernel refuses a quota/period above the parent's; period first would do so on the way.
func TestQuotaUnderALimitedParent(t *testing.T) {
	g := created(t)
	if err := g.Update(&specs.LinuxResources{CPU: &specs.LinuxCPU{Quota: ptr[int64](50000), Period: ptr[uint64](100000)}}); err != nil {
		t.Fatal(err)
	}
	for _, dir := range g.record.Dirs {
		if err := os.Mkdir(dir+"/child", 0o755); err != nil {
			t.Fatal(err)
		}
	}
	child, err := g.Sub("child")
	if err != nil {
		t.Fatal(err)
	}
	defer child.Close()
	for i, c := range []specs.LinuxCPU{
		{Quota: ptr[int64](50000), Period: ptr[uint64](100000)},
		{Quota: ptr[int64](5000), Period: ptr[uint64](10000)},
		{Quota: ptr[int64](500000), Period: ptr[uint64](1000000)},
	} {
		if err := child.Update(&specs.LinuxResources{CPU: &c}); err != nil {
			t.Errorf("step %d: %v", i, err)
		}
	}
}

func TestPidsLimitZeroIsALimit(t *testing.T) {
	g := created(t)
	mustApply(t, g, specs.LinuxResources{Pids: &specs.LinuxPids{Limit: ptr[int64](0)}})
	if got := content(t, g, "pids", "pids.max"); got != "0" {
		t.Errorf("pids.max is %s", got)
	}
	mustApply(t, g, specs.LinuxResources{Pids: &specs.LinuxPids{Limit: ptr[int64](-1)}})
	if got := content(t, g, "pids", "pids.max"); got != "max" {
		t.Errorf("pids.max is %s", got)
	}
}

func atoi(t *testing.T, text string) int {
	t.Helper()
	n := 0
	for _, c := range text {
		if c < '0' || c > '9' {
			t.Fatalf("%q is no number", text)
		}
		n = 10*n + int(c-'0')
	}
	return n
}
