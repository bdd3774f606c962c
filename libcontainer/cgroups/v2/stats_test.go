package v2

import (
	"errors"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/creel-project/creel/libcontainer/cgroups/cgtest"
	"github.com/creel-project/creel/libcontainer/cgroups/driver"
	"github.com/creel-project/creel/libcontainer/cgroups/stats"
)

func TestStatisticsAreThoseOfTheFilesInTheUnitsOfV1(t *testing.T) {
	const pressure = "some avg10=0.00 avg60=0.00 avg300=0.00 total=7\n"
	psi := &stats.PSI{Some: stats.PSIData{Total: 7}}
	g, _ := fakeGroup(t, map[string]string{
		"cpu.stat":     "usage_usec 30\nuser_usec 20\nsystem_usec 10\nnr_periods 4\nnr_throttled 3\nthrottled_usec 2\n",
		"cpu.pressure": pressure, "memory.pressure": pressure, "io.pressure": pressure,
		"memory.current": "1000\n", "memory.max": "4096\n", "memory.peak": "2000\n", "memory.stat": "anon 1\nfile 600\n",
		"memory.swap.current": "50\n", "memory.swap.max": "904\n",
		"pids.current": "3\n", "pids.max": "10\n",
		"io.stat": "8:0 rbytes=1 wbytes=2 rios=3 wios=4 dbytes=5 dios=6\n254:16 \n",
	})
	s, err := g.Stats()
	if err != nil {
		t.Fatal(err)
	}
	io := func(read, write uint64) []stats.BlkioEntry {
		return []stats.BlkioEntry{{Major: 8, Op: "Read", Value: read}, {Major: 8, Op: "Write", Value: write}}
	}
	want := &stats.Stats{
		CPU: stats.CPU{
			Usage:      stats.CPUUsage{Total: 30000, User: 20000, Kernel: 10000},
			Throttling: stats.Throttling{Periods: 4, ThrottledPeriods: 3, ThrottledTime: 2000}, PSI: psi,
		},
		Memory: stats.Memory{
			Cache: 600, Usage: stats.MemoryEntry{Usage: 1000, Limit: 4096, Max: 2000}, Swap: stats.MemoryEntry{Usage: 1050, Limit: 5000},
			Raw: map[string]uint64{"anon": 1, "file": 600}, PSI: psi,
		},
		Pids:    stats.Pids{Current: 3, Limit: 10},
		Blkio:   stats.Blkio{IoServiceBytesRecursive: io(1, 2), IoServicedRecursive: io(3, 4), PSI: psi},
		Hugetlb: map[string]stats.Hugetlb{},
	}
	if !reflect.DeepEqual(s, want) {
		t.Errorf("got  %+v\nwant %+v", s, want)
	}
}

func TestNoLimitIsTheLargestNumberAndForTasksZero(t *testing.T) {
	g, _ := fakeGroup(t, map[string]string{
		"memory.current": "1\n", "memory.max": "max\n", "memory.swap.current": "2\n", "memory.swap.max": "max\n",
		"pids.current": "1\n", "pids.max": "max\n",
	})
	s, err := g.Stats()
	if err != nil {
		t.Fatal(err)
	}
	if s.Memory.Usage.Limit != math.MaxUint64 || s.Memory.Swap.Limit != math.MaxUint64 || s.Memory.Swap.Usage != 3 || s.Pids.Limit != 0 {
		t.Errorf("%+v %+v", s.Memory, s.Pids)
	}
}

func TestStatisticsOfARealCgroupTellOfItsProcess(t *testing.T) {
	root, err := os.ReadFile(filepath.Join(cgtest.UnifiedMount(t), "cgroup.controllers"))
	if err != nil {
		t.Fatal(err)
	}
	g := created(t)
	fd, _ := g.SpawnFD()
	cgtest.Start(t, fd, "sh", "-c", "while :; do :; done")
	s := cgtest.StatsOf(t, g, func(s *stats.Stats) bool { return s.CPU.Usage.Total > 0 })
	if s.Pids.Current != 1 || s.CPU.Usage.Total == 0 || s.CPU.Usage.Total < s.CPU.Usage.User {
		t.Errorf("%+v %+v", s.Pids, s.CPU)
	}
	if (s.CPU.PSI == nil) != (unix.Access("/proc/pressure/cpu", unix.F_OK) != nil) {
		t.Errorf("pressure %+v", s.CPU.PSI)
	}
	if hasWord(string(root), "memory") && s.Memory.Usage.Usage == 0 {
		t.Errorf("memory %+v", s.Memory)
	}
}

func TestMemoryThatRanOutIsReadWithItsLimit(t *testing.T) {
	g, _ := fakeGroup(t, map[string]string{
		"memory.events": "low 0\nhigh 0\nmax 9\noom 2\noom_kill 1\noom_group_kill 0\n",
		"memory.max":    "4096\n", "memory.current": "4000\n", "memory.peak": "4096\n",
	})
	if got, err := g.OOM(); err != nil || got != (driver.OOMInfo{Killed: 1, Limit: 4096, Usage: 4000, Peak: 4096}) {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestAKillForWantOfMemoryIsToldAndOtherChangesAreNot(t *testing.T) {
	g, dir := fakeGroup(t, map[string]string{"memory.events": "max 1\noom_kill 3\n"})
	n, err := g.NotifyOOM()
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	change := func(text string, want int) {
		t.Helper()
		write(t, dir, "memory.events", text)
		cgtest.Readable(t, n.FD())
		if count, err := n.Take(); err != nil || count != want {
			t.Errorf("%q: %d times, want %d (%v)", text, count, want, err)
		}
	}
	change("max 5\noom_kill 3\n", 0)
	change("max 5\noom_kill 5\n", 2)
	if count, err := n.Take(); count != 0 || err != nil {
		t.Errorf("once more: %d, %v", count, err)
	}
	if err := os.Remove(filepath.Join(dir, "memory.events")); err != nil {
		t.Fatal(err)
	}
	if count, err := n.Take(); count != 0 || err != nil {
		t.Errorf("of a cgroup that is gone: %d, %v", count, err)
	}
}

func TestWithoutTheMemoryControllerNobodyTells(t *testing.T) {
	g, _ := fakeGroup(t, nil)
	if _, err := g.NotifyOOM(); !errors.Is(err, driver.ErrNoController) {
		t.Errorf("OOM: %v", err)
	}
	if _, err := g.NotifyPressure("low"); !errors.Is(err, driver.ErrNoController) {
		t.Errorf("pressure: %v", err)
	}
}

// cgroup.events stands for memory.events, which not every machine has: the kernel tells of both in the same way.
func TestAChangeOfARealCgroupsFileIsSeenByItsWatch(t *testing.T) {
	g := created(t)
	fd, _ := g.SpawnFD()
	watch, err := unix.InotifyInit1(unix.IN_CLOEXEC | unix.IN_NONBLOCK)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(watch)
	if err := watchFile(watch, g.dir, "cgroup.events"); err != nil {
		t.Fatal(err)
	}
	cgtest.Sleeper(t, fd)
	cgtest.Readable(t, watch)
}
