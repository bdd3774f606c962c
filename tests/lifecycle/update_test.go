package lifecycle

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/creel-project/creel/tests/harness"
	"github.com/opencontainers/runtime-spec/specs-go"
)

// limits compares files of a container's v1 cgroups with what they should say.
func limits(h *harness.H, id string, want map[string]string) {
	h.Helper()
	for file, text := range want {
		if got := h.CgroupFile(filepath.Dir(file), id, filepath.Base(file)); got != text {
			h.Errorf("%s is %q, want %q", file, got, text)
		}
	}
}

// withLimits is a container with limits of every kind.
var withLimits = resources(func(r *specs.LinuxResources) {
	r.Memory = &specs.LinuxMemory{Limit: harness.Ptr(int64(64 << 20)), Swap: harness.Ptr(int64(128 << 20)), Reservation: harness.Ptr(int64(32 << 20))}
	r.CPU = &specs.LinuxCPU{Shares: harness.Ptr(uint64(512)), Quota: harness.Ptr(int64(50000)), Period: harness.Ptr(uint64(100000))}
	r.Pids = &specs.LinuxPids{Limit: harness.Ptr(int64(17))}
})

var limitsBefore = map[string]string{
	"memory/memory.limit_in_bytes": "67108864", "memory/memory.memsw.limit_in_bytes": "134217728", "memory/memory.soft_limit_in_bytes": "33554432",
	"cpu/cpu.shares": "512", "cpu/cpu.cfs_quota_us": "50000", "cpu/cpu.cfs_period_us": "100000", "cpu/cpu.idle": "0", "cpu/cpu.cfs_burst_us": "0",
	"pids/pids.max": "17", "cpuset/cpuset.mems": "0",
}

func onV1(t *testing.T) *harness.H {
	t.Helper()
	if harness.V2() {
		t.Skip("the controllers are v1's: the other view has them")
	}
	return harness.New(t)
}

func TestEveryFlagOfUpdateReachesTheKernelAndWhatIsNotGivenStays(t *testing.T) {
	h := onV1(t)
	c := h.Started(h.Bundle(harness.Sleep, withLimits))
	limits(h, c.ID, limitsBefore)
	now := map[string]string{}
	for file, text := range limitsBefore {
		now[file] = text
	}
	for _, step := range []struct {
		args string
		file string // what changes, and what it is then
		want string
		more map[string]string
	}{
		{"", "pids/pids.max", "17", nil},
		{"--memory 32m", "memory/memory.limit_in_bytes", "33554432", nil},
		{"--memory 128M", "memory/memory.limit_in_bytes", "134217728", nil},
		{"--memory 256mb --memory-swap 0.5GiB", "memory/memory.limit_in_bytes", "268435456", map[string]string{"memory/memory.memsw.limit_in_bytes": "536870912"}},
		{"--memory 16m --memory-swap 16m", "memory/memory.limit_in_bytes", "16777216", map[string]string{"memory/memory.memsw.limit_in_bytes": "16777216"}},
		{"--memory-swap=-1", "memory/memory.memsw.limit_in_bytes", "9223372036854771712", nil},
		{"--memory-reservation 8388608", "memory/memory.soft_limit_in_bytes", "8388608", nil},
		{"--memory 0 --memory-swap= --cpu-quota 0", "memory/memory.limit_in_bytes", "16777216", nil},
		{"--memory -1", "memory/memory.limit_in_bytes", "9223372036854771712", nil},
		{"--cpu-share 100", "cpu/cpu.shares", "100", nil},
		{"--cpu-quota 20000", "cpu/cpu.cfs_quota_us", "20000", nil},
		{"--cpu-period 200000", "cpu/cpu.cfs_period_us", "200000", nil},
		{"--cpu-period 1000000 --cpu-quota 900000 --cpu-burst 800000", "cpu/cpu.cfs_quota_us", "900000", map[string]string{"cpu/cpu.cfs_period_us": "1000000", "cpu/cpu.cfs_burst_us": "800000"}},
		{"--cpu-burst 0", "cpu/cpu.cfs_burst_us", "0", nil},
		{"--cpu-quota=-1", "cpu/cpu.cfs_quota_us", "-1", nil},
		{"--cpu-idle 1", "cpu/cpu.idle", "1", map[string]string{"cpu/cpu.shares": "3"}},
		{"--cpu-idle 0 --cpu-share 300", "cpu/cpu.idle", "0", map[string]string{"cpu/cpu.shares": "300"}},
		{"--cpuset-cpus 0 --cpuset-mems 0", "cpuset/cpuset.cpus", "0", nil},
		{"--pids-limit 9", "pids/pids.max", "9", nil},
		{"--pids-limit 0", "pids/pids.max", "0", nil},
		{"--pids-limit -1", "pids/pids.max", "max", nil},
	} {
		h.Ok(h.Creel(append(append([]string{"update"}, strings.Fields(step.args)...), c.ID)...))
		now[step.file] = step.want
		for file, text := range step.more {
			now[file] = text
		}
		limits(h, c.ID, now)
		if t.Failed() {
			t.Fatalf("after update %s", step.args)
		}
	}
}

