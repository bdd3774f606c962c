package cgfs

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestPidsOfOtherNamespacesAreLeftOut(t *testing.T) {
	d, _ := fake(t, map[string]string{"cgroup.procs": "0\n12\n0\n", "a/cgroup.procs": "34\n", "a/b/cgroup.procs": ""})
	pids, err := d.Pids()
	slices.Sort(pids)
	if err != nil || !slices.Equal(pids, []int{12, 34}) {
		t.Errorf("%v, %v", pids, err)
	}
}

func TestWalkVisitsChildrenFirst(t *testing.T) {
	d, path := fake(t, map[string]string{"a/b/f": "", "a/c/f": "", "d/f": "", "f": ""})
	var seen []string
	err := d.Walk(func(d *Dir) error {
		seen = append(seen, strings.TrimPrefix(d.Path(), path))
		return nil
	})
	if err != nil || len(seen) != 5 {
		t.Fatalf("%q, %v", seen, err)
	}
	for _, pair := range [][2]string{{"/a/b", "/a"}, {"/a/c", "/a"}, {"/a", ""}, {"/d", ""}} {
		if slices.Index(seen, pair[0]) > slices.Index(seen, pair[1]) {
			t.Errorf("%s comes after %s: %q", pair[0], pair[1], seen)
		}
	}
	stop := errors.New("stop")
	if err := d.Walk(func(*Dir) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("an error of visit: %v", err)
	}
}

func TestRemoveChildrenRemovesDirectoriesOnly(t *testing.T) {
	d, path := fake(t, nil)
	if err := os.MkdirAll(filepath.Join(path, "a/b/c"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := d.RemoveChildren(); err != nil {
		t.Fatal(err)
	}
	if names, err := d.Children(); err != nil || len(names) != 0 {
		t.Errorf("%q, %v", names, err)
	}
	if err := d.Rmdir("a"); err != nil {
		t.Errorf("removing what is gone: %v", err)
	}
}

func TestRemoveEmptyStopsAtTheFirstInUse(t *testing.T) {
	_, path := fake(t, nil)
	if err := os.MkdirAll(filepath.Join(path, "a/b/c/other"), 0o755); err != nil {
		t.Fatal(err)
	}
	dirs := []string{path + "/a", path + "/a/b", path + "/a/b/c"}
	RemoveEmpty(dirs)
	if _, err := os.Stat(path + "/a/b/c"); err != nil {
		t.Error(err)
	}
	if err := os.Remove(path + "/a/b/c/other"); err != nil {
		t.Fatal(err)
	}
	RemoveEmpty(dirs)
	if _, err := os.Stat(path + "/a"); !os.IsNotExist(err) {
		t.Errorf("left: %v", err)
	}
}

func TestDescriptionsOfProcesses(t *testing.T) {
	for want, pids := range map[string][]int{
		"processes of another pid namespace": nil,
		"process 7":                          {7},
		"2 processes, 7 8":                   {7, 8},
		"7 processes, 1 2 3 4 5 …":           {1, 2, 3, 4, 5, 6, 7},
	} {
		if got := Describe(pids); got != want {
			t.Errorf("%v: %q, want %q", pids, got, want)
		}
	}
}
