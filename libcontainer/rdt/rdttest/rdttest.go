// Package rdttest makes a file system for tests that behaves like resctrl: a new
// directory has its files at once, and they take what the kernel would take. It is
// served over FUSE, since no ordinary file system does that.
package rdttest

import (
	"fmt"
	"maps"
	"os"
	"path"
	"slices"
	"strings"
	"sync"
	"testing"

	"golang.org/x/sys/unix"
)

// FS is a mounted fake. Its files are known by their paths below the root: "web/schemata".
type FS struct {
	Dir string // where it is mounted

	mu     sync.Mutex
	ids    map[uint64]string // nodes that the kernel knows, by path; 1 is ""
	groups []string          // directories that are groups, the root among them
	texts  map[string]string // schemata of control groups
	tasks  map[string][]string
	writes []string
	status string
	files  map[string]string // what can only be read
	lacks  map[string]bool   // counters that the machine has not
}

// schemata are those of a new group: what the whole machine has.
const schemata = "    MB:0=100;1=100\n    L3:0=7ff;1=7ff\n"

// Mount mounts a fake until the test ends.
func Mount(t testing.TB) *FS {
	t.Helper()
	f := &FS{Dir: t.TempDir(), ids: map[uint64]string{1: ""}, texts: map[string]string{}, tasks: map[string][]string{}, status: "ok"}
	f.files, f.lacks = maps.Clone(machine), map[string]bool{}
	f.group("")
	dev, err := unix.Open("/dev/fuse", unix.O_RDWR|unix.O_CLOEXEC, 0)
	if err != nil {
		t.Fatalf("open /dev/fuse: %v", err)
	}
	options := fmt.Sprintf("fd=%d,rootmode=40000,user_id=0,group_id=0,allow_other", dev)
	if err := unix.Mount("resctrl", f.Dir, "fuse", 0, options); err != nil {
		unix.Close(dev)
		t.Fatalf("mount the fake resctrl: %v", err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		f.serve(dev)
	}()
	t.Cleanup(func() {
		if err := unix.Unmount(f.Dir, unix.MNT_DETACH); err != nil {
			t.Errorf("unmount the fake resctrl: %v", err)
		}
		<-done // the end of the file system ends the reading of its device
		unix.Close(dev)
	})
	return f
}

// Group makes a group as its administrator would.
func (f *FS) Group(t testing.TB, name string) {
	t.Helper()
	if err := os.Mkdir(path.Join(f.Dir, name), 0o755); err != nil {
		t.Fatal(err)
	}
}

// Groups lists all groups but the root, control and monitoring ones, sorted.
func (f *FS) Groups() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Sorted(slices.Values(f.groups[1:]))
}

// Schemata returns the lines of a group, without their blanks.
func (f *FS) Schemata(group string) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return strings.ReplaceAll(f.texts[group], " ", "")
}

// Tasks returns what was written to the file tasks of a group.
func (f *FS) Tasks(group string) []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.tasks[group])
}

// Writes returns "path text" of every write that was accepted, but for the newline.
func (f *FS) Writes() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.writes)
}

func (f *FS) group(name string) {
	f.groups = append(f.groups, name)
	if !isMonitor(name) {
		f.texts[name] = schemata
	}
}

func isMonitor(group string) bool { return path.Base(path.Dir(group)) == "mon_groups" }

// entries lists a directory, nil if it is none.
func (f *FS) entries(dir string) []string {
	if slices.Contains(f.groups, dir) {
		names := []string{"tasks", "mon_data"}
		if !isMonitor(dir) {
			names = append(names, "schemata", "mon_groups")
		}
		if dir == "" {
			names = append(names, "info")
		}
		return append(names, f.children(dir)...)
	}
	switch base := path.Base(dir); {
	case dir == "info":
		return append([]string{"last_cmd_status"}, f.resources()...)
	case parent(dir) == "info":
		return f.resource(dir)
	case base == "mon_groups" && slices.Contains(f.groups, parent(dir)):
		return append([]string{}, f.children(dir)...)
	case base == "mon_data" && slices.Contains(f.groups, parent(dir)):
		return slices.Clone(domains)
	case path.Base(parent(dir)) == "mon_data" && slices.Contains(domains, base) && f.entries(parent(dir)) != nil:
		return f.counters()
	}
	return nil
}

func (f *FS) children(dir string) (names []string) {
	for _, g := range f.groups {
		if g != "" && parent(g) == dir {
			names = append(names, path.Base(g))
		}
	}
	return names
}

func parent(p string) string {
	if d := path.Dir(p); d != "." {
		return d
	}
	return ""
}

// mkdir makes a group where resctrl does.
func (f *FS) mkdir(name string) unix.Errno {
	dir := parent(name)
	if dir != "" && path.Base(dir) != "mon_groups" {
		f.status = "no groups below groups"
		return unix.EPERM
	}
	if f.entries(name) != nil {
		return unix.EEXIST
	}
	f.status = "ok"
	f.group(name)
	return 0
}

func (f *FS) rmdir(name string) unix.Errno {
	i := slices.Index(f.groups, name)
	if i <= 0 {
		return unix.EPERM
	}
	f.groups = slices.DeleteFunc(f.groups, func(g string) bool { return g == name || strings.HasPrefix(g, name+"/") })
	delete(f.texts, name)
	delete(f.tasks, name)
	return 0
}

// write takes lines that end with a newline; a schema must be of a resource that is there.
func (f *FS) write(file, text string) unix.Errno {
	group := parent(file)
	line, ok := strings.CutSuffix(text, "\n")
	if !ok {
		f.status = "no newline"
		return unix.EINVAL
	}
	f.status = "ok"
	switch path.Base(file) {
	case "tasks":
		if unix.Access("/proc/"+line, unix.F_OK) != nil {
			return unix.ESRCH
		}
		f.tasks[group] = append(f.tasks[group], line)
	case "schemata":
		resource, values, _ := strings.Cut(line, ":")
		old := f.texts[group]
		at := strings.Index(old, resource+":")
		if at < 0 || values == "" {
			f.status = "Unknown or unsupported resource name '" + resource + "'"
			return unix.EINVAL
		}
		end := at + strings.IndexByte(old[at:], '\n')
		f.texts[group] = old[:at] + line + old[end:]
	default:
		return unix.EACCES
	}
	f.writes = append(f.writes, file+" "+line)
	return 0
}

func (f *FS) read(file string) string {
	switch path.Base(file) {
	case "schemata":
		return f.texts[parent(file)]
	case "tasks":
		return strings.Join(f.tasks[parent(file)], "\n")
	case "last_cmd_status":
		return f.status + "\n"
	}
	if text, ok := f.files[file]; ok {
		return text + "\n"
	}
	return "0\n" // a counter
}