// Not every kernel shares out real time, or weighs block I/O.
func TestLimitsThatTheKernelLacksAreNamed(t *testing.T) {
	h := onV1(t)
	c := h.Started(h.Bundle(harness.Sleep))
	for _, l := range []struct{ args, file, want, field string }{
		{"--cpu-rt-period 500000 --cpu-rt-runtime 1000", "cpu/cpu.rt_runtime_us", "1000", "linux.resources.cpu.realtimePeriod 500000"},
		{"--blkio-weight 500", "blkio/blkio.bfq.weight", "500", "linux.resources.blockIO.weight 500"},
	} {
		r := h.Creel(append(append([]string{"update"}, strings.Fields(l.args)...), c.ID)...)
		if _, err := os.Stat(filepath.Join(harness.CgroupDir(filepath.Dir(l.file), c.ID), filepath.Base(l.file))); err == nil {
			h.Ok(r)
			limits(h, c.ID, map[string]string{l.file: l.want})
		} else {
			h.Fails(r, l.field, "has no such setting")
		}
	}
}

func TestUpdateTakesAFileOrStdinWithWhatAConfigHas(t *testing.T) {
	h := onV1(t)
	c := h.Started(h.Bundle(harness.Sleep, withLimits))
	h.WriteFile(h.Path("res.json"), `{"memory": {"limit": 33554432, "checkBeforeUpdate": true}, "cpu": {"shares": 0, "quota": 30000, "burst": 10000},
		"blockIO": {"weight": 0}, "pids": {"limit": 12}, "devices": [{"allow": true, "access": "rwm"}], "unknown": 1}`, 0o644)
	devices := h.CgroupFile("devices", c.ID, "devices.list")
	r := h.Ok(h.Creel("update", "--resources", h.Path("res.json"), "--pids-limit", "99", c.ID))
	has(t, r.Stderr, "--pids-limit 99 is ignored")
	want := map[string]string{
		"memory/memory.limit_in_bytes": "33554432", "memory/memory.memsw.limit_in_bytes": "134217728", "cpu/cpu.shares": "512",
		"cpu/cpu.cfs_quota_us": "30000", "cpu/cpu.cfs_period_us": "100000", "cpu/cpu.cfs_burst_us": "10000", "pids/pids.max": "12",
		"devices/devices.list": devices,
	}
	limits(h, c.ID, want)
	p := h.Go(func(cmd *exec.Cmd) { cmd.Stdin = strings.NewReader(`{"pids": {"limit": 13}}` + "\n") }, "update", "-r", "-", c.ID)
	h.Ok(p.Result())
	want["pids/pids.max"] = "13"
	limits(h, c.ID, want)
}

