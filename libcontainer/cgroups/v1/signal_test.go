package v1

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/opencontainers/runtime-spec/specs-go"
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
			for i := 0; ; i++ {
				pids, err := g.Pids()
				if err != nil {
					t.Fatal(err)
				}
				if len(pids) == 0 {
					break
				}
				if i == 1000 {
					t.Fatalf("alive: %v", pids)
				}
				time.Sleep(5 * time.Millisecond)
			}
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

func TestDestroyEndsWhatLives(t *testing.T) {
	g := created(t)
	sleeper(t, g)
	for _, key := range []string{"memory", "freezer", ""} { // in sub-cgroups too
		sub := filepath.Join(g.record.Dirs[key], "a/b")
		if err := os.MkdirAll(sub, 0o755); err != nil {
			t.Fatal(err)
		}
		pid := cgtest.Sleeper(t, -1).Process.Pid
		if err := g.Join(pid, false); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(sub+"/cgroup.procs", []byte(itoa(pid)), 0); err != nil {
			t.Fatal(err)
		}
	}
	if err := g.Freeze(); err != nil {
		t.Fatal(err)
	}
	if err := g.Destroy(); err != nil {
		t.Fatal(err)
	}
	if left := remaining(g); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
}

func TestDestroyFindsAProcessThatLeftTheOtherHierarchies(t *testing.T) {
	g := created(t)
	pid := sleeper(t, g)
	for key, mount := range g.record.Mounts {
		if key == "memory" {
			continue
		}
		if err := os.WriteFile(mount+"/cgroup.procs", []byte(itoa(pid)), 0); err != nil {
			t.Fatal(err)
		}
	}
	if err := g.Destroy(); err != nil {
		t.Fatal(err)
	}
	if left := remaining(g); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
}

func TestOOMCountsKills(t *testing.T) {
	g := created(t)
	limit := int64(4 << 20)
	if err := g.Apply(&specs.LinuxResources{Memory: &specs.LinuxMemory{Limit: &limit, Swap: &limit}}); err != nil {
		t.Fatal(err)
	}
	fd, _ := g.SpawnFD()
	cmd := cgtest.Start(t, fd, "sh", "-c", "read go; exec tail /dev/zero")
	if err := g.Join(cmd.Process.Pid, true); err != nil {
		t.Fatal(err)
	}
	for i := 0; i < 1000; i++ {
		info, err := g.OOM()
		if err != nil {
			t.Fatal(err)
		}
		if info.Killed > 0 {
			if info.Limit != 4<<20 || info.Peak == 0 {
				t.Errorf("%+v", info)
			}
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Error("tail /dev/zero was not killed")
}
