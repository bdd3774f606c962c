package container

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/creel-project/creel/tests/harness"
	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

func killPid(text string) error {
	pid, err := strconv.Atoi(text)
	if err != nil {
		return err
	}
	return unix.Kill(pid, unix.SIGKILL)
}

// v1 says whether the machine, as this run sees it, has the v1 controllers.
func v1() bool {
	_, err := os.Stat("/sys/fs/cgroup/memory/memory.limit_in_bytes")
	return err == nil
}

func resources(f func(r *specs.LinuxResources)) harness.Mutate {
	return func(s *S) { f(s.Linux.Resources) }
}

func TestTheProcessIsInItsCgroupFromTheFirstInstruction(t *testing.T) {
	h := harness.New(t)
	c := h.Create(h.Bundle(harness.Sleep))
	for line := range strings.Lines(h.ProcFile(h.State(c.ID).Pid, "cgroup")) {
		if !v1() && !strings.HasPrefix(line, "0::") {
			continue // hierarchies that this view does not have
		}
		if !strings.HasSuffix(strings.TrimSpace(line), "/"+c.ID) {
			t.Errorf("init is in %s", line)
		}
	}
}

func TestLimitsReachTheKernel(t *testing.T) {
	if !v1() {
		limitsOnV2(t)
		return
	}
	h := harness.New(t)
	c := h.Create(h.Bundle(harness.Sleep, resources(func(r *specs.LinuxResources) {
		r.Memory = &specs.LinuxMemory{Limit: harness.Ptr(int64(64 << 20)), Reservation: harness.Ptr(int64(32 << 20))}
		r.CPU = &specs.LinuxCPU{Shares: harness.Ptr(uint64(512)), Quota: harness.Ptr(int64(50000)), Period: harness.Ptr(uint64(100000)), Cpus: "0"}
		r.Pids = &specs.LinuxPids{Limit: harness.Ptr(int64(17))}
	})))
	for file, want := range map[string]string{
		"memory/ID/memory.limit_in_bytes": "67108864", "memory/ID/memory.soft_limit_in_bytes": "33554432", "cpu/ID/cpu.shares": "512",
		"cpu/ID/cpu.cfs_quota_us": "50000", "cpuset/ID/cpuset.cpus": "0", "pids/ID/pids.max": "17",
	} {
		text, err := os.ReadFile("/sys/fs/cgroup/" + strings.Replace(file, "ID", c.ID, 1))
		if got := strings.TrimSpace(string(text)); err != nil || got != want {
			t.Errorf("%s is %q (%v), want %s", file, got, err, want)
		}
	}
}

// limitsOnV2 uses hugetlb, the one controller that every kernel leaves to v2.
func limitsOnV2(t *testing.T) {
	h := harness.New(t)
	c := h.Create(h.Bundle(harness.Sleep, resources(func(r *specs.LinuxResources) {
		r.HugepageLimits = []specs.LinuxHugepageLimit{{Pagesize: "2MB", Limit: 4 << 20}}
	})))
	text, err := os.ReadFile(filepath.Join("/sys/fs/cgroup", c.ID, "hugetlb.2MB.max"))
	if got := strings.TrimSpace(string(text)); err != nil || got != "4194304" {
		t.Errorf("hugetlb.2MB.max is %q (%v)", got, err)
	}
}

func TestALimitThatNoControllerCanSetIsAnErrorThatNamesIt(t *testing.T) {
	h := harness.New(t)
	if harness.Controller("memory") {
		h.Fails(h.Run(h.Bundle(resources(func(r *specs.LinuxResources) { r.Unified = map[string]string{"no.such": "1"} }))), "linux.resources.unified", "no.such")
		return
	}
	h.Fails(h.Run(h.Bundle(resources(func(r *specs.LinuxResources) { r.Memory = &specs.LinuxMemory{Limit: harness.Ptr(int64(1 << 24))} }))), "linux.resources.memory.limit", "memory")
}

func TestDeviceRulesAreEnforced(t *testing.T) {
	mem := specs.LinuxDevice{Path: "/dev/mine", Type: "c", Major: 1, Minor: 5} // zero's twin
	full := specs.LinuxDevice{Path: "/dev/other", Type: "c", Major: 10, Minor: 229}
	script := "head -c 1 /dev/mine >/dev/null 2>&1 && echo mine; cat /dev/other 2>&1 | grep -o 'not permitted'; echo x > /dev/null && echo null"
	says(t, script, "mine\nnot permitted\nnull", func(s *S) { s.Linux.Devices = []specs.LinuxDevice{mem, full} })
}

func TestAMemoryLimitOfOneMebibyteIsEnough(t *testing.T) {
	harness.Needs(t, "memory")
	h := harness.New(t)
	h.Ok(h.Run(h.Bundle(resources(func(r *specs.LinuxResources) { r.Memory = &specs.LinuxMemory{Limit: harness.Ptr(int64(1 << 20))} }))))
}

func TestAProcessThatExceedsItsMemoryIsKilled(t *testing.T) {
	harness.Needs(t, "memory")
	h := harness.New(t)
	r := h.Run(h.Bundle(harness.Script("x=a; while :; do x=$x$x; done"), resources(func(r *specs.LinuxResources) {
		r.Memory = &specs.LinuxMemory{Limit: harness.Ptr(int64(8 << 20)), Swap: harness.Ptr(int64(8 << 20))}
	})))
	if r.Status != 137 {
		t.Error(r)
	}
}

func TestStrayProcessesEndWithAContainerOfTheHostsPids(t *testing.T) {
	h := harness.New(t)
	c := h.Started(h.Bundle(harness.Script("for i in 1 2 3; do sleep 1000 & done; echo ready; wait"), harness.NoNamespace(specs.PIDNamespace)))
	c.Says("ready")
	h.Ok(h.Creel("kill", c.ID, "KILL"))
	h.WaitFor(c.ID, "stopped")
	h.Ok(h.Creel("delete", c.ID)) // the leak check sees what is left
}

func TestANestedCgroupsPathIsMadeAndRemoved(t *testing.T) {
	h := harness.New(t)
	base := "/" + h.ID()
	h.Ok(h.Run(h.Bundle(harness.Script("true"), func(s *S) { s.Linux.CgroupsPath = base + "/deep/er" })))
	found, _ := filepath.Glob("/sys/fs/cgroup/*" + base)
	if _, err := os.Stat("/sys/fs/cgroup" + base); err == nil || len(found) > 0 {
		t.Errorf("left: %q", found)
	}
}

func TestTheContainerSeesItsOwnCgroupsOnly(t *testing.T) {
	h := harness.New(t)
	file := "/sys/fs/cgroup/memory/cgroup.procs"
	if !v1() {
		file = "/sys/fs/cgroup/cgroup.procs"
	}
	got := h.Sh("head -1 " + file + "; grep -c ' /sys/fs/cgroup.*cgroup.* ro,' /proc/self/mounts | grep -q -v '^0$' && echo read-only")
	if got != "1\nread-only" {
		t.Errorf("got %q", got)
	}
	shared := h.Sh("cat "+file+" | grep -c . ; test -e /sys/fs/cgroup && echo there", harness.NoNamespace(specs.CgroupNamespace))
	contains(t, shared, "there")
}
