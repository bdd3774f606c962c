package v1

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/creel-project/creel/libcontainer/cgroups/cgfs"
	"github.com/creel-project/creel/libcontainer/cgroups/cgtest"
	"github.com/creel-project/creel/libcontainer/cgroups/driver"
)

func TestACgroupInAFrozenParentIsNotFrozenItself(t *testing.T) {
	parent := created(t)
	g := groupAt(t, driver.Options{CgroupsPath: parent.record.Path + "/web"})
	if err := g.Create(); err != nil {
		t.Fatal(err)
	}
	sleeper(t, g)
	cgtest.FreezeApart(t, parent, g, Frozen)
}

func TestWhatCannotFreezeIsThawedAgain(t *testing.T) {
	g, dir := fakeGroup(t, "freezer/freezer.state")
	write := func(state string) {
		if err := os.WriteFile(filepath.Join(dir, "freezer/freezer.state"), []byte(state), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("FREEZING\n")
	freezer, err := g.freezer()
	if err != nil {
		t.Fatal(err)
	}
	// the plain file takes FROZEN over FREEZING, and so says FROZENNG
	if err := freeze(freezer, time.Millisecond); !errors.Is(err, cgfs.ErrTimeout) {
		t.Errorf("got %v", err)
	}
	if state, err := freezer.Read(freezerState); err != nil || state[:6] != thawed {
		t.Errorf("left %q, %v", state, err)
	}
}

// A container may have containers of its own, and they may be paused.
func TestSIGKILLEndsWhatIsFrozenBelow(t *testing.T) {
	for name, end := range map[string]func(*Group) error{
		"Kill":    func(g *Group) error { return g.Kill(unix.SIGKILL) },
		"Destroy": (*Group).Destroy,
	} {
		t.Run(name, func(t *testing.T) {
			g := created(t)
			inner := groupAt(t, driver.Options{CgroupsPath: g.record.Path + "/" + cgtest.Name()})
			if err := inner.Create(); err != nil {
				t.Fatal(err)
			}
			sleeper(t, inner)
			if err := inner.Freeze(); err != nil {
				t.Fatal(err)
			}
			if err := end(g); err != nil {
				t.Fatal(err)
			}
			cgtest.Eventually(t, "nobody lives", func() bool {
				pids, err := inner.Pids()
				if errors.Is(err, driver.ErrNoCgroup) || cgfs.Gone(err) {
					return true
				}
				if err != nil {
					t.Fatal(err)
				}
				return len(pids) == 0
			})
		})
	}
}
