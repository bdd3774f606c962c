package docker

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/creel-project/creel/tests/engines"
)

func TestDockerLetsSystemdMakeTheCgroupsOfCreelsContainers(t *testing.T) {
	h := begin(t)
	engines.Expect(h, docker(h, "info", "--format={{.CgroupDriver}} {{.CgroupVersion}} {{.DefaultRuntime}}"), "systemd 2 creel")
}

func TestAContainerIsAScopeWithItsLimits(t *testing.T) {
	h := begin(t)
	cgroup := background(h, "--memory=64m", "--memory-swap=96m", "--cpus=0.5", "--cpuset-cpus=0", "--pids-limit=50", image, "sleep", "1000")
	unit, limits := filepath.Base(cgroup), []string{"MemoryMax", "TasksMax", "CPUQuotaPerSecUSec", "AllowedCPUs", "Slice"}
	engines.Expect(h, engines.Properties(h, unit, limits...), "AllowedCPUs=0\nCPUQuotaPerSecUSec=500ms\nMemoryMax=67108864\nSlice=system.slice\nTasksMax=50")
	engines.CgroupFiles(h, cgroup, map[string]string{
		"memory.max": "67108864", "memory.swap.max": "33554432", "cpu.max": "50000 100000", "cpuset.cpus": "0", "pids.max": "50",
	})

	docker(h, "update", "--memory=96m", "--memory-swap=96m", "--cpus=0.25", "--cpuset-cpus=0-1", "--pids-limit=60", "box")
	now := map[string]string{"memory.max": "100663296", "memory.swap.max": "0", "cpu.max": "25000 100000", "cpuset.cpus": "0-1", "pids.max": "60"}
	engines.CgroupFiles(h, cgroup, now)
	h.Host("systemctl daemon-reload")
	engines.Expect(h, engines.Properties(h, unit, limits...), "AllowedCPUs=0-1\nCPUQuotaPerSecUSec=250ms\nMemoryMax=100663296\nSlice=system.slice\nTasksMax=60")
	engines.CgroupFiles(h, cgroup, now)

	docker(h, "pause", "box")
	engines.CgroupFiles(h, cgroup, map[string]string{"cgroup.freeze": "1"})
	docker(h, "unpause", "box")
	engines.CgroupFiles(h, cgroup, map[string]string{"cgroup.freeze": "0"})
	engines.Expect(h, docker(h, "exec", "box", "cat", "/proc/self/cgroup", "/proc/1/cgroup"), "0::/\n0::/")
	if got := docker(h, "stats", "--no-stream", "--format={{.PIDs}} {{.MemUsage}}", "box"); !strings.HasPrefix(got, "1 ") || !strings.HasSuffix(got, " / 96MiB") {
		t.Error(got)
	}
	docker(h, "restart", "--time=0", "box")
	engines.CgroupFiles(h, cgroup, now)
	docker(h, "rm", "--force", "box")
	engines.Gone(h, cgroup)
}

func TestAContainerIsConfinedByDockersProfile(t *testing.T) {
	h := begin(t)
	got := docker(h, "run", "--rm", "--network=none", "--cap-add=SYS_ADMIN", image, "sh", "-c", "cat /proc/self/attr/current; mount -t tmpfs none /tmp 2>&1 || true")
	if !strings.HasPrefix(got, "docker-default (enforce)\nmount: ") || !strings.HasSuffix(got, ": Permission denied") {
		t.Error(got)
	}
}

// The scope has the same name when the container is started again.
func TestAContainerInWhichMemoryRanOutIsSaidToBeAndIsStartedAgain(t *testing.T) {
	h := begin(t)
	cgroup := background(h, "--memory=16m", "--memory-swap=16m", "--restart=on-failure:1", image, "sh", "-c", "dd if=/dev/zero of=/dev/null bs=50M count=1; exec sleep 1000")
	is := func(want string) {
		t.Helper()
		h.Eventually("it is "+want, func() bool {
			return docker(h, "inspect", "--format={{.RestartCount}} {{.State.Status}} {{.State.OOMKilled}}", "box") == want
		})
	}
	is("0 running true")
	h.Host("kill -KILL " + docker(h, "inspect", "--format={{.State.Pid}}", "box"))
	is("1 running true")
	docker(h, "rm", "--force", "box")
	engines.Gone(h, cgroup)
}
