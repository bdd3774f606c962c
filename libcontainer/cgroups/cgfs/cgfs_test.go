package cgfs

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// fake returns a plain directory with files in it.
func fake(t *testing.T, files map[string]string) (*Dir, string) {
	t.Helper()
	path := t.TempDir()
	for name, text := range files {
		full := filepath.Join(path, name)
		if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(full, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	d, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Close)
	return d, path
}

func TestWriteErrorsNameTheFileAndTheValue(t *testing.T) {
	d, path := fake(t, nil)
	err := d.Write("pids.max", "7")
	if !errors.Is(err, unix.ENOENT) || err.Error() != `write "7" to `+path+`/pids.max: no such file or directory` {
		t.Errorf("got %v", err)
	}
	for _, name := range []string{"../escape", "sub/file", "/etc/passwd"} {
		if err := d.Write(name, ""); !errors.Is(err, unix.EINVAL) {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := d.Read(name); !errors.Is(err, unix.EINVAL) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestLinksAreNotFollowed(t *testing.T) {
	d, path := fake(t, map[string]string{"sub/file": "text"})
	for name, target := range map[string]string{"link": "sub", "filelink": "sub/file"} {
		if err := os.Symlink(target, filepath.Join(path, name)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := d.Child("link"); !errors.Is(err, unix.ENOTDIR) && !errors.Is(err, unix.ELOOP) {
		t.Errorf("directory: %v", err)
	}
	if _, err := d.Read("filelink"); !errors.Is(err, unix.ELOOP) {
		t.Errorf("read: %v", err)
	}
	if err := d.Write("filelink", "x"); !errors.Is(err, unix.ELOOP) {
		t.Errorf("write: %v", err)
	}
}

func TestReadTakesFilesOfAnySize(t *testing.T) {
	long := strings.Repeat("0123456789\n", 5000)
	d, _ := fake(t, map[string]string{"long": long, "empty": "", "limit": "max\n", "number": "42\n", "text": "many\n"})
	if got, err := d.Read("long"); err != nil || got+"\n" != long {
		t.Errorf("%d bytes, %v", len(got), err)
	}
	if got, err := d.Read("empty"); err != nil || got != "" {
		t.Errorf("%q, %v", got, err)
	}
	if n, limited, err := d.Uint("limit"); n != 0 || limited || err != nil {
		t.Errorf("max: %d, %v, %v", n, limited, err)
	}
	if n, limited, err := d.Uint("number"); n != 42 || !limited || err != nil {
		t.Errorf("42: %d, %v, %v", n, limited, err)
	}
	if _, _, err := d.Uint("text"); err == nil {
		t.Error("many is no number")
	}
}

func TestFieldsOfFlatKeyedFiles(t *testing.T) {
	text := "populated 1\nfrozen 0\nempty\nlast 5"
	for key, want := range map[string]string{"populated": "1", "frozen": "0", "last": "5", "empty": "", "pop": "", "": ""} {
		if got := Field(text, key); got != want {
			t.Errorf("%s: %q, want %q", key, got, want)
		}
	}
}

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

func TestPaths(t *testing.T) {
	for in, want := range map[string]string{"": "/", "a": "/a", "/a/../..": "/", "../../a": "/a", "a//b/": "/a/b"} {
		if got := Clean(in); got != want {
			t.Errorf("Clean(%q) = %q, want %q", in, got, want)
		}
	}
	for in, want := range map[string][2]string{"/a/b/c": {"/a/b", "c"}, "/a": {"/", "a"}} {
		if parent, name := Split(in); parent != want[0] || name != want[1] {
			t.Errorf("Split(%q) = %q, %q", in, parent, name)
		}
	}
	if got := slices.Collect(Elements("/a/b")); !slices.Equal(got, []string{"a", "b"}) {
		t.Errorf("%q", got)
	}
	if got := slices.Collect(Elements("/")); len(got) != 0 {
		t.Errorf("%q", got)
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

func TestWaitingForAnEventTimesOut(t *testing.T) {
	d, _ := fake(t, map[string]string{"cgroup.events": "populated 1\nfrozen 0\n"})
	if err := d.WaitEvent("frozen", "0", 0); err != nil {
		t.Error(err)
	}
	if err := d.WaitEvent("populated", "0", time.Millisecond); !errors.Is(err, ErrTimeout) {
		t.Errorf("got %v", err)
	}
	gone, _ := fake(t, nil)
	if err := gone.WaitEvent("populated", "0", 0); err != nil {
		t.Errorf("a cgroup that is gone is empty: %v", err)
	}
	if err := gone.WaitEvent("frozen", "1", 0); !errors.Is(err, unix.ENOENT) {
		t.Errorf("a cgroup that is gone never freezes: %v", err)
	}
}

func TestOwnPathOfAProcess(t *testing.T) {
	text := "4:cpu,cpuacct:/a:b\n1:name=systemd:/x (deleted)\n0::/u\n"
	for key, want := range map[string]string{"cpu,cpuacct": "/a:b", "name=systemd": "/x", "": "/u"} {
		if got, ok := OwnPath(text, key); !ok || got != want {
			t.Errorf("%s: %q, %v", key, got, ok)
		}
	}
	if got, ok := OwnPath(text, "cpu"); ok {
		t.Errorf("cpu alone: %q", got)
	}
	if text, err := ProcCgroup(0); err != nil || text == "" {
		t.Errorf("%q, %v", text, err)
	}
}

func TestLinesAreWrittenOneByOne(t *testing.T) {
	d, path := fake(t, nil)
	if err := unix.Mkfifo(filepath.Join(path, "io.max"), 0o600); err != nil {
		t.Fatal(err)
	}
	pipe, err := os.OpenFile(filepath.Join(path, "io.max"), os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer pipe.Close()
	for _, value := range []string{"8:0 rbps=1\n 8:1 rbps=2\n\n", "one", ""} {
		if err := d.WriteLines("io.max", value); err != nil {
			t.Fatal(err)
		}
	}
	got := make([]byte, 100)
	n, err := pipe.Read(got)
	if want := "8:0 rbps=1" + "8:1 rbps=2" + "one" + "\n"; err != nil || string(got[:n]) != want {
		t.Errorf("%q, %v, want %q", got[:n], err, want)
	}
}
