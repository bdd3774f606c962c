package state

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/creel-project/creel/libcontainer/cgroups/driver"
	"github.com/creel-project/creel/libcontainer/rdt"
	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

// reserve makes a container's directory in a new store.
func reserve(t *testing.T, id string) (*Store, *Dir) {
	t.Helper()
	s := Open(t.TempDir())
	d, err := s.Reserve(id)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Close)
	return s, d
}

// recorded makes one that has a record.
func recorded(t *testing.T, id string) (*Store, *Dir) {
	t.Helper()
	s, d := reserve(t, id)
	if err := d.Write(sample()); err != nil {
		t.Fatal(err)
	}
	return s, d
}

// sample has something in every field.
func sample() *Record {
	timeout := 3
	return &Record{
		Version: Version, ID: "web", OCIVersion: "1.3.0", Bundle: "/b", Rootfs: "/b/rootfs", Created: "2026-01-02T03:04:05.6Z",
		Annotations: map[string]string{"a": "<&>", "b": "ü\u2028", "": "\x00\n\""}, Pid: 7, StartTime: 1<<64 - 1, CreatorPid: 6, CreatorStart: 5, Expendable: true,
		Hook: &Hook{RunnerPid: 4, RunnerStart: 3, Pid: 2, Start: 1},
		Cgroup: driver.Record{
			Driver: "v1", Path: "/web", Dirs: map[string]string{"": "/sys/fs/cgroup/web", "cpu,cpuacct": "/c"},
			Mounts: map[string]string{"cpu,cpuacct": "/m"}, Token: "t", Existed: []string{"cpu,cpuacct"}, Made: []string{"/c", "/c/d"}, Rootless: true,
			Unit: "creel-web.scope", Description: "creel container web", UserUnit: true,
		},
		CheckMemory: true, PrivatePid: true, NoNewKeyring: true, Mounts: []string{"/a", ""}, StartContainer: true, Listener: &Listener{Path: "/l", Metadata: "m"},
		RDT:       &rdt.Record{Root: "/sys/fs/resctrl", Dir: "/sys/fs/resctrl/web", Made: true, Monitor: "/sys/fs/resctrl/web/mon_groups/web"},
		Poststart: []specs.Hook{{Path: "/h"}},
		Poststop:  []specs.Hook{{Path: "/h", Args: []string{"h", ""}, Env: []string{"A=1"}, Timeout: &timeout}},
	}
}

func TestIDsAreWhatRuncTakes(t *testing.T) {
	for _, id := range []string{"a", "Z", "0", "web_1", "a.b", "a+b-c", "...", ".hidden", "-f", "_", "+", strings.Repeat("x", 255)} {
		if err := CheckID(id); err != nil {
			t.Errorf("%q: %v", id, err)
		}
	}
	for _, id := range []string{
		"", ".", "..", "a/b", "/", "../a", "a b", " ", "ä", "@cache", "a\x00", "a\n", "a:b", "a,b", "a~", "\xff", strings.Repeat("x", 256),
	} {
		s := Open(t.TempDir())
		_, reserved := s.Reserve(id)
		_, found := s.Lookup(id)
		for _, err := range []error{CheckID(id), reserved, found} {
			if !errors.Is(err, ErrID) || strings.Contains(err.Error(), "\n") {
				t.Errorf("%q: %v", id, err)
			}
		}
	}
}

func TestOfManyThatReserveAnIDExactlyOneWins(t *testing.T) {
	s := Open(filepath.Join(t.TempDir(), "deep", "root"))
	var won atomic.Int32
	var wg sync.WaitGroup
	start := make(chan struct{})
	for range 50 {
		wg.Go(func() {
			<-start
			d, err := s.Reserve("web")
			switch {
			case err == nil:
				won.Add(1)
				d.Close()
			case !errors.Is(err, ErrExist):
				t.Error(err)
			}
		})
	}
	close(start)
	wg.Wait()
	if won.Load() != 1 {
		t.Errorf("%d won", won.Load())
	}
}

