package v1

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

func TestAnUpdateThatFailsLeavesEveryLimitAsItWas(t *testing.T) {
	block := blockDevice(t)
	device := specs.LinuxBlockIODevice{Major: int64(unix.Major(block)), Minor: int64(unix.Minor(block))}
	throttle := func(rate uint64) *specs.LinuxBlockIO {
		return &specs.LinuxBlockIO{
			ThrottleReadBpsDevice:  []specs.LinuxThrottleDevice{{LinuxBlockIODevice: device, Rate: rate}},
			ThrottleWriteBpsDevice: []specs.LinuxThrottleDevice{{LinuxBlockIODevice: device, Rate: rate}},
		}
	}
	g := created(t)
	mustApply(t, g, specs.LinuxResources{
		CPU:     &specs.LinuxCPU{Shares: ptr[uint64](512), Quota: ptr[int64](20000), Period: ptr[uint64](50000), Burst: ptr[uint64](1000)},
		Pids:    &specs.LinuxPids{Limit: ptr[int64](42)},
		BlockIO: &specs.LinuxBlockIO{ThrottleReadBpsDevice: throttle(4096).ThrottleReadBpsDevice},
		Memory:  &specs.LinuxMemory{Limit: ptr[int64](8 << 20), Swap: ptr[int64](16 << 20), Reservation: ptr[int64](4 << 20), Swappiness: ptr[uint64](30)},
	})
	before := limitsOf(t, g)
	for name, res := range map[string]specs.LinuxResources{
		"memory above memory and swap": {Memory: &specs.LinuxMemory{Limit: ptr[int64](32 << 20)}},
		"reservation":                  {Memory: &specs.LinuxMemory{Limit: ptr[int64](32 << 20), Swap: ptr[int64](64 << 20), Swappiness: ptr[uint64](7), Reservation: ptr[int64](-7)}},
		"swappiness, shrinking":        {Memory: &specs.LinuxMemory{Limit: ptr[int64](1 << 20), Swap: ptr[int64](1 << 20), Swappiness: ptr[uint64](1000)}},
		"unknown":                      {Unified: map[string]string{"no.such": "1"}},
	} {
		t.Run(name, func(t *testing.T) {
			res.Pids = &specs.LinuxPids{Limit: ptr[int64](7)}
			res.CPU = &specs.LinuxCPU{Idle: ptr[int64](1), Quota: ptr[int64](900000), Period: ptr[uint64](1000000), Burst: ptr[uint64](800000)}
			res.BlockIO = throttle(8192)
			err := g.Update(&res)
			if err == nil || !strings.HasPrefix(err.Error(), "linux.resources.") {
				t.Fatalf("got %v", err)
			}
			if after := limitsOf(t, g); after != before {
				t.Errorf("after %v\n%s\nbefore\n%s", err, after, before)
			}
		})
	}
	if g.journal != nil {
		t.Error("the group goes on remembering")
	}
}

// limitsOf is what all files say that the tests above write.
func limitsOf(t *testing.T, g *Group) string {
	t.Helper()
	var all strings.Builder
	for _, file := range []string{
		"cpu/cpu.shares", "cpu/cpu.idle", "cpu/cpu.cfs_quota_us", "cpu/cpu.cfs_period_us", "cpu/cpu.cfs_burst_us", "pids/pids.max",
		"blkio/blkio.throttle.read_bps_device", "blkio/blkio.throttle.write_bps_device", "memory/memory.limit_in_bytes",
		"memory/memory.memsw.limit_in_bytes", "memory/memory.soft_limit_in_bytes", "memory/memory.swappiness",
	} {
		text, err := os.ReadFile(filepath.Join(g.controller(filepath.Dir(file)).hostDir, filepath.Base(file)))
		if err != nil {
			t.Fatal(err)
		}
		all.WriteString(file + ": " + string(text))
	}
	return all.String()
}
