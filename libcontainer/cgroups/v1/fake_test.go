package v1

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/opencontainers/runtime-spec/specs-go"
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
			if err := errors.Join(g.ApplyEarly(&c.res), g.Apply(&c.res)); err != nil {
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

func TestDevicesNeedTheirController(t *testing.T) {
	g, _ := fakeGroup(t, "memory/memory.limit_in_bytes")
	if err := g.ApplyDevices(nil); err != nil {
		t.Errorf("nothing was asked for: %v", err)
	}
	rules := []specs.LinuxDeviceCgroup{{Access: "rwm"}}
	if err := g.ApplyDevices(rules); err == nil || err.Error() != "linux.resources.devices: the cgroup v1 controller devices is not mounted on this machine" {
		t.Errorf("got %v", err)
	}
	g.record.Rootless = true
	if err := g.ApplyDevices(rules); err != nil {
		t.Errorf("rootless: %v", err)
	}
}
