package cgroups

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"

	"github.com/creel-project/creel/libcontainer/cgroups/cgtest"
)

func TestMain(m *testing.M) { os.Exit(cgtest.MainInV2View(m)) }

func newGroup(t testing.TB, o Options) Group {
	t.Helper()
	if o.ID == "" {
		o.ID = cgtest.Name()
	}
	g, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	first, _, _ := strings.Cut(g.Record().Path[1:], "/")
	cgtest.RemoveAfter(t, filepath.Join(mountPoint, first))
	t.Cleanup(func() { g.Close() })
	return g
}

func defaults() *specs.LinuxResources {
	return &specs.LinuxResources{Devices: []specs.LinuxDeviceCgroup{{Allow: false, Access: "rwm"}}}
}

func TestNewPicksV2ByTheFilesystem(t *testing.T) {
	id := cgtest.Name()
	g := newGroup(t, Options{ID: id})
	r := g.Record()
	if r.Driver != "v2" || r.Path != "/"+id || r.Dirs[""] != "/sys/fs/cgroup/"+id || len(r.Dirs) != 1 {
		t.Errorf("record %+v", r)
	}
	if _, err := os.Stat(r.Dirs[""]); !os.IsNotExist(err) {
		t.Errorf("New made the cgroup: %v", err)
	}
}

func TestLifeOfADefaultContainer(t *testing.T) {
	g := newGroup(t, Options{})
	if err := g.Create(); err != nil {
		t.Fatal(err)
	}
	fd, ok := g.SpawnFD()
	if !ok {
		t.Fatal("no fd to spawn into")
	}
	cmd := cgtest.Sleeper(t, fd)
	if err := g.Join(cmd.Process.Pid, true); err != nil {
		t.Fatal(err)
	}
	for _, err := range []error{g.ApplyEarly(defaults()), g.PrepareDevices(defaults().Devices), g.ApplyDevices(defaults().Devices), g.Apply(defaults())} {
		if err != nil {
			t.Fatal(err)
		}
	}
	other, err := Open(g.Record())
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	if pids, err := other.Pids(); err != nil || len(pids) != 1 || pids[0] != cmd.Process.Pid {
		t.Errorf("pids %v, error %v, want %d", pids, err, cmd.Process.Pid)
	}
	if err := other.Destroy(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(g.Record().Dirs[""]); !os.IsNotExist(err) {
		t.Errorf("the cgroup is left: %v", err)
	}
	if err := other.Destroy(); err != nil {
		t.Errorf("destroying what is gone: %v", err)
	}
	if _, err := other.Pids(); err == nil {
		t.Error("a removed cgroup has pids")
	}
}

func TestOpenRefusesRecordsItDoesNotUnderstand(t *testing.T) {
	for name, r := range map[string]Record{
		"driver":   {Driver: "v3", Path: "/web"},
		"root":     {Driver: "v2", Path: "/", Dirs: map[string]string{"": "/sys/fs/cgroup"}},
		"mismatch": {Driver: "v2", Path: "/web", Dirs: map[string]string{"": "/sys/fs/cgroup/other"}},
		"escape":   {Driver: "v2", Path: "/../web", Dirs: map[string]string{"": "/sys/fs/cgroup/../web"}},
		"v1 root":  {Driver: "v1", Path: "/", Dirs: map[string]string{"cpu": "/sys/fs/cgroup/cpu"}, Mounts: map[string]string{"cpu": "/sys/fs/cgroup/cpu"}},
	} {
		if g, err := Open(r); err == nil {
			t.Errorf("%s: opened %+v", name, g.Record())
		}
	}
	if _, err := Open(Record{Driver: "v3"}); !errors.Is(err, unix.EINVAL) {
		t.Errorf("unknown driver: %v", err)
	}
}

func TestCgroupsPathNeverLeavesTheMount(t *testing.T) {
	for path, want := range map[string]string{
		"/a/../../b":         "/b",
		"/../../../etc":      "/etc",
		"/a//b/./c":          "/a/b/c",
		"../../outside":      "/outside",
		"/machine.slice/web": "/machine.slice/web",
	} {
		g, err := New(Options{ID: "x", CgroupsPath: path})
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		if got := g.Record().Path; got != want {
			t.Errorf("%s becomes %s, want %s", path, got, want)
		}
		g.Close()
	}
	for _, path := range []string{"/", "/..", "/a/.."} {
		if _, err := New(Options{ID: "x", CgroupsPath: path}); err == nil {
			t.Errorf("%s: a container may not have the root cgroup", path)
		}
	}
}
