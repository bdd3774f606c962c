package v2

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/creel-project/creel/libcontainer/cgroups/cgfs"
	"github.com/creel-project/creel/libcontainer/cgroups/cgtest"
	"github.com/creel-project/creel/libcontainer/cgroups/driver"
)

func TestJoinMovesAProcess(t *testing.T) {
	g := created(t)
	cmd := cgtest.Sleeper(t, -1)
	if err := g.Join(cmd.Process.Pid, false); err != nil {
		t.Fatal(err)
	}
	if pids, err := g.Pids(); err != nil || !slices.Equal(pids, []int{cmd.Process.Pid}) {
		t.Errorf("pids %v, %v", pids, err)
	}
	if err := g.Join(1<<22+1, false); !errors.Is(err, unix.ESRCH) {
		t.Errorf("joining nobody: %v", err)
	}
}

func TestPidsCoverSubCgroups(t *testing.T) {
	g := created(t)
	want := populate(t, g, "a", "b/c")
	got, err := g.Pids()
	slices.Sort(got)
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("pids %v, %v, want %v", got, err, want)
	}
}

func TestSubNeverLeavesTheCgroup(t *testing.T) {
	g := created(t)
	populate(t, g, "a/b")
	for path, want := range map[string]string{"a/b": "/a/b", "/a": "/a", "../a/../../a": "/a", "": "", "/": "", "..": ""} {
		sub, err := g.Sub(path)
		if err != nil {
			t.Fatalf("%q: %v", path, err)
		}
		if got := sub.Record().Dirs[""]; got != g.hostDir()+want {
			t.Errorf("%q is %s", path, got)
		}
		sub.Close()
	}
	if _, err := g.Sub("nothing"); !errors.Is(err, driver.ErrNoCgroup) {
		t.Errorf("a sub-cgroup that is not there: %v", err)
	}
}

func TestOfProcessFollowsAProcess(t *testing.T) {
	g := created(t)
	pid := populate(t, g)[0]
	moved := filepath.Join(g.hostDir(), "moved")
	if err := os.Mkdir(moved, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(moved+"/cgroup.procs", []byte("0"), 0); err != nil {
		t.Fatal(err)
	}
	defer os.WriteFile(root+"/cgroup.procs", []byte("0"), 0)
	now, err := g.OfProcess(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	defer now.Close()
	if got := now.Record().Dirs[""]; got != moved {
		t.Errorf("the test is in %s, want %s", got, moved)
	}
	if other, err := g.OfProcess(pid); err != nil || other.Record().Dirs[""] != g.hostDir() {
		t.Errorf("the sleeper: %v", err)
	}
	if _, err := g.OfProcess(1<<22 + 1); !errors.Is(err, unix.ENOENT) {
		t.Errorf("nobody: %v", err)
	}
}

func TestChownHandsOverTheDelegatedFilesOnly(t *testing.T) {
	g := created(t)
	if err := g.Chown(1000, 1001); err != nil {
		t.Fatal(err)
	}
	delegated := strings.Fields(cgfs.Delegated())
	entries, err := os.ReadDir(g.hostDir())
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range append(entries, dirEntry{}) {
		var st syscall.Stat_t
		if err := syscall.Stat(filepath.Join(g.hostDir(), e.Name()), &st); err != nil {
			t.Fatal(err)
		}
		want := uint32(0)
		if e.Name() == "" || slices.Contains(delegated, e.Name()) {
			want = 1000
		}
		if st.Uid != want || (want != 0) != (st.Gid == 1001) {
			t.Errorf("%q belongs to %d:%d", e.Name(), st.Uid, st.Gid)
		}
	}
}

// dirEntry is the cgroup's own directory.
type dirEntry struct{ os.DirEntry }

func (dirEntry) Name() string { return "" }
