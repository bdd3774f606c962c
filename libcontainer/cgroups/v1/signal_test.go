package v1

import (
	"errors"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/creel-project/creel/libcontainer/cgroups/cgtest"
)

func TestFreezeAndThaw(t *testing.T) {
	g := created(t)
	sleeper(t, g)
	for range 2 {
		if err := g.Freeze(); err != nil {
			t.Fatal(err)
		}
	}
	if frozen, err := g.Frozen(); !frozen || err != nil {
		t.Errorf("frozen %v, %v", frozen, err)
	}
	if err := g.Thaw(); err != nil {
		t.Fatal(err)
	}
	if frozen, err := g.Frozen(); frozen || err != nil {
		t.Errorf("frozen %v, %v", frozen, err)
	}
}

func TestKillReachesEveryProcess(t *testing.T) {
	for name, kill := range map[string]func(*Group) error{
		"SIGTERM":              func(g *Group) error { return g.Kill(unix.SIGTERM) },
		"SIGKILL":              func(g *Group) error { return g.Kill(unix.SIGKILL) },
		"SIGKILL while frozen": func(g *Group) error { return errors.Join(g.Freeze(), g.Kill(unix.SIGKILL)) },
		"SIGKILL without cgroup2": func(g *Group) error {
			u := g.unified
			g.unified = nil
			defer func() { g.unified = u }()
			return g.Kill(unix.SIGKILL)
		},
		"SIGKILL while frozen, without cgroup2": func(g *Group) error {
			u := g.unified
			g.unified = nil
			defer func() { g.unified = u }()
			return errors.Join(g.Freeze(), g.Kill(unix.SIGKILL))
		},
	} {
		t.Run(name, func(t *testing.T) {
			g := created(t)
			sleeper(t, g)
			sleeper(t, g)
			if err := kill(g); err != nil {
				t.Fatal(err)
			}
			cgtest.Eventually(t, "nobody lives", func() bool {
				pids, err := g.Pids()
				if err != nil {
					t.Fatal(err)
				}
				return len(pids) == 0
			})
		})
	}
}

func TestSignalsLeaveAContainerAsPausedAsItWas(t *testing.T) {
	g := created(t)
	sleeper(t, g)
	for _, paused := range []bool{false, true} {
		if paused {
			if err := g.Freeze(); err != nil {
				t.Fatal(err)
			}
		}
		if err := g.Kill(unix.SIGURG); err != nil { // ignored by default
			t.Fatal(err)
		}
		if frozen, err := g.Frozen(); err != nil || frozen != paused {
			t.Errorf("frozen %v, %v, want %v", frozen, err, paused)
		}
	}
}
