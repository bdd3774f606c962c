package v1

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/opencontainers/runtime-spec/specs-go"

	"github.com/creel-project/creel/libcontainer/cgroups/cgfs"
	"github.com/creel-project/creel/libcontainer/cgroups/driver"
	"github.com/creel-project/creel/libcontainer/cgroups/v2"
)

// fakeGroup is a group over plain files, for controllers that this machine has not mounted. The files are named
// controller/file.
func fakeGroup(t *testing.T, files ...string) (g *Group, dir string) {
	t.Helper()
	dir = t.TempDir()
	g = &Group{}
	for _, name := range files {
		controller := filepath.Dir(name)
		full := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(full, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if g.controller(controller) == nil {
			g.hierarchies = append(g.hierarchies, &hierarchy{key: controller, mount: dir, hostDir: filepath.Dir(full)})
		}
	}
	t.Cleanup(func() { g.Close() })
	return g, dir
}

func TestSettingsOfControllersThatAreNotMountedHere(t *testing.T) {
	device := specs.LinuxBlockIODevice{Major: 8, Minor: 16}
	for _, c := range []struct {
		name string
		res  specs.LinuxResources
		want map[string]string
	}{
		{"class id", specs.LinuxResources{Network: &specs.LinuxNetwork{ClassID: ptr[uint32](0x100001)}}, map[string]string{"net_cls/net_cls.classid": "1048577"}},
		{"priority", specs.LinuxResources{Network: &specs.LinuxNetwork{Priorities: []specs.LinuxInterfacePriority{{Name: "eth0", Priority: 500}}}}, map[string]string{"net_prio/net_prio.ifpriomap": "eth0 500"}},
		{"rdma", specs.LinuxResources{Rdma: map[string]specs.LinuxRdma{"mlx5_1": {HcaObjects: ptr[uint32](9)}}}, map[string]string{"rdma/rdma.max": "mlx5_1 hca_object=9"}},
		{
			"huge pages",
			specs.LinuxResources{HugepageLimits: []specs.LinuxHugepageLimit{{Pagesize: "2MB", Limit: 1 << 21}}},
			map[string]string{"hugetlb/hugetlb.2MB.limit_in_bytes": "2097152", "hugetlb/hugetlb.2MB.rsvd.limit_in_bytes": "2097152"},
		},
		{
			"huge pages of an old kernel, without limit",
			specs.LinuxResources{HugepageLimits: []specs.LinuxHugepageLimit{{Pagesize: "2MB", Limit: 1<<64 - 1}}},
			map[string]string{"hugetlb/hugetlb.2MB.limit_in_bytes": "-1"},
		},
		{
			"CFQ weights",
			specs.LinuxResources{BlockIO: &specs.LinuxBlockIO{
				Weight: ptr[uint16](10), LeafWeight: ptr[uint16](20),
				WeightDevice: []specs.LinuxWeightDevice{{LinuxBlockIODevice: device, Weight: ptr[uint16](30), LeafWeight: ptr[uint16](40)}},
			}},
			map[string]string{"blkio/blkio.weight": "10", "blkio/blkio.leaf_weight": "20", "blkio/blkio.weight_device": "8:16 30", "blkio/blkio.leaf_weight_device": "8:16 40"},
		},
		{
			"BFQ weights",
			specs.LinuxResources{BlockIO: &specs.LinuxBlockIO{
				Weight: ptr[uint16](10), WeightDevice: []specs.LinuxWeightDevice{{LinuxBlockIODevice: device, Weight: ptr[uint16](30)}},
			}},
			map[string]string{"blkio/blkio.bfq.weight": "10", "blkio/blkio.bfq.weight_device": "8:16 30"},
		},
		{
			"realtime",
			specs.LinuxResources{CPU: &specs.LinuxCPU{RealtimePeriod: ptr[uint64](1000000), RealtimeRuntime: ptr[int64](950000)}},
			map[string]string{"cpu/cpu.rt_period_us": "1000000", "cpu/cpu.rt_runtime_us": "950000"},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			var files []string
			for name := range c.want {
				files = append(files, name)
			}
			g, dir := fakeGroup(t, files...)
			if err := errors.Join(g.applyLimits(&c.res), g.Apply(&c.res)); err != nil {
				t.Fatal(err)
			}
			for name, want := range c.want {
				if got, err := os.ReadFile(filepath.Join(dir, name)); err != nil || string(got) != want {
					t.Errorf("%s is %q, want %q (%v)", name, got, want, err)
				}
			}
		})
	}
}

