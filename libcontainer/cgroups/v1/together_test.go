package v1

import (
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

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
