package v2

import (
	"testing"

	"github.com/creel-project/creel/libcontainer/cgroups/cgtest"
	"github.com/creel-project/creel/libcontainer/cgroups/driver"
)

func TestACgroupInAFrozenParentIsNotFrozenItself(t *testing.T) {
	parent := created(t)
	g := groupAt(t, driver.Options{}, parent.record.Path+"/web")
	if err := g.Create(); err != nil {
		t.Fatal(err)
	}
	populate(t, g)
	cgtest.FreezeApart(t, parent, g, Frozen)
	if err := g.dir.WaitEvent("frozen", "0", cgtest.Patience); err != nil {
		t.Error(err)
	}
}
