package systemd

import (
	"os"
	"strings"
	"testing"

	"github.com/creel-project/creel/tests/harness"
	"github.com/opencontainers/runtime-spec/specs-go"
)

func allLimits(r *specs.LinuxResources) {
	r.Memory = &specs.LinuxMemory{Limit: harness.Ptr(int64(64 << 20)), Swap: harness.Ptr(int64(96 << 20)), Reservation: harness.Ptr(int64(32 << 20))}
	r.CPU = &specs.LinuxCPU{
		Shares: harness.Ptr(uint64(2048)), Quota: harness.Ptr(int64(25000)), Period: harness.Ptr(uint64(50000)), Cpus: "1", Mems: "0",
	}
	r.Pids = &specs.LinuxPids{Limit: harness.Ptr(int64(17))}
	r.Unified = map[string]string{"memory.high": "50331648", "memory.min": "1048576", "memory.oom.group": "1"}
}

var asFiles = map[string]string{
	"memory.max": "67108864", "memory.swap.max": "33554432", "memory.low": "33554432", "memory.high": "50331648", "memory.min": "1048576",
	"memory.oom.group": "1", "cpu.max": "25000 50000", "cpuset.cpus": "1", "cpuset.mems": "0", "pids.max": "17",
}

func TestSystemdKnowsTheLimitsThatAreInForce(t *testing.T) {
	h := withSystemd(t)
	c := h.Create(h.Bundle(harness.Sleep, resources(allLimits)))
	path := "/system.slice/creel-" + c.ID + ".scope"
	files(h, path, asFiles)
	equal(h, "creel-"+c.ID+".scope", map[string]string{
		"MemoryMax": "67108864", "MemorySwapMax": "33554432", "MemoryLow": "33554432", "MemoryHigh": "50331648", "MemoryMin": "1048576",
		"CPUQuotaPerSecUSec": "500ms", "CPUQuotaPeriodUSec": "50ms", "AllowedCPUs": "1", "AllowedMemoryNodes": "0", "TasksMax": "17",
		"CPUWeight": h.CgroupFile("", path, "cpu.weight"),
	})
}

// reload makes systemd set again what it knows, and returns when it has: the weight of the scope is back.
func reload(h *harness.H) {
	h.Helper()
	h.Host("systemctl daemon-reload")
}

func TestLimitsSurviveThatSystemdIsLoadedAgain(t *testing.T) {
	h := withSystemd(t)
	c := h.Started(h.Bundle(harness.Sleep, resources(allLimits)))
	path := "/system.slice/creel-" + c.ID + ".scope"
	weight := h.CgroupFile("", path, "cpu.weight")
	reload(h)
	h.Host("systemctl set-property --runtime creel-" + c.ID + ".scope CPUWeight=55") // it sets all of them again
	h.Eventually("systemd has set them", func() bool { return h.CgroupFile("", path, "cpu.weight") == "55" })
	files(h, path, asFiles)
	if weight == "55" || weight == "100" {
		t.Errorf("cpu.weight was %s", weight)
	}
}

func TestAnIdleContainerStaysIdle(t *testing.T) {
	h := withSystemd(t)
	c := h.Create(h.Bundle(harness.Sleep, resources(func(r *specs.LinuxResources) { r.CPU = &specs.LinuxCPU{Idle: harness.Ptr(int64(1))} })))
	path, unit := "/system.slice/creel-"+c.ID+".scope", "creel-"+c.ID+".scope"
	equal(h, unit, map[string]string{"CPUWeight": "idle"})
	h.Host("systemctl set-property --runtime " + unit + " TasksMax=55")
	h.Eventually("systemd has set it", func() bool { return h.CgroupFile("", path, "pids.max") == "55" })
	files(h, path, map[string]string{"cpu.idle": "1"})
}

// The file systems' driver alone keeps devices away: systemd has no rules that it could set again.
func TestDevicesStayForbiddenWhenSystemdIsLoadedAgain(t *testing.T) {
	h := withSystemd(t)
	c := h.Started(h.Bundle(harness.Caps("CAP_MKNOD"), harness.Sleep, resources(func(r *specs.LinuxResources) {
		r.Devices = []specs.LinuxDeviceCgroup{{Allow: false, Access: "rwm"}}
	})))
	try := func() {
		t.Helper()
		r := h.Ok(h.Creel("exec", c.ID, "/bin/sh", "-c", `rm -f /dev/disk
mknod /dev/disk b 254 0
head -c 1 /dev/disk >/dev/null 2>&1 || echo no disk
head -c 1 /dev/zero >/dev/null && echo zero`))
		if r.Stdout != "no disk\nzero\n" {
			t.Error(r)
		}
	}
	try()
	reload(h)
	h.Host("systemctl set-property --runtime creel-" + c.ID + ".scope CPUWeight=55 DevicePolicy=auto")
	h.Eventually("systemd has set it", func() bool {
		return h.CgroupFile("", "/system.slice/creel-"+c.ID+".scope", "cpu.weight") == "55"
	})
	try()
}

