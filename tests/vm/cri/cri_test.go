package cri

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/creel-project/creel/tests/engines"
	"github.com/creel-project/creel/tests/harness"
	runtime "k8s.io/cri-api/pkg/apis/runtime/v1"
)

// A pod is one of the host's network, in the slice that kubelet would give it.
type pod struct {
	*harness.H
	ctx    context.Context
	id     string
	config *runtime.PodSandboxConfig
}

// slice is the cgroup of the pods, as kubelet names it.
const slice = "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod1.slice"

// run runs a pod, which is removed when the test ends.
func run(t *testing.T) *pod {
	h := harness.New(t)
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	p := &pod{h, ctx, "", &runtime.PodSandboxConfig{
		Metadata: &runtime.PodSandboxMetadata{Name: h.ID(), Uid: h.ID(), Namespace: "default"},
		Linux: &runtime.LinuxPodSandboxConfig{CgroupParent: slice, SecurityContext: &runtime.LinuxSandboxSecurityContext{
			NamespaceOptions: &runtime.NamespaceOption{Network: runtime.NamespaceMode_NODE, Pid: runtime.NamespaceMode_CONTAINER},
		}},
	}}
	t.Cleanup(func() {
		if t.Failed() {
			t.Log(journal())
		}
		p.remove()
		cancel()
		h.Host("systemctl stop kubepods.slice")
	})
	r, err := services.RunPodSandbox(ctx, &runtime.RunPodSandboxRequest{Config: p.config})
	h.Must(err)
	p.id = r.PodSandboxId
	return p
}

func (p *pod) remove() {
	p.Helper()
	if p.id != "" {
		_, err := services.StopPodSandbox(p.ctx, &runtime.StopPodSandboxRequest{PodSandboxId: p.id})
		p.Must(err)
		_, err = services.RemovePodSandbox(p.ctx, &runtime.RemovePodSandboxRequest{PodSandboxId: p.id})
		p.Must(err)
	}
	p.id = ""
}

// container starts a container that runs a script, and returns its id.
func (p *pod) container(script string, limits *runtime.LinuxContainerResources) string {
	p.Helper()
	r, err := services.CreateContainer(p.ctx, &runtime.CreateContainerRequest{PodSandboxId: p.id, SandboxConfig: p.config, Config: &runtime.ContainerConfig{
		Metadata: &runtime.ContainerMetadata{Name: p.ID()},
		Image:    &runtime.ImageSpec{Image: image},
		Command:  []string{"sh", "-c", script},
		Linux: &runtime.LinuxContainerConfig{Resources: limits, SecurityContext: &runtime.LinuxContainerSecurityContext{
			NamespaceOptions: p.config.Linux.SecurityContext.NamespaceOptions,
			Apparmor:         &runtime.SecurityProfile{ProfileType: runtime.SecurityProfile_RuntimeDefault},
		}},
	}})
	p.Must(err)
	_, err = services.StartContainer(p.ctx, &runtime.StartContainerRequest{ContainerId: r.ContainerId})
	p.Must(err)
	return r.ContainerId
}

// cgroup is the scope of a container or of the pod's sandbox.
func cgroup(id string) string { return slice + "/cri-containerd-" + id + ".scope" }

func TestAPodsContainersAreScopesInItsSlice(t *testing.T) {
	p := run(t)
	id := p.container("sleep 1000", &runtime.LinuxContainerResources{
		MemoryLimitInBytes: 64 << 20, CpuPeriod: 100000, CpuQuota: 50000, CpuShares: 512, CpusetCpus: "0", Unified: map[string]string{"memory.oom.group": "1"},
	})
	limits := map[string]string{"memory.max": "67108864", "cpu.max": "50000 100000", "cpuset.cpus": "0", "memory.oom.group": "1"}
	engines.CgroupFiles(p.H, cgroup(id), limits)
	if pids := p.CgroupPids("", cgroup(p.id)); len(pids) != 1 {
		t.Error("the sandbox's processes: ", pids)
	}
	r, err := services.ExecSync(p.ctx, &runtime.ExecSyncRequest{ContainerId: id, Timeout: 40, Cmd: []string{"cat", "/proc/self/cgroup", "/proc/self/attr/current"}})
	p.Must(err)
	engines.Expect(p.H, string(r.Stdout), "0::/\ncri-containerd.apparmor.d (enforce)\n")

	_, err = services.UpdateContainerResources(p.ctx, &runtime.UpdateContainerResourcesRequest{ContainerId: id, Linux: &runtime.LinuxContainerResources{
		MemoryLimitInBytes: 128 << 20, CpuPeriod: 50000, CpuQuota: 20000, CpusetCpus: "0-1",
	}})
	p.Must(err)
	p.Host("systemctl daemon-reload")
	engines.CgroupFiles(p.H, cgroup(id), map[string]string{"memory.max": "134217728", "cpu.max": "20000 50000", "cpuset.cpus": "0-1"})
	stats, err := services.ContainerStats(p.ctx, &runtime.ContainerStatsRequest{ContainerId: id})
	p.Must(err)
	if used := stats.Stats.GetMemory().GetWorkingSetBytes().GetValue(); used == 0 {
		t.Error(stats)
	}

	sandbox := p.id
	p.remove()
	engines.Gone(p.H, cgroup(id))
	engines.Gone(p.H, cgroup(sandbox))
	left, err := filepath.Glob("/sys/fs/cgroup" + slice + "/*.scope")
	if err != nil || len(left) > 0 {
		t.Error(left, err)
	}
}

// containerd hears of what the kernel killed while the cgroup is there, and systemd takes the cgroup of a container that
// has ended away at once: here something outlives it.
func TestAContainerInWhichMemoryRanOutIsOOMKilled(t *testing.T) {
	p := run(t)
	id := p.container("dd if=/dev/zero of=/dev/null bs=50M count=1; exec sleep 1000", &runtime.LinuxContainerResources{MemoryLimitInBytes: 16 << 20})
	status := func() *runtime.ContainerStatus {
		r, err := services.ContainerStatus(p.ctx, &runtime.ContainerStatusRequest{ContainerId: id})
		p.Must(err)
		return r.Status
	}
	p.Eventually("containerd has heard of it", func() bool { return status().Reason == "OOMKilled" })
	_, err := services.StopContainer(p.ctx, &runtime.StopContainerRequest{ContainerId: id})
	p.Must(err)
	if s := status(); s.State != runtime.ContainerState_CONTAINER_EXITED || s.ExitCode != 137 || s.Reason != "OOMKilled" {
		t.Error(s)
	}
}

// ctr has flags for both: systemd makes the cgroup, which is named as creel wants it.
func TestCtrRunsAContainerInAScope(t *testing.T) {
	h := harness.New(t)
	if err := engines.ImportImage("default", engines.Image{Name: image, Cmd: []string{"sh"}}); err != nil {
		t.Fatal(err)
	}
	r := h.Ok(h.Program("ctr", "run", "--rm", "--runc-binary=/usr/local/bin/creel", "--runc-systemd-cgroup", "--cgroup=system.slice:ctr:web", "--memory-limit=67108864",
		"--mount=type=cgroup,src=cgroup,dst=/sys/fs/cgroup,options=ro", image, "web", "sh", "-c", "cat /sys/fs/cgroup/system.slice/ctr-web.scope/memory.max"))
	engines.Expect(h, r.Stdout, "67108864\n")
	engines.Gone(h, "/system.slice/ctr-web.scope")
	if _, err := os.Stat("/run/containerd/runc/default/web"); err == nil {
		t.Error("creel's state is left")
	}
}