// hybridFake gives a group a cgroup2 hierarchy of plain files that offers the given controllers.
func hybridFake(t *testing.T, g *Group, controllers string, files ...string) (dir string) {
	t.Helper()
	mount := t.TempDir()
	dir = filepath.Join(mount, "web")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{mount + "/cgroup.controllers": controllers, dir + "/cgroup.controllers": controllers} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range files {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	root, err := cgfs.Open(mount)
	if err != nil {
		t.Fatal(err)
	}
	if g.unified, err = v2.New(root, "/web", driver.Options{}); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestHybridMachineSharesSettingsByController(t *testing.T) {
	g, v1dir := fakeGroup(t, "cpuset/cpuset.cpus", "memory/memory.limit_in_bytes")
	v2dir := hybridFake(t, g, "cpu io pids rdma", "cpu.weight", "io.weight", "pids.max", "rdma.max")
	res := &specs.LinuxResources{
		CPU:     &specs.LinuxCPU{Shares: ptr[uint64](1024), Cpus: "0"},
		Memory:  &specs.LinuxMemory{Limit: ptr[int64](4096)},
		Pids:    &specs.LinuxPids{Limit: ptr[int64](5)},
		BlockIO: &specs.LinuxBlockIO{Weight: ptr[uint16](10)},
		Rdma:    map[string]specs.LinuxRdma{"mlx": {HcaHandles: ptr[uint32](1)}},
	}
	if err := errors.Join(g.applyLimits(res), g.Apply(res)); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		v1dir + "/cpuset/cpuset.cpus":           "0",
		v1dir + "/memory/memory.limit_in_bytes": "4096",
		v2dir + "/cpu.weight":                   "100",
		v2dir + "/io.weight":                    "1",
		v2dir + "/pids.max":                     "5",
		v2dir + "/rdma.max":                     "mlx hca_handle=1",
	} {
		if got, err := os.ReadFile(name); err != nil || string(got) != want {
			t.Errorf("%s is %q, want %q (%v)", name, got, want, err)
		}
	}
}

func TestCPUsOfCgroup2WhereV1HasTheScheduler(t *testing.T) {
	g, v1dir := fakeGroup(t, "cpu/cpu.shares")
	v2dir := hybridFake(t, g, "cpuset", "cpuset.cpus")
	if err := g.applyLimits(&specs.LinuxResources{CPU: &specs.LinuxCPU{Shares: ptr[uint64](2), Cpus: "1"}}); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{v1dir + "/cpu/cpu.shares": "2", v2dir + "/cpuset.cpus": "1"} {
		if got, err := os.ReadFile(name); err != nil || string(got) != want {
			t.Errorf("%s is %q, want %q (%v)", name, got, want, err)
		}
	}
}

func TestDevicesNeedTheirController(t *testing.T) {
	g, _ := fakeGroup(t, "memory/memory.limit_in_bytes")
	if err := g.ApplyEarly(nil); err != nil {
		t.Errorf("nothing was asked for: %v", err)
	}
	rules := &specs.LinuxResources{Devices: []specs.LinuxDeviceCgroup{{Access: "rwm"}}}
	if err := g.ApplyEarly(rules); err == nil || err.Error() != "linux.resources.devices: the cgroup v1 controller devices is not mounted on this machine" {
		t.Errorf("got %v", err)
	}
	g.record.Rootless = true
	if err := g.ApplyEarly(rules); err != nil {
		t.Errorf("rootless: %v", err)
	}
}
