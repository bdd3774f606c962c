package machine

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/creel-project/creel/libcontainer/cgroups/discover"
	"golang.org/x/sys/unix"
)

// SharedMemory returns where this mount namespace has the file system that a process has at /dev/shm. What is mounted in
// the process's namespace only cannot be bound from here, by no path (mount(2), EINVAL).
func (*Machine) SharedMemory(pid int) (string, error) {
	const dir = "/dev/shm"
	theirs, err := mountsOf(fmt.Sprint(pid))
	if err != nil {
		return "", err
	}
	ours, err := mountsOf("self")
	if err != nil {
		return "", err
	}
	var shared mounted
	for _, m := range theirs {
		if m.point == dir {
			shared = m // the last one is on top
		}
	}
	if shared.point == "" {
		return "", fmt.Errorf("process %d has no %s", pid, dir)
	}
	for _, m := range ours {
		var st unix.Stat_t
		if m.device != shared.device || m.root != shared.root || unix.Stat(m.point, &st) != nil {
			continue
		}
		if fmt.Sprintf("%d:%d", unix.Major(uint64(st.Dev)), unix.Minor(uint64(st.Dev))) == m.device { // nothing is on top of it
			return m.point, nil
		}
	}
	return "", errors.New("it is mounted in the container only, from where nothing can be bound")
}

// mounted is a mount: of a directory of a file system, in a place.
type mounted struct{ device, root, point string }

// mountsOf reads the mounts of a process (proc_pid_mountinfo(5)).
func mountsOf(process string) (all []mounted, err error) {
	text, err := os.ReadFile("/proc/" + process + "/mountinfo")
	if err != nil {
		return nil, err
	}
	for line := range strings.Lines(string(text)) {
		if f := strings.Fields(line); len(f) > 4 {
			all = append(all, mounted{f[2], discover.Unescape(f[3]), discover.Unescape(f[4])})
		}
	}
	return all, nil
}
