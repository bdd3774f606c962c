package v1_test

import (
	"testing"

	"github.com/creel-project/creel/libcontainer/cgroups"
	"github.com/creel-project/creel/libcontainer/cgroups/cgtest"
)

func TestNewPicksV1OnAHybridMachine(t *testing.T) {
	id := cgtest.Name()
	g, err := cgroups.New(cgroups.Options{ID: id})
	if err != nil {
		t.Fatal(err)
	}
	defer g.Close()
	r := g.Record()
	if r.Driver != "v1" || r.Path != "/"+id || r.Dirs["memory"] != "/sys/fs/cgroup/memory/"+id || r.Dirs[""] == "" {
		t.Errorf("record %+v", r)
	}
	again, err := cgroups.Open(r)
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	if view, err := again.MountView(); err != nil || view.Version != 1 || len(view.Hierarchies) != len(r.Dirs) {
		t.Errorf("view %+v, %v", view, err)
	}
}
