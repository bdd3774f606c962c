package v1

import (
	"errors"
	"maps"
	"os"
	"testing"

	"github.com/creel-project/creel/libcontainer/cgroups/cgtest"
	"github.com/creel-project/creel/libcontainer/cgroups/driver"
)

func TestMountViewListsTheHostsHierarchies(t *testing.T) {
	id := cgtest.Name()
	g := groupAt(t, driver.Options{ID: id})
	view, err := g.MountView()
	if err != nil {
		t.Fatal(err)
	}
	if view.Version != 1 || len(view.Hierarchies) != len(g.record.Dirs) {
		t.Errorf("view %+v", view)
	}
	for _, h := range view.Hierarchies {
		if h.HostDir != g.record.Dirs[h.Key] || h.HostDir != "/sys/fs/cgroup/"+h.Name+"/"+id {
			t.Errorf("%+v", h)
		}
	}
}

func TestSubAndOfProcess(t *testing.T) {
	g := created(t)
	pid := sleeper(t, g)
	if _, err := g.Sub("a"); !errors.Is(err, driver.ErrNoCgroup) {
		t.Errorf("a missing sub-cgroup: %v", err)
	}
	for _, dir := range g.record.Dirs {
		if err := os.Mkdir(dir+"/a", 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for name, open := range map[string]func() (driver.Group, error){
		"/a": func() (driver.Group, error) { return g.Sub("../a") },
		"":   func() (driver.Group, error) { return g.OfProcess(pid) },
	} {
		other, err := open()
		if err != nil {
			t.Fatal(err)
		}
		want := map[string]string{}
		for key, dir := range g.record.Dirs {
			want[key] = dir + name
		}
		if !maps.Equal(other.Record().Dirs, want) {
			t.Errorf("%q: %v", name, other.Record().Dirs)
		}
		other.Close()
	}
	if _, err := g.OfProcess(os.Getpid()); !errors.Is(err, driver.ErrNoCgroup) {
		t.Errorf("the caller is in root cgroups: %v", err)
	}
}
