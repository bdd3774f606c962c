package cgfs

import (
	"errors"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// Pids returns the processes of d and of every cgroup below it.
func (d *Dir) Pids() ([]int, error) {
	var pids []int
	err := d.Walk(func(sub *Dir) error {
		text, err := sub.Read("cgroup.procs")
		if errors.Is(err, unix.EOPNOTSUPP) {
			return nil // a threaded cgroup (v2): its domain lists the processes
		}
		if err != nil {
			return err
		}
		pids = appendPids(pids, text)
		return nil
	})
	return pids, err
}

// appendPids adds the pids of a cgroup.procs text. A process outside the reader's pid namespace is written as 0 there,
// which kill(2) would take for the caller's own process group: it is left out.
func appendPids(pids []int, text string) []int {
	for line := range strings.Lines(text) {
		pid, err := strconv.Atoi(strings.TrimSuffix(line, "\n"))
		if err == nil && pid > 0 {
			pids = append(pids, pid)
		}
	}
	return pids
}

// Describe names processes in a message, the first few of them by their pid.
func Describe(pids []int) string {
	if len(pids) == 0 {
		return "processes of another pid namespace"
	}
	text := "process"
	if len(pids) > 1 {
		text = strconv.Itoa(len(pids)) + " processes,"
	}
	for i, pid := range pids {
		if i == 5 {
			return text + " …"
		}
		text += " " + strconv.Itoa(pid)
	}
	return text
}
