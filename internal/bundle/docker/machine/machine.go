// Package machine tells the mapping of a container's description what it has to know of the machine it runs on. It looks,
// and changes nothing.
package machine

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/creel-project/creel/hooks/netns/resolv"
	"github.com/creel-project/creel/internal/bundle/idmap"
	"github.com/creel-project/creel/internal/bundle/regular"
	"golang.org/x/sys/unix"
)

// A Machine is this one.
type Machine struct {
	// Pids are the process ids of containers by their names.
	Pids map[string]int
	// Ask asks Docker for the process id of a container; nil where nobody can be asked.
	Ask func(container string) (int, error)
	// CDIDirs are the directories of specifications of the Container Device Interface.
	CDIDirs []string
}

// Exists says whether there is something at a path.
func (*Machine) Exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// maxResolvConf is the size in bytes of the longest resolv.conf that is read.
const maxResolvConf = 1 << 20

// NameServers reads a file resolv.conf; without one that can be read there are none. A description names the file: it may be any other
// one, and neither keep the caller waiting nor have no end.
func (*Machine) NameServers(path string) []string {
	text, err := regular.Read(path, maxResolvConf)
	if err != nil {
		return nil
	}
	return resolv.Parse(string(text)).Servers
}

// Process returns the process id of a container that runs.
func (m *Machine) Process(container string) (int, error) {
	if pid, ok := m.Pids[container]; ok {
		return pid, nil
	}
	if m.Ask == nil {
		return 0, fmt.Errorf("the container's process is not known: give --join %s=PID", container)
	}
	return m.Ask(container)
}

// OwnUserNamespace compares a process's user namespace with this one's (namespaces(7)).
func (*Machine) OwnUserNamespace(pid int) (bool, error) {
	theirs, err := os.Readlink(fmt.Sprintf("/proc/%d/ns/user", pid))
	if err != nil {
		return false, err
	}
	own, err := os.Readlink("/proc/self/ns/user")
	return theirs == own, err
}

// Below resolves sub below dir. What leads out of it, by a link or by "..", is an error (openat2(2), RESOLVE_BENEATH).
func (*Machine) Below(dir, sub string) (string, error) {
	at, err := unix.Open(dir, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return "", fmt.Errorf("open %s: %w", dir, err)
	}
	defer unix.Close(at)
	fd, err := unix.Openat2(at, sub, &unix.OpenHow{
		Flags: unix.O_PATH | unix.O_CLOEXEC, Resolve: unix.RESOLVE_BENEATH | unix.RESOLVE_NO_MAGICLINKS,
	})
	if err != nil {
		return "", fmt.Errorf("open %s below %s: %w", sub, dir, err)
	}
	defer unix.Close(fd)
	return os.Readlink(fmt.Sprintf("/proc/self/fd/%d", fd))
}

// IDMaps makes a mount of its own of what is at path, and maps its ids.
func (*Machine) IDMaps(path string, tree bool) error {
	if tree {
		return idmap.ProbeTree(path)
	}
	return idmap.Probe(path)
}

// LockedOptions returns what a user namespace may not take away from the mount that holds path.
func (*Machine) LockedOptions(path string) (options []string) {
	var st unix.Statfs_t
	if unix.Statfs(filepath.Clean(path), &st) != nil {
		return nil
	}
	for _, f := range []struct {
		flag int64
		word string
	}{
		{unix.ST_RDONLY, "ro"}, {unix.ST_NOSUID, "nosuid"}, {unix.ST_NODEV, "nodev"}, {unix.ST_NOEXEC, "noexec"},
		{unix.ST_NOATIME, "noatime"}, {unix.ST_NODIRATIME, "nodiratime"},
	} {
		if int64(st.Flags)&f.flag != 0 {
			options = append(options, f.word)
		}
	}
	return options
}
