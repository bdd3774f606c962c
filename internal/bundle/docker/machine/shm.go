package machine

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/creel-project/creel/internal/mountinfo"
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
	var shared mountinfo.Mount
	for _, m := range theirs {
		if m.Point == dir {
			shared = m // the last one is on top
		}
	}
	if shared.Point == "" {
		return "", fmt.Errorf("process %d has no %s", pid, dir)
	}
	for _, m := range ours {
		var st unix.Stat_t
		if m.Device != shared.Device || m.Root != shared.Root || unix.Stat(m.Point, &st) != nil {
			continue
		}
		if fmt.Sprintf("%d:%d", unix.Major(uint64(st.Dev)), unix.Minor(uint64(st.Dev))) == m.Device { // nothing is on top of it
			return m.Point, nil
		}
	}
	return "", errors.New("it is mounted in the container only, from where nothing can be bound")
}

// mountsOf reads the mounts of a process.
func mountsOf(process string) (all []mountinfo.Mount, err error) {
	text, err := os.ReadFile("/proc/" + process + "/mountinfo")
	if err != nil {
		return nil, err
	}
	for line := range strings.Lines(string(text)) {
		if m, ok := mountinfo.Parse(line); ok {
			all = append(all, m)
		}
	}
	return all, nil
}
