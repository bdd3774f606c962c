package v2

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"

	"github.com/creel-project/creel/libcontainer/cgroups/driver"
)

// text is the first line of a file: plain files keep the rest of what was there before.
func text(t *testing.T, dir, file string) string {
	t.Helper()
	got, err := os.ReadFile(filepath.Join(dir, file))
	if err != nil {
		t.Fatal(err)
	}
	line, _, _ := strings.Cut(string(got), "\n")
	return line
}

func TestTheSumOfMemoryAndSwapStaysWhenMemoryChanges(t *testing.T) {
	for _, c := range []struct {
		name           string
		memory, swap   string // in force
		update         specs.LinuxMemory
		wantMax        string
		wantSwap, fail string
	}{
		{"up", "1048576", "1048576", specs.LinuxMemory{Limit: ptr[int64](1572864)}, "1572864", "524288", ""},
		{"down", "1048576", "1048576", specs.LinuxMemory{Limit: ptr[int64](1024000)}, "1024000", "1073152", ""},
		{"to the sum", "1048576", "1048576", specs.LinuxMemory{Limit: ptr[int64](2097152)}, "2097152", "0", ""},
		{"to the sum but for a part of a page", "1048576", "1048576", specs.LinuxMemory{Limit: ptr[int64](2097153)}, "2097153", "0", ""},
		{"above the sum", "1048576", "1048576", specs.LinuxMemory{Limit: ptr[int64](3145728)}, "1048576", "1048576", "linux.resources.memory.swap 2097152"},
		{"no limit on swap", "1048576", "max", specs.LinuxMemory{Limit: ptr[int64](3145728)}, "3145728", "max", ""},
		{"no limit on memory", "max", "4096", specs.LinuxMemory{Limit: ptr[int64](3145728)}, "3145728", "4096", ""},
		{"both", "1048576", "1048576", specs.LinuxMemory{Limit: ptr[int64](3145728), Swap: ptr[int64](5242880)}, "3145728", "2097152", ""},
		{"swap alone", "1048576", "1048576", specs.LinuxMemory{Swap: ptr[int64](5242880)}, "1048576", "4194304", ""},
		{"swap below memory", "1048576", "1048576", specs.LinuxMemory{Swap: ptr[int64](4096)}, "1048576", "1048576", "linux.resources.memory.swap 4096"},
		{"unlimited", "1048576", "1048576", specs.LinuxMemory{Limit: ptr[int64](-1)}, "max", "max", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			g, dir := fakeGroup(t, map[string]string{"memory.max": c.memory + "\n", "memory.swap.max": c.swap + "\n"})
			err := g.Update(&specs.LinuxResources{Memory: &c.update})
			if c.fail == "" && err != nil || c.fail != "" && (err == nil || !strings.HasPrefix(err.Error(), c.fail)) {
				t.Errorf("got %v, want %q", err, c.fail)
			}
			// the fake keeps what is longer than the new text
			if got := text(t, dir, "memory.max"); !strings.HasPrefix(got, c.wantMax) {
				t.Errorf("memory.max %s", got)
			}
			if got := text(t, dir, "memory.swap.max"); !strings.HasPrefix(got, c.wantSwap) {
				t.Errorf("memory.swap.max %s", got)
			}
		})
	}
}

func TestALimitBelowTheUsageIsRefusedWhereItIsCheckedAndEverythingElseStays(t *testing.T) {
	g, dir := fakeGroup(t, map[string]string{
		"memory.max": "9999999\n", "memory.swap.max": "max\n", "memory.current": "5000000\n", "memory.peak": "6000000\n",
		"pids.max": "33\n", "cpu.weight": "77\n", "cpu.idle": "0\n", "cpu.max": "max 100000\n",
	})
	err := g.Update(&specs.LinuxResources{
		Memory: &specs.LinuxMemory{Limit: ptr[int64](4096000), Swap: ptr[int64](8192000), CheckBeforeUpdate: ptr(true)},
		Pids:   &specs.LinuxPids{Limit: ptr[int64](11)},
		CPU:    &specs.LinuxCPU{Idle: ptr[int64](1), Quota: ptr[int64](50000)},
	})
	if !errors.Is(err, unix.EBUSY) || !strings.HasPrefix(err.Error(), "linux.resources.memory.limit 4096000: ") ||
		!strings.Contains(err.Error(), "current usage 5000000, peak usage 6000000") {
		t.Errorf("got %v", err)
	}
	for file, want := range map[string]string{
		"memory.max": "9999999", "memory.swap.max": "max", "pids.max": "33", "cpu.weight": "77", "cpu.idle": "0", "cpu.max": "max 100000",
	} {
		if got := text(t, dir, file); !strings.HasPrefix(got, want) {
			t.Errorf("%s is %q, was %q", file, got, want)
		}
	}
	if err := g.Update(&specs.LinuxResources{Memory: &specs.LinuxMemory{Limit: ptr[int64](4096000)}}); err != nil {
		t.Errorf("unchecked: %v", err)
	}
}

func TestAnUpdateOfWhatIsNotThereSaysSo(t *testing.T) {
	g, err := Open(driver.Record{Driver: Name, Path: "/creel-test-none", Dirs: map[string]string{"": "/sys/fs/cgroup/creel-test-none"}})
	if err != nil {
		t.Fatal(err)
	}
	defer g.Close()
	if err := g.Update(&specs.LinuxResources{}); err != nil {
		t.Errorf("nothing is asked for: %v", err)
	}
	if err := g.Update(&specs.LinuxResources{Pids: &specs.LinuxPids{Limit: ptr[int64](1)}}); !errors.Is(err, driver.ErrNoCgroup) {
		t.Errorf("got %v", err)
	}
}

func TestASettingThatFailsTakesBackThoseOfTheKernelBeforeIt(t *testing.T) {
	g := created(t)
	if err := g.Update(&specs.LinuxResources{Unified: map[string]string{"cgroup.max.depth": "5", "cgroup.max.descendants": "6"}}); err != nil {
		t.Fatal(err)
	}
	err := g.Update(&specs.LinuxResources{Unified: map[string]string{"cgroup.max.depth": "7", "cgroup.max.descendants": "8", "cgroup.no": "1"}})
	if err == nil || !strings.HasPrefix(err.Error(), `linux.resources.unified["cgroup.no"]`) {
		t.Errorf("got %v", err)
	}
	for file, want := range map[string]string{"cgroup.max.depth": "5", "cgroup.max.descendants": "6"} {
		if got, err := g.dir.Read(file); got != want {
			t.Errorf("%s is %s, %v", file, got, err)
		}
	}
}