func TestADirectoryLetsAContainersRootThroughButNotIn(t *testing.T) {
	s := Open(filepath.Join(t.TempDir(), "root"))
	d, err := s.Reserve("web")
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if err := d.Write(sample()); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]os.FileMode{"": 0o700, "web": 0o711, "web/state.json": 0o600} {
		if st, err := os.Stat(filepath.Join(s.root, name)); err != nil || st.Mode().Perm() != want {
			t.Errorf("%q: %v, %v", name, st.Mode(), err)
		}
	}
	if uid, err := d.Owner(); err != nil || int(uid) != os.Geteuid() {
		t.Errorf("owner %d, %v", uid, err)
	}
}

func TestWhatIsNotThereDoesNotExist(t *testing.T) {
	for _, s := range []*Store{Open(t.TempDir()), Open(filepath.Join(t.TempDir(), "none"))} {
		if _, err := s.Lookup("web"); !errors.Is(err, ErrNotExist) {
			t.Errorf("%s: %v", s.root, err)
		}
		if ids, err := s.List(); err != nil || len(ids) != 0 {
			t.Errorf("%s: %q, %v", s.root, ids, err)
		}
	}
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(file).Lookup("web"); err == nil || errors.Is(err, ErrNotExist) {
		t.Errorf("a root that is a file: %v", err)
	}
}

func TestListHasContainersAndNothingElse(t *testing.T) {
	s, _ := reserve(t, "web")
	other, err := s.Reserve("mail")
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	if err := os.Mkdir(s.root+"/@cache", 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(s.root+"/file", nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("web", s.root+"/link"); err != nil {
		t.Fatal(err)
	}
	ids, err := s.List()
	if slices.Sort(ids); err != nil || !slices.Equal(ids, []string{"mail", "web"}) {
		t.Errorf("%q, %v", ids, err)
	}
	for _, id := range []string{"file", "link"} {
		if d, err := s.Lookup(id); err == nil || errors.Is(err, ErrNotExist) {
			t.Errorf("%s: %v, %v", id, d, err)
		}
	}
}

func TestRemoveTakesEverythingAndMayBeCalledAgain(t *testing.T) {
	s, d := reserve(t, "web")
	if err := d.Write(sample()); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"state.json.4711.1", "start.sock", "more"} {
		if err := os.WriteFile(filepath.Join(s.root, "web", name), []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	second, err := s.Lookup("web")
	if err != nil {
		t.Fatal(err)
	}
	defer second.Close()
	for _, who := range []*Dir{d, d, second} {
		if err := who.Remove(); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.Lookup("web"); !errors.Is(err, ErrNotExist) {
		t.Errorf("after Remove: %v", err)
	}
	if left, err := os.ReadDir(s.root); err != nil || len(left) != 0 {
		t.Errorf("left: %v, %v", left, err)
	}
	if _, err := second.Read(); !errors.Is(err, ErrNotExist) {
		t.Errorf("the record of a directory that is gone: %v", err)
	}
	again, err := s.Reserve("web")
	if err != nil {
		t.Fatal(err)
	}
	again.Close()
}

func TestADirectoryInAContainersIsRemovedWithIt(t *testing.T) {
	s, d := reserve(t, "web")
	fd, err := d.Make("notify")
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	file, err := unix.Openat(fd, "file", unix.O_CREAT|unix.O_WRONLY|unix.O_CLOEXEC, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	unix.Close(file)
	if st, err := os.Stat(filepath.Join(s.root, "web", "notify")); err != nil || st.Mode().Perm() != 0o755 {
		t.Errorf("%v, %v", st, err)
	}
	if _, err := d.Make("notify"); !errors.Is(err, unix.EEXIST) {
		t.Errorf("made twice: %v", err)
	}
	if err := d.Remove(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(filepath.Join(s.root, "web")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("left: %v", err)
	}
}
