package cgtest

import (
	"testing"

	"github.com/creel-project/creel/libcontainer/cgroups/driver"
)

// FreezeApart freezes the parent of a cgroup that has a process, then the cgroup in its place, and thaws that: each is
// frozen by itself only. recorded is what the driver says of a group's record, which must be what the group says.
func FreezeApart(t testing.TB, parent, child driver.Group, recorded func(*driver.Record) (bool, error)) {
	t.Helper()
	asked := func(g driver.Group) bool {
		t.Helper()
		own, err := g.Frozen()
		if err != nil {
			t.Fatal(err)
		}
		r := g.Record()
		if kept, err := recorded(&r); err != nil || kept != own {
			t.Errorf("the group says %v, its record %v, %v", own, kept, err)
		}
		return own
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(parent.Freeze())
	if !asked(parent) || asked(child) {
		t.Error("the parent is not frozen, or its child is")
	}
	must(child.Freeze())
	must(parent.Thaw())
	if asked(parent) || !asked(child) {
		t.Error("the parent is frozen, or its child is not")
	}
	must(child.Thaw())
	if asked(child) {
		t.Error("the child is frozen")
	}
}
