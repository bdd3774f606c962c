package podman

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/creel-project/creel/tests/engines"
	"github.com/creel-project/creel/tests/harness"
)

func TestAContainerIsAScopeWithItsLimits(t *testing.T) {
	h := harness.New(t)
	cgroup := root.background(h, "--memory=64m", "--cpus=0.5", "--pids-limit=50", image, "sleep", "1000")
	unit, limits := filepath.Base(cgroup), []string{"MemoryMax", "TasksMax", "CPUQuotaPerSecUSec", "Slice"}
	engines.Expect(h, engines.Properties(h, unit, limits...), "CPUQuotaPerSecUSec=500ms\nMemoryMax=67108864\nSlice=machine.slice\nTasksMax=50")
	engines.CgroupFiles(h, cgroup, map[string]string{"memory.max": "67108864", "cpu.max": "50000 100000", "pids.max": "50"})

	root.podman(h, "update", "--memory=96m", "--cpus=0.25", "box")
	engines.Expect(h, engines.Properties(h, unit, limits...), "CPUQuotaPerSecUSec=250ms\nMemoryMax=100663296\nSlice=machine.slice\nTasksMax=50")
	engines.Expect(h, root.podman(h, "exec", "box", "sh", "-c", "cat /proc/self/cgroup /sys/fs/cgroup/memory.max; cat /proc/self/attr/current"),
		"0::/\n100663296\n"+strings.TrimSpace(h.Host("cat /proc/"+root.podman(h, "inspect", "--format={{.State.Pid}}", "box")+"/attr/current")))

	root.podman(h, "pause", "box")
	engines.CgroupFiles(h, cgroup, map[string]string{"cgroup.freeze": "1"})
	root.podman(h, "unpause", "box")
	engines.CgroupFiles(h, cgroup, map[string]string{"cgroup.freeze": "0"})
	engines.Expect(h, root.podman(h, "stats", "--no-stream", "--no-reset", "--format={{.Name}} {{.MemLimit}} {{.PIDs}}", "box"), "box 100663296 1")
	root.podman(h, "stop", "--time=0", "box")
	root.podman(h, "rm", "box")
	root.gone(h, cgroup)
	engines.Expect(h, engines.Properties(h, unit, "LoadState"), "LoadState=not-found")
}

func TestAContainerIsConfinedByPodmansProfile(t *testing.T) {
	h := harness.New(t)
	got := root.podman(h, "run", "--rm", "--network=none", "--cap-add=sys_admin", image, "sh", "-c", "cat /proc/self/attr/current; mount -t tmpfs none /tmp 2>&1 || true")
	if !strings.HasPrefix(got, "containers-default-") || !strings.Contains(got, " (enforce)\nmount: ") || !strings.HasSuffix(got, ": Permission denied") {
		t.Error(got)
	}
}

func TestAPodIsASliceWithItsContainersInIt(t *testing.T) {
	h := harness.New(t)
	defer root.podman(h, "pod", "rm", "--force", "--time=0", "--ignore", "pod")
	root.podman(h, "pod", "create", "--name=pod", "--network=none", "--memory=128m")
	root.podman(h, "run", "--detach", "--name=box", "--pod=pod", "--memory=64m", image, "sleep", "1000")
	pod, box := root.podman(h, "pod", "inspect", "--format={{.CgroupPath}}", "pod"), root.podman(h, "inspect", "--format={{.State.CgroupPath}}", "box")
	engines.CgroupFiles(h, pod, map[string]string{"memory.max": "134217728"})
	engines.CgroupFiles(h, box, map[string]string{"memory.max": "67108864"})
	if filepath.Dir(box) != "/"+pod {
		t.Errorf("%s is not in %s", box, pod)
	}
	root.podman(h, "pod", "rm", "--force", "--time=0", "pod")
	root.gone(h, pod)
}

// Whether Podman says that memory was why depends on what is faster: conmon to look at the cgroup, or systemd to remove it.
func TestAContainerThatTakesTooMuchMemoryIsKilled(t *testing.T) {
	h := harness.New(t)
	r := h.Program("podman", "run", "--rm", "--network=none", "--memory=10m", "--memory-swap=10m", image, "dd", "if=/dev/zero", "of=/dev/null", "bs=50M", "count=1")
	if r.Status != 137 {
		t.Error(r)
	}
}

func TestAnOrdinaryUsersContainersAreScopesOfHisOwnSystemd(t *testing.T) {
	h := harness.New(t)
	cgroup := user.background(h, "--userns=keep-id", "--memory=64m", "--cpus=0.5", "--pids-limit=50", image, "sleep", "1000")
	if !strings.HasPrefix(cgroup, manager+"/user.slice/libpod-") {
		t.Error(cgroup)
	}
	engines.CgroupFiles(h, cgroup, map[string]string{"memory.max": "67108864", "cpu.max": "50000 100000", "pids.max": "50"})
	engines.Expect(h, user.podman(h, "exec", "box", "sh", "-c", "id -u; cat /proc/self/cgroup"), "1000\n0::/")
	user.podman(h, "pause", "box")
	engines.CgroupFiles(h, cgroup, map[string]string{"cgroup.freeze": "1"})
	user.podman(h, "unpause", "box")
	user.podman(h, "stop", "--time=0", "box")
	engines.Expect(h, user.podman(h, "inspect", "--format={{.State.ExitCode}} {{.OCIRuntime}}", "box"), "137 creel")
	user.podman(h, "rm", "box")
	user.gone(h, cgroup)
}
