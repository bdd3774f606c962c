package v1

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/opencontainers/runtime-spec/specs-go"

	"github.com/creel-project/creel/libcontainer/cgroups/cgfs"
	"github.com/creel-project/creel/libcontainer/cgroups/driver"
	v2 "github.com/creel-project/creel/libcontainer/cgroups/v2"
)

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
	web, err := cgfs.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer web.Close()
	if !web.Mark(g.unified.Record().Token, false) {
		t.Fatalf("%s keeps no extended attributes", dir)
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
	if err := errors.Join(g.ApplyEarly(res), g.Apply(res)); err != nil {
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
	if err := g.ApplyEarly(&specs.LinuxResources{CPU: &specs.LinuxCPU{Shares: ptr[uint64](2), Cpus: "1"}}); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{v1dir + "/cpu/cpu.shares": "2", v2dir + "/cpuset.cpus": "1"} {
		if got, err := os.ReadFile(name); err != nil || string(got) != want {
			t.Errorf("%s is %q, want %q (%v)", name, got, want, err)
		}
	}
}