func TestUpdateReachesTheKernelAndSystemd(t *testing.T) {
	h := withSystemd(t)
	c := h.Started(h.Bundle(harness.Sleep, resources(allLimits)))
	path, unit := "/system.slice/creel-"+c.ID+".scope", "creel-"+c.ID+".scope"
	h.Ok(h.Creel("update", "--memory", "134217728", "--memory-swap", "268435456", "--pids-limit", "23", "--cpu-quota", "10000", "--cpu-period", "100000", "--cpuset-cpus", "0-1", c.ID))
	now := map[string]string{
		"memory.max": "134217728", "memory.swap.max": "134217728", "pids.max": "23", "cpu.max": "10000 100000", "cpuset.cpus": "0-1", "memory.low": "33554432",
	}
	files(h, path, now)
	equal(h, unit, map[string]string{
		"MemoryMax": "134217728", "MemorySwapMax": "134217728", "TasksMax": "23", "CPUQuotaPerSecUSec": "100ms", "AllowedCPUs": "0-1", "MemoryLow": "33554432",
	})
	h.Ok(h.Creel("update", "--memory", "-1", "--memory-swap", "-1", "--pids-limit", "-1", "--cpu-quota", "-1", c.ID))
	reload(h)
	files(h, path, map[string]string{"memory.max": "max", "memory.swap.max": "max", "pids.max": "max", "cpu.max": "max 100000"})
	equal(h, unit, map[string]string{"MemoryMax": "infinity", "TasksMax": "infinity", "CPUQuotaPerSecUSec": "infinity"})
}

func TestImpossibleLimitsLeaveTheOldOnesInForceAndKnown(t *testing.T) {
	h := withSystemd(t)
	c := h.Started(h.Bundle(harness.Sleep, resources(allLimits)))
	h.Fails(h.Creel("update", "--memory", "134217728", "--memory-swap", "134217728", "--cpuset-cpus", "77", c.ID), "cpu.cpus 77")
	files(h, "/system.slice/creel-"+c.ID+".scope", asFiles)
	equal(h, "creel-"+c.ID+".scope", map[string]string{"MemoryMax": "67108864", "AllowedCPUs": "1"})
}

// systemd refuses to change a unit that is not there; what was set by then is taken back.
func TestWhatSystemdRefusesIsNotInForceEither(t *testing.T) {
	h := withSystemd(t)
	c := h.Started(h.Bundle(harness.Sleep, resources(allLimits)))
	path := "/system.slice/creel-" + c.ID + ".scope"
	h.Host("mv /run/systemd/private /run/systemd/private.away; mv /run/dbus/system_bus_socket /run/dbus/system_bus_socket.away")
	defer h.Host("mv /run/systemd/private.away /run/systemd/private; mv /run/dbus/system_bus_socket.away /run/dbus/system_bus_socket")
	h.Fails(h.Creel("update", "--pids-limit", "23", c.ID), "linux.resources", "connect to systemd")
	files(h, path, asFiles)
}

func TestWithoutSystemdTheErrorSaysSoAndNothingIsLeft(t *testing.T) {
	h := withSystemd(t)
	h.Host("mv /run/systemd/private /run/systemd/private.away")
	defer h.Host("mv /run/systemd/private.away /run/systemd/private")
	h.Ok(h.Run(h.Bundle(harness.Args("/bin/true")))) // through the bus
	h.Host("mv /run/dbus/system_bus_socket /run/dbus/system_bus_socket.away")
	defer h.Host("mv /run/dbus/system_bus_socket.away /run/dbus/system_bus_socket")
	h.Fails(h.Run(h.Bundle()), "connect to systemd", "system_bus_socket: connect: no such file or directory")
	if left := h.Containers(); len(left) > 0 {
		t.Error(left)
	}
}

func TestTheScopeIsDelegatedWithItsControllers(t *testing.T) {
	h := withSystemd(t)
	got := h.Sh("cat /sys/fs/cgroup/cgroup.controllers; cd /sys/fs/cgroup && mkdir a b && echo 1 >a/cgroup.procs && echo +pids +memory >cgroup.subtree_control && echo 5 >b/pids.max && cat b/pids.max",
		func(s *specs.Spec) {
			for i := range s.Mounts {
				if s.Mounts[i].Type == "cgroup" {
					s.Mounts[i].Options = []string{"rw", "nosuid", "noexec", "nodev"}
				}
			}
		})
	for _, want := range []string{"cpu", "cpuset", "io", "memory", "pids", "\n5"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not in %q", want, got)
		}
	}
}

func TestExecIsInTheScopeAndInItsSubCgroups(t *testing.T) {
	h := withSystemd(t)
	c := h.Started(h.Bundle(harness.Sleep))
	path := "/system.slice/creel-" + c.ID + ".scope"
	h.Must(os.Mkdir("/sys/fs/cgroup"+path+"/sub", 0o755))
	pid := h.State(c.ID).Pid
	for flag, want := range map[string]string{"--cgroup=/": path, "--cgroup=/sub": path + "/sub"} {
		p := h.Go(nil, "exec", flag, c.ID, "/bin/sh", "-c", "echo up; read line </proc/self/fd/0; sleep 1000")
		_ = p
		h.Eventually("it is in "+want, func() bool {
			for _, other := range h.CgroupPids("", want) {
				if other != pid {
					return true
				}
			}
			return false
		})
	}
}

func TestAPausedContainerIsKilledAndDeleted(t *testing.T) {
	h := withSystemd(t)
	c := h.Started(h.Bundle(harness.Sleep))
	h.Ok(h.Creel("pause", c.ID))
	if s := h.State(c.ID); s.Status != "paused" {
		t.Errorf("it is %s", s.Status)
	}
	h.Ok(h.Creel("delete", "--force", c.ID))
	gone(h, "/system.slice/creel-"+c.ID+".scope")
}
