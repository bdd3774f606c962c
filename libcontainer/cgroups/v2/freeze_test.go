package v2

import (
	"testing"
	"time"

	"github.com/creel-project/creel/libcontainer/cgroups/driver"
)

// asked compares the two ways to ask whether a cgroup is frozen.
func asked(t *testing.T, g *Group) bool {
	t.Helper()
	own, err := g.Frozen()
	if err != nil {
		t.Fatal(err)
	}
	r := g.Record()
	recorded, err := Frozen(&r)
	if err != nil || recorded != own {
		t.Errorf("the group says %v, its record %v, %v", own, recorded, err)
	}
	return own
}

func TestACgroupInAFrozenParentIsNotFrozenItself(t *testing.T) {
	parent := created(t)
	g := groupAt(t, driver.Options{}, parent.record.Path+"/web")
	if err := g.Create(); err != nil {
		t.Fatal(err)
	}
	populate(t, g)
	if err := parent.Freeze(); err != nil {
		t.Fatal(err)
	}
	if !asked(t, parent) || asked(t, g) {
		t.Error("the parent is not frozen, or its child is")
	}
	if err := g.Freeze(); err != nil {
		t.Fatal(err)
	}
	if err := parent.Thaw(); err != nil {
		t.Fatal(err)
	}
	if asked(t, parent) || !asked(t, g) {
		t.Error("the parent is frozen, or its child is not")
	}
	if err := g.Thaw(); err != nil {
		t.Fatal(err)
	}
	if err := g.dir.WaitEvent("frozen", "0", 5*time.Second); err != nil || asked(t, g) {
		t.Error(err)
	}
}
