package v1

import (
	"os"
	"path/filepath"
	"testing"

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
