package cgfs

import (
	"fmt"
	"strconv"
	"strings"
	"sync"

	"golang.org/x/sys/unix"
)

// ProcCgroup returns the text of /proc/PID/cgroup; pid 0 is the caller.
func ProcCgroup(pid int) (string, error) {
	name := "self"
	if pid != 0 {
		name = strconv.Itoa(pid)
	}
	return ReadHostFile("/proc/" + name + "/cgroup")
}

// OwnPath returns the path in a /proc/PID/cgroup text for the hierarchy with the given controller set, "" for
// cgroup v2.
func OwnPath(text, key string) (path string, ok bool) {
	for line := range strings.Lines(text) {
		_, rest, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ":")
		if controllers, path, found := strings.Cut(rest, ":"); found && controllers == key {
			return strings.TrimSuffix(path, " (deleted)"), true
		}
	}
	return "", false
}

// Adoptable returns the path in a /proc/PID/cgroup text for a hierarchy, as OwnPath does, if its last element is that of the
// path which was expected, and it lies below the root of the caller's view.
func Adoptable(text, key, expected string) (string, error) {
	path, ok := OwnPath(text, key)
	_, wanted := Split(expected)
	if _, name := Split(path); !ok || name != wanted || strings.HasPrefix(path, "/..") {
		return "", fmt.Errorf("the process is in the cgroup %q, not in one that is called %s: %w", path, wanted, unix.EXDEV)
	}
	return path, nil
}

// ReadHostFile returns the text of a file of the host's /proc or /sys.
func ReadHostFile(path string) (string, error) {
	fd, err := unix.Open(path, unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return "", fmt.Errorf("open %s: %w", path, err)
	}
	defer unix.Close(fd)
	text, err := readFD(fd)
	if err != nil {
		return "", fmt.Errorf("read %s: %w", path, err)
	}
	return text, nil
}

// Delegated returns the names of the cgroup files that belong to whom a cgroup is delegated (cgroups(7),
// /sys/kernel/cgroup/delegate, Linux 4.15; the fallback is the spec's).
func Delegated() string {
	text, err := ReadHostFile("/sys/kernel/cgroup/delegate")
	if err != nil {
		return "cgroup.procs cgroup.subtree_control cgroup.threads"
	}
	return text
}

// Chown changes the owner of a file of the cgroup, or of its directory if name is empty.
func (d *Dir) Chown(name string, uid, gid int) error {
	err := unix.Fchownat(d.fd, name, uid, gid, unix.AT_SYMLINK_NOFOLLOW|unix.AT_EMPTY_PATH)
	if err != nil {
		return fmt.Errorf("chown %s to %d:%d: %w", d.join(name), uid, gid, err)
	}
	return nil
}

// Number reads a decimal number, 0 if there is none.
func Number(text string) uint64 {
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// firstUserNamespace is the inode of the machine's own user namespace (USER_NS_INIT_INO of linux/nsfs.h, the same
// since 3.8).
const firstUserNamespace = 0xEFFFFFFD

// InUserNamespace says whether the caller is in another user namespace than the machine's first, which maps all ids to
// themselves. It looks once.
func InUserNamespace() bool { return inUserNamespace() }

var inUserNamespace = sync.OnceValue(func() bool {
	var st unix.Stat_t
	if unix.Stat("/proc/self/ns/user", &st) == nil && st.Ino == firstUserNamespace {
		return false
	}
	text, err := ReadHostFile("/proc/self/uid_map")
	if err != nil {
		return false
	}
	fields := strings.Fields(text)
	return len(fields) != 3 || fields[0] != "0" || fields[1] != "0" || fields[2] != "4294967295"
})
