package systemd

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/creel-project/creel/tests/harness"
	"github.com/opencontainers/runtime-spec/specs-go"
)

// everywhere lists the hierarchies that have a cgroup of that name, wherever it is in them.
func everywhere(h *harness.H, name string) (found []string) {
	h.Helper()
	hierarchies, err := filepath.Glob("/sys/fs/cgroup/*")
	h.Must(err)
	for _, dir := range hierarchies {
		if st, err := os.Lstat(dir); err != nil || !st.IsDir() {
			continue
		}
		if hits, _ := filepath.Glob(dir + "/*/" + name); len(hits) > 0 {
			found = append(found, filepath.Base(dir))
		}
	}
	return found
}

func TestOnV1TheScopeIsInEveryHierarchyAndLeavesNone(t *testing.T) {
	h := withSystemd(t)
	c := h.Started(h.Bundle(harness.Sleep))
	unit := "creel-" + c.ID + ".scope"
	found := everywhere(h, unit)
	for _, want := range []string{"systemd", "memory", "pids", "devices", "freezer", "cpuset", "hugetlb"} {
		if !slices.Contains(found, want) {
			t.Errorf("the hierarchies with the scope are %v, without %s", found, want)
		}
	}
	r := h.Ok(h.Creel("exec", c.ID, "/bin/cat", "/proc/self/cgroup"))
	init := h.ProcFile(h.State(c.ID).Pid, "cgroup")
	for line := range strings.Lines(init) {
		if !strings.Contains(line, unit) && !strings.HasPrefix(line, "0::") {
			t.Errorf("init is elsewhere: %s", line)
		}
	}
	if r.Stdout == "" {
		t.Error(r)
	}
	h.Ok(h.Creel("delete", "--force", c.ID))
	if left := everywhere(h, unit); len(left) > 0 {
		t.Errorf("%s is left in %v", unit, left)
	}
	equal(h, unit, map[string]string{"LoadState": "not-found"})
}

func TestOnV1LimitsAndDevicesSurviveThatSystemdIsLoadedAgain(t *testing.T) {
	h := withSystemd(t)
	c := h.Started(h.Bundle(harness.Sleep, resources(func(r *specs.LinuxResources) {
		r.Memory = &specs.LinuxMemory{Limit: harness.Ptr(int64(64 << 20))}
		r.CPU = &specs.LinuxCPU{Shares: harness.Ptr(uint64(2048)), Quota: harness.Ptr(int64(25000)), Period: harness.Ptr(uint64(50000)), Cpus: "1"}
		r.Pids = &specs.LinuxPids{Limit: harness.Ptr(int64(17))}
	})))
	path, unit := "/system.slice/creel-"+c.ID+".scope", "creel-"+c.ID+".scope"
	devices := h.CgroupFile("devices", path, "devices.list")
	check := func() {
		t.Helper()
		for _, f := range [][3]string{
			{"memory", "memory.limit_in_bytes", "67108864"}, {"cpu", "cpu.cfs_quota_us", "25000"}, {"cpu", "cpu.cfs_period_us", "50000"},
			{"cpuset", "cpuset.cpus", "1"}, {"pids", "pids.max", "17"},
		} {
			if got := h.CgroupFile(f[0], path, f[1]); got != f[2] {
				t.Errorf("%s is %q, want %q", f[1], got, f[2])
			}
		}
		got := strings.Split(h.CgroupFile("devices", path, "devices.list"), "\n")
		want := strings.Split(devices, "\n")
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) || slices.Contains(got, "a *:* rwm") {
			t.Errorf("devices.list is %q, was %q", got, want)
		}
	}
	check()
	equal(h, unit, map[string]string{"MemoryLimit": "67108864", "CPUShares": "2048", "TasksMax": "17", "DevicePolicy": "strict"})
	reload(h)
	h.Host("systemctl set-property --runtime " + unit + " CPUShares=55")
	h.Eventually("systemd has set them", func() bool { return h.CgroupFile("cpu", path, "cpu.shares") == "55" })
	check()
}

func TestOnV1UpdateReachesTheKernelAndSystemd(t *testing.T) {
	h := withSystemd(t)
	c := h.Started(h.Bundle(harness.Sleep))
	path := "/system.slice/creel-" + c.ID + ".scope"
	h.Ok(h.Creel("update", "--memory", "134217728", "--pids-limit", "23", c.ID))
	if got := h.CgroupFile("memory", path, "memory.limit_in_bytes"); got != "134217728" {
		t.Errorf("the memory limit is %s", got)
	}
	equal(h, "creel-"+c.ID+".scope", map[string]string{"MemoryLimit": "134217728", "TasksMax": "23"})
}

func TestOnV1ACreationThatFailsLeavesNothing(t *testing.T) {
	h := withSystemd(t)
	id := h.ID()
	h.Fails(h.Creel("create", "--bundle", h.Bundle(harness.Args("/nonexistent")), id), "/nonexistent")
	if left := everywhere(h, "creel-"+id+".scope"); len(left) > 0 {
		t.Errorf("the scope is left in %v", left)
	}
}
