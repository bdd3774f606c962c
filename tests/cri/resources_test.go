package cri

import (
	"testing"

	"github.com/creel-project/creel/tests/engines"
	runtime "k8s.io/cri-api/pkg/apis/runtime/v1"
)

// limits sets a container's resources.
func limits(r *runtime.LinuxContainerResources) Change {
	return func(c *runtime.ContainerConfig) { c.Linux.Resources = r }
}

func TestResourcesAreLimitedAndUpdated(t *testing.T) {
	k := begin(t)
	c := k.pod().container(sleep, limits(&runtime.LinuxContainerResources{
		MemoryLimitInBytes: 64 << 20, CpuPeriod: 100000, CpuQuota: 50000, CpuShares: 512, CpusetCpus: "0",
	}))
	c.holds(engines.Limits{Memory: 64 << 20, Quota: 50000, Period: 100000, Shares: 512, Cpus: "0"})
	_, err := services.UpdateContainerResources(k.ctx, &runtime.UpdateContainerResourcesRequest{ContainerId: c.ID, Linux: &runtime.LinuxContainerResources{
		MemoryLimitInBytes: 128 << 20, CpuPeriod: 50000, CpuQuota: 20000, CpuShares: 256, CpusetCpus: "0-1",
	}})
	k.Must(err)
	c.holds(engines.Limits{Memory: 128 << 20, Quota: 20000, Period: 50000, Shares: 256, Cpus: "0-1"})
}

func TestAContainerThatIsNotStartedYetIsUpdated(t *testing.T) {
	k := begin(t)
	c := k.pod().create(sleep, limits(&runtime.LinuxContainerResources{MemoryLimitInBytes: 64 << 20}))
	_, err := services.UpdateContainerResources(k.ctx, &runtime.UpdateContainerResourcesRequest{ContainerId: c.ID, Linux: &runtime.LinuxContainerResources{
		MemoryLimitInBytes: 32 << 20,
	}})
	k.Must(err)
	k.Must(c.start())
	c.holds(engines.Limits{Memory: 32 << 20})
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
