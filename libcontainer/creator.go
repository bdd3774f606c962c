package libcontainer

import (
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// endCreator ends a runtime that is still creating this container, and the
// hooks that it runs. Its init goes by itself, as it reads the end of their
// socket.
func (c *Container) endCreator() error {
	creator := c.rec.CreatorPid
	if c.rec.Pid != 0 || creator == 0 {
		return nil
	}
	fd, err := unix.PidfdOpen(creator, 0)
	if err != nil {
		return nil // gone
	}
	defer unix.Close(fd)
	ticks, err := startTime(creator)
	if err != nil || ticks != c.rec.CreatorStart {
		return nil
	}
	// A stopped runtime starts no further hook while we look for them.
	_ = unix.PidfdSendSignal(fd, unix.SIGSTOP, nil, 0)
	for _, pid := range childGroups(creator) {
		_ = unix.Kill(-pid, unix.SIGKILL)
	}
	return killAndWait(fd, creator, func() {})
}

// childGroups lists the children of a process that lead a process group of
// their own, as hooks do.
func childGroups(parent int) (pids []int) {
	proc, err := os.Open("/proc")
	if err != nil {
		return nil
	}
	defer proc.Close()
	names, _ := proc.Readdirnames(-1)
	for _, name := range names {
		pid, err := strconv.Atoi(name)
		if err != nil {
			continue
		}
		p, err := readStat(pid) // its parent and its process group are fields 4 and 5
		if err == nil && p.field(4) == strconv.Itoa(parent) && p.field(5) == name {
			pids = append(pids, pid)
		}
	}
	return pids
}
