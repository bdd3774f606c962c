package v1

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/creel-project/creel/libcontainer/cgroups/cgtest"
)

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
	for name, found := range map[string]func(*Group) (*Group, error){
		"of a group that was made": func(g *Group) (*Group, error) { return g, nil },
		"of one that is on record": func(g *Group) (*Group, error) { return Open(g.Record()) },
	} {
		t.Run(name, func(t *testing.T) {
			made := created(t)
			pid := sleeper(t, made)
			for key, mount := range made.record.Mounts {
				if key == "memory" { // behind the freezer, which is gone when it is looked at
					continue
				}
				if err := os.WriteFile(mount+"/cgroup.procs", []byte(itoa(pid)), 0); err != nil {
					t.Fatal(err)
				}
			}
			g, err := found(made)
			if err != nil {
				t.Fatal(err)
			}
			defer g.Close()
			if err := g.Destroy(); err != nil {
				t.Fatal(err)
			}
			if left := remaining(g); len(left) > 0 {
				t.Errorf("left: %v", left)
			}
		})
	}
}

// TestDestroyEndsWhatForksOutOfTheWay: only what is frozen stays where it was seen.
func TestDestroyEndsWhatForksOutOfTheWay(t *testing.T) {
	g := created(t)
	unified := g.unified
	g.unified = nil // whose cgroup.kill would need nobody frozen
	// Each process makes the next and ends; a bound ends what nobody ends.
	const chain = `next() { if [ $1 -gt 0 ]; then next $(($1 - 1)) & fi; }; next 30000 & next 30000 & next 30000 & next 30000 & exit`
	start := filepath.Join(t.TempDir(), "start")
	cmd := cgtest.Start(t, -1, "sh", "-c", "until [ -e "+start+" ]; do sleep 0.01; done; "+chain)
	if err := g.Join(cmd.Process.Pid, false); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(start, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil { // the chains are on their way
		t.Fatal(err)
	}
	frozen := written(t, filepath.Join(g.controller("freezer").hostDir, freezerState))
	if err := g.Destroy(); err != nil {
		t.Error(err)
	}
	if !frozen() {
		t.Error("it signalled processes that could fork meanwhile")
	}
	if g.unified = unified; unified != nil {
		if err := unified.Destroy(); err != nil {
			t.Error(err)
		}
	}
	if left := remaining(g); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
}

// written watches a file (inotify(7)); the answer is whether anybody has written into it since.
func written(t *testing.T, path string) func() bool {
	t.Helper()
	fd, err := unix.InotifyInit1(unix.IN_NONBLOCK | unix.IN_CLOEXEC)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.Close(fd) })
	if _, err := unix.InotifyAddWatch(fd, path, unix.IN_MODIFY); err != nil {
		t.Fatal(err)
	}
	return func() bool {
		var event [unix.SizeofInotifyEvent]byte
		n, err := unix.Read(fd, event[:])
		return err == nil && n == len(event) && binary.NativeEndian.Uint32(event[4:])&unix.IN_MODIFY != 0
	}
}
