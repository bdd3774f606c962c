package v1

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/creel-project/creel/libcontainer/cgroups/cgtest"
	"github.com/creel-project/creel/libcontainer/cgroups/discover"
	"github.com/creel-project/creel/libcontainer/cgroups/driver"
)

func ptr[T any](v T) *T { return &v }

func groupAt(t *testing.T, o driver.Options) *Group {
	t.Helper()
	found, err := discover.Hierarchies()
	if err != nil {
		t.Fatal(err)
	}
	g, err := New(found, o)
	if err != nil {
		t.Fatal(err)
	}
	for key, dir := range g.Record().Dirs {
		mount := g.Record().Mounts[key]
		first, _, _ := strings.Cut(strings.TrimPrefix(dir, mount+"/"), "/")
		if !strings.HasPrefix(first, "creel-test-") {
			first = strings.TrimPrefix(dir, mount+"/")
		}
		cgtest.RemoveAfter(t, filepath.Join(mount, first))
	}
	t.Cleanup(func() {
		os.WriteFile(filepath.Join(g.controller("freezer").hostDir, freezerState), []byte(thawed), 0) // before anything waits for a death
		g.Close()
	})
	return g
}

func created(t *testing.T) *Group {
	t.Helper()
	g := groupAt(t, driver.Options{ID: cgtest.Name()})
	if err := g.Create(); err != nil {
		t.Fatal(err)
	}
	return g
}

// sleeper starts a process and moves it into the group.
func sleeper(t *testing.T, g *Group) int {
	t.Helper()
	pid := cgtest.Sleeper(t, -1).Process.Pid
	if err := g.Join(pid, false); err != nil {
		t.Fatal(err)
	}
	return pid
}

func remaining(g *Group) []string {
	var left []string
	for _, dir := range g.record.Dirs {
		if _, err := os.Stat(dir); err == nil {
			left = append(left, dir)
		}
	}
	return left
}

func content(t *testing.T, g *Group, controller, file string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(g.controller(controller).hostDir, file))
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(text))
}

func itoa(n int) string { return strconv.Itoa(n) }
