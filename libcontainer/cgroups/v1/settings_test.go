package v1

import (
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
	if err := g.ApplyDevices(res.Devices); err != nil {
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

// TestSwappinessOfMinusOneStaysAsItIs: engines write it for "not set".
func TestSwappinessOfMinusOneStaysAsItIs(t *testing.T) {
	g := created(t)
	mustApply(t, g, specs.LinuxResources{Memory: &specs.LinuxMemory{Swappiness: ptr[uint64](30)}})
	mustApply(t, g, specs.LinuxResources{Memory: &specs.LinuxMemory{Swappiness: ptr[uint64](1<<64 - 1)}})
	if got := content(t, g, "memory", "memory.swappiness"); got != "30" {
		t.Errorf("memory.swappiness is %s", got)
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
