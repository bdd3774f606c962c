package systemd

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/creel-project/creel/libcontainer/cgroups/driver"
)

// Unit is the scope that a container gets, and the slice that it gets it in (systemd.scope(5), systemd.slice(5)).
type Unit struct {
	Name  string // "creel-web.scope"
	Slice string // "system.slice"
	User  bool   // of the caller's own systemd, not the system's
	// Path is where the scope's cgroup is expected, below the mount points. The kernel tells afterwards.
	Path string
}

// maxName is the longest name of a unit (UNIT_NAME_MAX), in bytes.
const maxName = 255

// UnitOf reads linux.cgroupsPath, which is "slice:prefix:name" here: the unit is "prefix-name.scope" in that slice. Without a
// slice it is the one that engines use, without a path "creel" and the container's id are prefix and name. uid is the
// caller's, whose manager makes the scope of a rootless container.
func UnitOf(o driver.Options, uid int) (Unit, error) {
	u := Unit{User: o.Rootless && !ownSystem()}
	slice, prefix, name := "", "creel", o.ID
	if o.CgroupsPath != "" {
		parts := strings.Split(o.CgroupsPath, ":")
		if len(parts) != 3 {
			return Unit{}, fmt.Errorf("linux.cgroupsPath: expected cgroupsPath to be of format \"slice:prefix:name\" for systemd cgroups, got %q instead", o.CgroupsPath)
		}
		slice, prefix, name = parts[0], parts[1], parts[2]
	}
	if slice == "" {
		slice = "system.slice"
		if u.User {
			slice = "user.slice"
		}
	}
	where, err := slicePath(slice)
	if err != nil {
		return Unit{}, fmt.Errorf("linux.cgroupsPath %q: slice %q: %w", o.CgroupsPath, slice, err)
	}
	u.Slice = slice
	switch {
	case name == "":
		return Unit{}, fmt.Errorf("linux.cgroupsPath %q: the name is empty", o.CgroupsPath)
	case strings.HasSuffix(name, ".slice"):
		return Unit{}, fmt.Errorf("linux.cgroupsPath %q: %s is a slice, which holds no processes itself", o.CgroupsPath, name)
	case prefix != "":
		name = prefix + "-" + name
	}
	u.Name = escape(name) + ".scope"
	if len(u.Name) > maxName {
		return Unit{}, fmt.Errorf("linux.cgroupsPath %q: the unit's name %s has more than %d bytes", o.CgroupsPath, u.Name, maxName)
	}
	if u.User {
		user := strconv.Itoa(uid)
		u.Path = "/user.slice/user-" + user + ".slice/user@" + user + ".service"
	}
	u.Path += where + "/" + cgroupName(u.Name)
	return u, nil
}

var errNoSlice = errors.New("the name of a slice is its path, with \"-\" between the elements, and \".slice\"")

// slicePath is where a slice lies below the root slice: a-b.slice lies in a.slice.
func slicePath(slice string) (string, error) {
	name, ok := strings.CutSuffix(slice, ".slice")
	if !ok || strings.ContainsFunc(name, func(r rune) bool { return !valid(r) }) {
		return "", errNoSlice
	}
	if name == "-" {
		return "", nil
	}
	var path, prefix string
	for element := range strings.SplitSeq(name, "-") {
		if element == "" {
			return "", errNoSlice
		}
		path += "/" + cgroupName(prefix+element+".slice")
		prefix += element + "-"
	}
	return path, nil
}

// valid says whether the name of a unit may hold r (systemd.unit(5)).
func valid(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune(`:-_.\@`, r)
}

// escape writes the bytes that no name may hold, such as an id's "+", as systemd-escape(1) does.
func escape(name string) string {
	var b strings.Builder
	for i := range len(name) {
		if c := name[i]; valid(rune(c)) {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, `\x%02x`, c)
		}
	}
	return b.String()
}

// cgroupName is what systemd calls the cgroup of a unit: "_" stands before what could be taken for a file of the kernel's.
func cgroupName(unit string) string {
	first, _, _ := strings.Cut(unit, ".")
	switch {
	case unit[0] == '_', unit[0] == '.', first == "cgroup", unit == "tasks", unit == "release_agent", unit == "notify_on_release":
	case strings.Contains(" cpu cpuacct cpuset io blkio memory devices pids freezer hugetlb rdma misc net_cls net_prio perf_event bpf-firewall bpf-devices ", " "+first+" "):
	default:
		return unit
	}
	return "_" + unit
}
