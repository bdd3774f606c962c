package cri

import (
	"strings"
	"testing"

	runtime "k8s.io/cri-api/pkg/apis/runtime/v1"
)

// limits sets a container's resources.
func limits(r *runtime.LinuxContainerResources) Change {
	return func(c *runtime.ContainerConfig) { c.Linux.Resources = r }
}

func (c *Container) holds(want ...string) {
	c.Helper()
	for _, w := range want {
		file, value, _ := strings.Cut(w, "=")
		controller, _, _ := strings.Cut(file, ".")
		if got := c.cgroup(controller, file); got != value {
			c.Errorf("%s: %s, want %s", file, got, value)
		}
	}
}

func TestResourcesAreLimitedAndUpdated(t *testing.T) {
	k := begin(t)
	c := k.pod().container(sleep, limits(&runtime.LinuxContainerResources{
		MemoryLimitInBytes: 64 << 20, CpuPeriod: 100000, CpuQuota: 50000, CpuShares: 512, CpusetCpus: "0",
	}))
	c.holds("memory.limit_in_bytes=67108864", "cpu.cfs_quota_us=50000", "cpu.cfs_period_us=100000", "cpu.shares=512", "cpuset.cpus=0")
	_, err := services.UpdateContainerResources(k.ctx, &runtime.UpdateContainerResourcesRequest{ContainerId: c.ID, Linux: &runtime.LinuxContainerResources{
		MemoryLimitInBytes: 128 << 20, CpuPeriod: 50000, CpuQuota: 20000, CpuShares: 256, CpusetCpus: "0-1",
	}})
	k.Must(err)
	c.holds("memory.limit_in_bytes=134217728", "cpu.cfs_quota_us=20000", "cpu.cfs_period_us=50000", "cpu.shares=256", "cpuset.cpus=0-1")
}

func TestAContainerThatIsNotStartedYetIsUpdated(t *testing.T) {
	k := begin(t)
	c := k.pod().create(sleep, limits(&runtime.LinuxContainerResources{MemoryLimitInBytes: 64 << 20}))
	_, err := services.UpdateContainerResources(k.ctx, &runtime.UpdateContainerResourcesRequest{ContainerId: c.ID, Linux: &runtime.LinuxContainerResources{
		MemoryLimitInBytes: 32 << 20,
	}})
	k.Must(err)
	k.Must(c.start())
	c.holds("memory.limit_in_bytes=33554432")
}

func TestAContainerThatRunsOutOfMemoryIsOOMKilled(t *testing.T) {
	c := begin(t).pod().container("s=0123456789; while :; do s=$s$s; done", limits(&runtime.LinuxContainerResources{MemoryLimitInBytes: 16 << 20}))
	if s := c.ends(); s.ExitCode != 137 || s.Reason != "OOMKilled" {
		t.Error(s)
	}
}

func TestStatsTellWhatContainersAndPodsUse(t *testing.T) {
	k := begin(t)
	p := k.pod()
	c := p.container("i=0; while [ $i -lt 10000 ]; do i=$((i+1)); done; " + sleep)
	k.Eventually("there are stats", func() bool {
		r, err := services.ContainerStats(k.ctx, &runtime.ContainerStatsRequest{ContainerId: c.ID})
		k.Must(err)
		return r.Stats.GetCpu().GetUsageCoreNanoSeconds().GetValue() > 0 && r.Stats.GetMemory().GetWorkingSetBytes().GetValue() > 0
	})
	r, err := services.PodSandboxStats(k.ctx, &runtime.PodSandboxStatsRequest{PodSandboxId: p.ID})
	k.Must(err)
	if s := r.Stats.GetLinux(); len(s.GetContainers()) != 1 || s.GetNetwork().GetDefaultInterface().GetName() != "eth0" {
		t.Error(r)
	}
}

func TestTheKernelsOOMScoreIsTheContainers(t *testing.T) {
	begin(t).pod().container(sleep, limits(&runtime.LinuxContainerResources{OomScoreAdj: 987})).says("987", "cat /proc/1/oom_score_adj")
}

func TestSharedMemoryIsThePods(t *testing.T) {
	p := begin(t).pod()
	p.container("echo theirs >/dev/shm/file; " + sleep)
	c := p.container(sleep)
	c.Eventually("one sees the other's file", func() bool { return string(c.exec("cat /dev/shm/file").Stdout) == "theirs\n" })
	c.says("65536", "df -k /dev/shm | awk 'NR == 2 { print $2 }'")
}
