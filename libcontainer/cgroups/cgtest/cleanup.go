package cgtest

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// KeepControllers puts cgroup.subtree_control of the cgroup2 root back when the test ends. Until then no other test binary that
// calls it goes on, since it would see controllers come and go.
func KeepControllers(t testing.TB) {
	t.Helper()
	mount := UnifiedMount(t)
	dir, err := os.Open(mount)
	if err == nil {
		err = unix.Flock(int(dir.Fd()), unix.LOCK_EX)
	}
	if err != nil {
		t.Fatalf("lock %s: %v", mount, err)
	}
	control := filepath.Join(mount, "cgroup.subtree_control")
	before, err := os.ReadFile(control)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		defer dir.Close()
		now, _ := os.ReadFile(control)
		for _, name := range strings.Fields(string(now)) {
			if !slices.Contains(strings.Fields(string(before)), name) {
				os.WriteFile(control, []byte("-"+name), 0)
			}
		}
	})
}

// RemoveAfter removes a cgroup directory, what is below it, and their processes when the test ends.
func RemoveAfter(t testing.TB, dir string) {
	t.Cleanup(func() {
		var err error
		for end := time.Now().Add(Patience); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
			if err = remove(dir); err == nil {
				return
			}
		}
		t.Errorf("cgroup %s is left behind: %v", dir, err)
	})
}

func remove(dir string) error {
	kill(dir)
	entries, err := os.ReadDir(dir)
	if os.IsNotExist(err) {
		return nil
	}
	for _, e := range entries {
		if e.IsDir() {
			if err := remove(filepath.Join(dir, e.Name())); err != nil {
				return err
			}
		}
	}
	if err != nil {
		return err
	}
	return os.Remove(dir)
}

func kill(dir string) {
	for _, freezer := range []string{"cgroup.freeze", "freezer.state"} {
		thawed := map[string]string{"cgroup.freeze": "0", "freezer.state": "THAWED"}[freezer]
		if f, err := os.OpenFile(filepath.Join(dir, freezer), os.O_WRONLY, 0); err == nil {
			f.WriteString(thawed)
			f.Close()
		}
	}
	text, _ := os.ReadFile(filepath.Join(dir, "cgroup.procs"))
	for _, word := range strings.Fields(string(text)) {
		if pid, err := strconv.Atoi(word); err == nil && pid > 0 {
			unix.Kill(pid, unix.SIGKILL)
		}
	}
}