func TestLimitsOfCreatedAndPausedContainersCanBeChangedAndThoseOfStoppedOnesNot(t *testing.T) {
	h := onV1(t)
	c := h.Create(h.Bundle(harness.Sleep))
	h.Ok(h.Creel("update", "--pids-limit", "5", c.ID))
	h.Ok(h.Creel("start", c.ID))
	h.Ok(h.Creel("pause", c.ID))
	h.Ok(h.Creel("update", "--memory", "32m", c.ID))
	if s := h.State(c.ID); s.Status != "paused" {
		t.Errorf("state %+v", s)
	}
	limits(h, c.ID, map[string]string{"pids/pids.max": "5", "memory/memory.limit_in_bytes": "33554432"})
	h.Ok(h.Creel("kill", c.ID, "KILL"))
	h.WaitFor(c.ID, "stopped")
	h.Fails(h.Creel("update", "--pids-limit", "6", c.ID), "update "+c.ID+": container not running")
	limits(h, c.ID, map[string]string{"pids/pids.max": "5"})
}

func TestObsoleteLimitsAreTakenWithAWarning(t *testing.T) {
	h := harness.New(t)
	c := h.Started(h.Bundle(harness.Sleep))
	r := h.Ok(h.Creel("update", "--kernel-memory", "50m", "--kernel-memory-tcp", "1m", c.ID))
	has(t, r.Stderr, "linux.resources.memory.kernel 52428800 is ignored")
	has(t, r.Stderr, "linux.resources.memory.kernelTCP 1048576 is ignored")
}

func TestAnUpdateThatAsksForNothingChangesNothing(t *testing.T) {
	h := harness.New(t)
	c := h.Started(h.Bundle(harness.Sleep))
	r := h.Ok(h.Creel("update", c.ID))
	expect(t, r.Stdout+r.Stderr, "")
	if s := h.State(c.ID); s.Status != "running" {
		t.Errorf("state %+v", s)
	}
}

func TestImpossibleLimitsAreNamedAndTheOldOnesStay(t *testing.T) {
	h := onV1(t)
	c := h.Started(h.Bundle(harness.Sleep, withLimits))
	for args, want := range map[string]string{
		"--memory 256m":                 "linux.resources.memory.limit 268435456: the limit is above the limit 134217728 on memory and swap together",
		"--memory 4k":                   "linux.resources.memory.limit 4096: the limit is below the usage",
		"--memory-swap 1m":              "linux.resources.memory.swap 1048576",
		"--cpuset-cpus 900":             "linux.resources.cpu.cpus 900",
		"--cpuset-mems 900":             "linux.resources.cpu.mems 900",
		"--cpu-burst 60000":             "linux.resources.cpu.burst 60000",
		"--cpu-quota 99999999999999999": "linux.resources.cpu.quota",
	} {
		line := append([]string{"update", "--pids-limit", "5", "--cpu-share", "700"}, strings.Fields(args)...)
		h.Fails(h.Creel(append(line, c.ID)...), "update "+c.ID+": "+want)
		limits(h, c.ID, limitsBefore)
	}
}

