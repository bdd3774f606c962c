// Package discover finds the cgroup hierarchies of the machine, and the caller's place in them, as cgroups(7) describes
// /proc/self/cgroup and proc(5) /proc/self/mountinfo.
package discover

import (
	"errors"
	"strings"

	"github.com/creel-project/creel/internal/mountinfo"
	"github.com/creel-project/creel/libcontainer/cgroups/cgfs"
)

// Hierarchy is a mounted hierarchy.
type Hierarchy struct {
	Key   string // controllers as mount options write them: "cpu,cpuacct", "name=systemd"; "" for cgroup v2
	Mount string // absolute mount point
	Own   string // the caller's cgroup below the mount point
}

// Hierarchies returns the mounted hierarchies in mount order.
func Hierarchies() ([]Hierarchy, error) {
	cgroup, err := cgfs.ProcCgroup(0)
	if err != nil {
		return nil, err
	}
	mounts, err := cgfs.ReadHostFile("/proc/self/mountinfo")
	if err != nil {
		return nil, err
	}
	found := Parse(cgroup, mounts)
	if len(found) == 0 {
		return nil, errors.New("no cgroup hierarchy is mounted: creel needs cgroup2 on /sys/fs/cgroup, or v1 controllers below it")
	}
	return found, nil
}

// Parse is Hierarchies on the texts of /proc/self/cgroup and /proc/self/mountinfo. Of several mounts of
// a hierarchy it takes the one that shows most of it, below /sys/fs/cgroup if there is a choice.
func Parse(cgroup, mounts string) []Hierarchy {
	var (
		found []Hierarchy
		ranks []int
	)
	for line := range strings.Lines(mounts) {
		m, ok := parseMount(line)
		if !ok {
			continue
		}
		key, own, ok := match(cgroup, m)
		if !ok {
			continue
		}
		h := Hierarchy{Key: key, Mount: m.Point, Own: below(m.Root, own)}
		at := index(found, key)
		switch {
		case at < 0:
			found, ranks = append(found, h), append(ranks, rank(m))
		case rank(m) > ranks[at]:
			found[at], ranks[at] = h, rank(m)
		}
	}
	return found
}

func index(found []Hierarchy, key string) int {
	for i := range found {
		if found[i].Key == key {
			return i
		}
	}
	return -1
}

// match finds the line of /proc/self/cgroup that belongs to a mount: the one whose every controller is among its
// options.
func match(cgroup string, m mountinfo.Mount) (key, own string, ok bool) {
	for line := range strings.Lines(cgroup) {
		_, rest, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ":")
		key, own, found := strings.Cut(rest, ":")
		if found && (key == "") == isV2(m) && (isV2(m) || hasAll(m.Super, key)) {
			return key, own, true
		}
	}
	return "", "", false
}

func hasAll(options, controllers string) bool {
	for want := range strings.SplitSeq(controllers, ",") {
		found := false
		for have := range strings.SplitSeq(options, ",") {
			found = found || have == want
		}
		if !found {
			return false
		}
	}
	return true
}

// below makes a path of the hierarchy relative to what a mount shows of it. In a container the mount may show only
// the container's own cgroup; a path that is not below it is taken for the mount point.
func below(root, path string) string {
	if root == "/" {
		return cgfs.Clean(path)
	}
	if rest, ok := strings.CutPrefix(path, root); ok && (rest == "" || rest[0] == '/') {
		return cgfs.Clean(rest)
	}
	return "/"
}
