package v1

import (
	"errors"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"

	"github.com/creel-project/creel/libcontainer/cgroups/cgtest"
)

func TestLimitBelowTheUsageNamesTheUsage(t *testing.T) {
	g := created(t)
	mustApply(t, g, specs.LinuxResources{Memory: &specs.LinuxMemory{Swappiness: ptr[uint64](0)}}) // nothing may go to swap
	cmd := exec.Command("sh", "-c", `read go; v=$(head -c 3000000 /dev/zero | tr '\0' x); echo ready; read go`)
	stdin, inErr := cmd.StdinPipe()
	stdout, outErr := cmd.StdoutPipe()
	if err := errors.Join(inErr, outErr, cmd.Start()); err != nil {
		t.Fatal(err)
	}
	defer cmd.Wait()
	defer cmd.Process.Kill()
	if err := g.Join(cmd.Process.Pid, false); err != nil {
		t.Fatal(err)
	}
	if _, err := stdin.Write([]byte("\n")); err != nil {
		t.Fatal(err)
	}
	if _, err := stdout.Read(make([]byte, 6)); err != nil {
		t.Fatal(err)
	}
	err := g.Apply(&specs.LinuxResources{Memory: &specs.LinuxMemory{Limit: ptr[int64](4096)}})
	if !errors.Is(err, unix.EBUSY) || !strings.HasPrefix(err.Error(), "linux.resources.memory.limit 4096: the limit is below the usage, which cannot be reclaimed: current usage ") {
		t.Errorf("got %v", err)
	}
}

func TestMissingControllersAreNamed(t *testing.T) {
	g := created(t)
	for want, res := range map[string]specs.LinuxResources{
		"linux.resources.network.classID 5: the cgroup v1 controller net_cls is not mounted on this machine":                             {Network: &specs.LinuxNetwork{ClassID: ptr[uint32](5)}},
		"linux.resources.network.priorities[0] (eth0 5): the cgroup v1 controller net_prio is not mounted on this machine":               {Network: &specs.LinuxNetwork{Priorities: []specs.LinuxInterfacePriority{{Name: "eth0", Priority: 5}}}},
		"linux.resources.rdma.mlx (mlx hca_handle=1): the cgroup v1 controller rdma is not mounted on this machine":                      {Rdma: map[string]specs.LinuxRdma{"mlx": {HcaHandles: ptr[uint32](1)}}},
		"linux.resources.blockIO.leafWeight 10: the controller blkio of this kernel has no such setting: write \"10\" to ":               {BlockIO: &specs.LinuxBlockIO{LeafWeight: ptr[uint16](10)}},
		"linux.resources.memory.limit -5: a limit is -1 (unlimited) or not negative":                                                     {Memory: &specs.LinuxMemory{Limit: ptr[int64](-5)}},
		"linux.resources.pids.limit -5: a limit is -1 (unlimited) or not negative":                                                       {Pids: &specs.LinuxPids{Limit: ptr[int64](-5)}},
		"linux.resources.memory.limit 67108864: the limit is above the limit 8388608 on memory and swap together, which linux.resources": {Memory: &specs.LinuxMemory{Limit: ptr[int64](64 << 20)}},
	} {
		if strings.Contains(want, "67108864") {
			mustApply(t, g, specs.LinuxResources{Memory: &specs.LinuxMemory{Limit: ptr[int64](8 << 20), Swap: ptr[int64](8 << 20)}})
		}
		err := errors.Join(g.ApplyEarly(&res), g.Apply(&res))
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("got  %v\nwant %s", err, want)
		}
	}
}

func TestUnifiedNeedsCgroup2(t *testing.T) {
	g := created(t)
	res := &specs.LinuxResources{Unified: map[string]string{"cgroup.max.depth": "7"}}
	if err := g.ApplyEarly(res); err != nil {
		t.Errorf("a hybrid machine has cgroup2: %v", err)
	}
	if text, err := os.ReadFile(g.record.Dirs[""] + "/cgroup.max.depth"); err != nil || string(text) != "7\n" {
		t.Errorf("cgroup.max.depth: %q, %v", text, err)
	}
	u := g.unified
	g.unified = nil
	defer func() { g.unified = u }()
	err := g.ApplyEarly(res)
	if err == nil || !strings.HasPrefix(err.Error(), `linux.resources.unified["cgroup.max.depth"] "7": it needs cgroup v2`) {
		t.Errorf("v1 alone: %v", err)
	}
}

func TestHybridMachineUsesControllersOfCgroup2(t *testing.T) {
	cgtest.KeepControllers(t)
	g := created(t)
	mustApply(t, g, specs.LinuxResources{HugepageLimits: []specs.LinuxHugepageLimit{{Pagesize: "2MB", Limit: 2 << 20}}})
	if text, err := os.ReadFile(g.record.Dirs[""] + "/hugetlb.2MB.max"); err != nil || string(text) != "2097152\n" {
		t.Errorf("hugetlb.2MB.max: %q, %v", text, err)
	}
	if err := g.Destroy(); err != nil {
		t.Fatal(err)
	}
}