// The kernel's own words, on whichever hierarchy hugetlb is: v1 has none here, cgroup2 does.
func TestImpossibleValuesOfCgroup2AreNamedAndTheOldOnesStay(t *testing.T) {
	h := harness.New(t)
	c := h.Started(h.Bundle(harness.Sleep))
	before := `{"hugepageLimits": [{"pageSize": "2MB", "limit": 4194304}], "unified": {"cgroup.max.depth": "5", "cgroup.max.descendants": "6"}}`
	h.WriteFile(h.Path("res.json"), before, 0o644)
	h.Ok(h.Creel("update", "-r", h.Path("res.json"), c.ID))
	bad := map[string]string{
		`"unified": {"cgroup.max.depth": "9", "cgroup.max.descendants": "few"}`: `linux.resources.unified["cgroup.max.descendants"] "few"`,
		`"unified": {"cgroup.max.depth": "-9", "cgroup.max.descendants": "7"}`:  `linux.resources.unified["cgroup.max.depth"] "-9"`,
		`"unified": {"cgroup.max.depth": "9", "hugetlb.2MB.max": "lots"}`:       `linux.resources.unified["hugetlb.2MB.max"] "lots"`,
		`"unified": {"cgroup.max.depth": "9", "cgroup.events": "1"}`:            `linux.resources.unified["cgroup.events"] "1"`,
		`"unified": {"cgroup.max.depth": "9", "memory.high": "much"}`:           `linux.resources.unified["memory.high"] "much"`,
	}
	if harness.V2() && !harness.Controller("pids") {
		bad[`"unified": {"cgroup.max.depth": "9"}, "pids": {"limit": 5}`] = "linux.resources.pids.limit 5"
		bad[`"unified": {"cgroup.max.depth": "9"}, "memory": {"limit": 4096}`] = "linux.resources.memory.limit 4096"
		bad[`"unified": {"cgroup.max.depth": "9"}, "cpu": {"cpus": "900"}`] = "linux.resources.cpu.cpus 900"
	}
	for res, want := range bad {
		h.WriteFile(h.Path("res.json"), `{"hugepageLimits": [{"pageSize": "2MB", "limit": 2097152}], `+res+"}", 0o644)
		h.Fails(h.Creel("update", "-r", h.Path("res.json"), c.ID), "update "+c.ID+": ", want)
		for file, value := range map[string]string{"hugetlb.2MB.max": "4194304", "cgroup.max.depth": "5", "cgroup.max.descendants": "6"} {
			expect(t, h.CgroupFile("unified", c.ID, file), value)
		}
	}
}

// On cgroup v2 creel itself looks, and the kernel refuses on v1.
func TestMemoryThatIsInUseIsNotTakenAway(t *testing.T) {
	h := onV1(t)
	c := h.Started(h.Bundle(harness.Script("x=$(head -c 20000000 /dev/zero | tr '\\0' x); echo up; sleep 1000; echo $x"), withLimits))
	c.Says("up")
	h.Fails(h.Creel("update", "--memory", "8m", "--memory-swap", "8m", c.ID), "linux.resources.memory.limit 8388608", "current usage ", "peak usage ", "device or resource busy")
	limits(h, c.ID, limitsBefore)
}

func TestTheRecordHasWhetherMemoryInUseIsChecked(t *testing.T) {
	h := harness.New(t)
	for _, check := range []bool{false, true} {
		c := h.Create(h.Bundle(resources(func(r *specs.LinuxResources) { r.Memory = &specs.LinuxMemory{CheckBeforeUpdate: &check} })))
		text, err := os.ReadFile(filepath.Join(h.Root, c.ID, "state.json"))
		h.Must(err)
		if got := strings.Contains(string(text), `"checkMemory":true`); got != check {
			t.Errorf("%s: %v", text, check)
		}
	}
}

func TestUpdateSetsWhatOnlyCgroup2Has(t *testing.T) {
	h := harness.New(t)
	c := h.Started(h.Bundle(harness.Sleep))
	h.WriteFile(h.Path("res.json"), `{"hugepageLimits": [{"pageSize": "2MB", "limit": 4194304}], "unified": {"cgroup.max.depth": "5"}}`, 0o644)
	h.Ok(h.Creel("update", "-r", h.Path("res.json"), c.ID))
	expect(t, h.CgroupFile("unified", c.ID, "hugetlb.2MB.max"), "4194304")
	expect(t, h.CgroupFile("unified", c.ID, "cgroup.max.depth"), "5")
	h.WriteFile(h.Path("res.json"), `{"hugepageLimits": [{"pageSize": "2MB", "limit": 2097152}], "unified": {"cgroup.max.depth": "9", "cgroup.no": "1"}}`, 0o644)
	h.Fails(h.Creel("update", "-r", h.Path("res.json"), c.ID), `linux.resources.unified["cgroup.no"]`)
	expect(t, h.CgroupFile("unified", c.ID, "hugetlb.2MB.max"), "4194304")
	expect(t, h.CgroupFile("unified", c.ID, "cgroup.max.depth"), "5")
}
