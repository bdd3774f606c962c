package leakcheck

import (
	"bufio"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// A mount is one line of mountinfo (proc_pid_mountinfo(5)).
type mount struct {
	id, point, fstype string
}

func readMounts() (mounts []mount, err error) {
	f, err := os.Open("/proc/thread-self/mountinfo")
	if err != nil {
		return nil, err
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		left, right, ok := strings.Cut(lines.Text(), " - ")
		fields := strings.Fields(left)
		if !ok || len(fields) < 6 {
			return nil, fmt.Errorf("mountinfo: cannot read %q", lines.Text())
		}
		fstype, _, _ := strings.Cut(right, " ")
		mounts = append(mounts, mount{id: fields[0], point: fields[4], fstype: fstype})
	}
	return mounts, lines.Err()
}

// hosts are the cgroups below which the machine itself comes and goes. There,
// only what is named after creel can be ours.
var hosts = []string{"/system.slice/", "/user.slice/", "/init.scope/", "/process_api/"}

// readCgroups walks every cgroup hierarchy.
func readCgroups(mounts []mount) map[string]string {
	found := map[string]string{}
	for _, m := range mounts {
		if m.fstype != "cgroup" && m.fstype != "cgroup2" {
			continue
		}
		filepath.WalkDir(m.point, func(path string, d fs.DirEntry, err error) error {
			if err != nil || !d.IsDir() || hostsOwn(path) || anothers(path) {
				return nil // a cgroup that went away while we looked
			}
			found[path] = path
			return nil
		})
	}
	return found
}

// tests name cgroups after their world (package harness), or after their process.
const tests = "/creel-test-"

// anothers says that a cgroup is that of tests which run beside ours.
func anothers(path string) bool {
	world := filepath.Base(os.Getenv("CREEL_TEST_PRIVATE"))
	return strings.HasPrefix("/"+world, tests) && strings.Contains(path, tests) && !strings.Contains(path, "/"+world)
}

func hostsOwn(path string) bool {
	return !strings.Contains(filepath.Base(path), "creel") &&
		slices.ContainsFunc(hosts, func(h string) bool { return strings.Contains(path, h) })
}

// readFiles lists the files that this process has open, but for what Go's
// runtime keeps for itself. One that was closed and opened again is the same one.
func readFiles() map[string]string {
	found, seen := map[string]string{}, map[string]int{}
	entries, _ := os.ReadDir("/proc/self/fd")
	for _, e := range entries {
		target, err := os.Readlink("/proc/self/fd/" + e.Name())
		if err != nil || target == "anon_inode:[eventpoll]" || target == "anon_inode:[eventfd]" {
			continue // the first case is the directory that was just read
		}
		seen[target]++
		found[fmt.Sprint(target, " ", seen[target])] = e.Name() + " → " + target
	}
	return found
}

// readStates lists the entries of state directories.
func readStates(dirs []string) map[string]string {
	found := map[string]string{}
	for _, dir := range append([]string{"/run/creel"}, dirs...) {
		entries, _ := os.ReadDir(dir)
		for _, e := range entries {
			if path := filepath.Join(dir, e.Name()); !strings.ContainsAny(e.Name()[:1], ".@") {
				found[path] = path
			}
		}
	}
	return found
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
