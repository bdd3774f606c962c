package v2

import (
	"errors"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/creel-project/creel/libcontainer/cgroups/cgtest"
)

func waitEmpty(t *testing.T, g *Group) {
	t.Helper()
	dir, err := g.opened()
	if err == nil {
		err = dir.WaitEvent("populated", "0", cgtest.Patience)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func TestFreezeAndThaw(t *testing.T) {
	g := created(t)
	populate(t, g, "a")
	for range 2 { // both are idempotent
		if err := g.Freeze(); err != nil {
			t.Fatal(err)
		}
	}
	if frozen, err := g.Frozen(); !frozen || err != nil {
		t.Errorf("frozen %v, %v", frozen, err)
	}
	for range 2 {
		if err := g.Thaw(); err != nil {
			t.Fatal(err)
		}
	}
	dir, _ := g.opened()
	if err := dir.WaitEvent("frozen", "0", cgtest.Patience); err != nil {
		t.Error(err)
	}
}

func TestKillReachesEveryProcess(t *testing.T) {
	for name, kill := range map[string]func(*Group) error{
		"SIGTERM":                     func(g *Group) error { return g.Kill(unix.SIGTERM) },
		"SIGKILL":                     func(g *Group) error { return g.Kill(unix.SIGKILL) },
		"SIGKILL without cgroup.kill": func(g *Group) error { return signalAll(g.dir, unix.SIGKILL) },
		"SIGKILL while frozen":        func(g *Group) error { return errors.Join(g.Freeze(), g.Kill(unix.SIGKILL)) },
		"SIGKILL while frozen, without cgroup.kill": func(g *Group) error {
			return errors.Join(g.Freeze(), signalAll(g.dir, unix.SIGKILL))
		},
	} {
		t.Run(name, func(t *testing.T) {
			g := created(t)
			populate(t, g, "a", "b/c")
			if err := kill(g); err != nil {
				t.Fatal(err)
			}
			waitEmpty(t, g)
		})
	}
}

func TestSignalsLeaveAContainerAsPausedAsItWas(t *testing.T) {
	g := created(t)
	fd, _ := g.SpawnFD()
	cgtest.Start(t, fd, "sh", "-c", "trap '' TERM; sleep 1000 & wait")
	for _, paused := range []bool{false, true} {
		if paused {
			if err := g.Freeze(); err != nil {
				t.Fatal(err)
			}
		}
		if err := g.Kill(unix.SIGTERM); err != nil {
			t.Fatal(err)
		}
		if own, err := g.dir.Read("cgroup.freeze"); err != nil || (own == "1") != paused {
			t.Errorf("paused %v: cgroup.freeze says %q, %v", paused, own, err)
		}
	}
}

// A process that forks as fast as it can does not escape.
func TestKillStopsAForkBomb(t *testing.T) {
	g := created(t)
	fd, _ := g.SpawnFD()
	cgtest.Start(t, fd, "sh", "-c", "while :; do sleep 0.01 & done")
	cgtest.Eventually(t, "it forks", func() bool {
		pids, err := g.Pids()
		if err != nil {
			t.Fatal(err)
		}
		return len(pids) > 5
	})
	if err := signalAll(g.dir, unix.SIGKILL); err != nil {
		t.Fatal(err)
	}
	waitEmpty(t, g)
}
