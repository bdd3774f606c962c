// Package procstat reads /proc/PID/stat, by which a process is known for ever and by its state (proc(5)).
package procstat

import (
	"errors"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// Stat is what /proc/PID/stat says of a process (proc(5)).
type Stat struct {
	Name   string // of the program, at most 15 bytes
	fields string // the third one, the state's letter, and what follows
}

// Read looks at a process once.
func Read(pid int) (Stat, error) {
	var buf [1024]byte
	fd, err := unix.Open("/proc/"+strconv.Itoa(pid)+"/stat", unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return Stat{}, err
	}
	defer unix.Close(fd)
	n, err := unix.Read(fd, buf[:])
	if err != nil {
		return Stat{}, err
	}
	return parse(string(buf[:n]))
}

var errStat = errors.New("/proc/PID/stat is not as proc(5) says")

// parse finds its way by the first parenthesis and the last: the name may
// hold anything.
func parse(s string) (Stat, error) {
	from, to := strings.IndexByte(s, '('), strings.LastIndexByte(s, ')')
	if from < 0 || to < from {
		return Stat{}, errStat
	}
	return Stat{s[from+1 : to], strings.TrimSpace(s[to+1:])}, nil
}

// Field returns a field by its number in proc(5), from 3 on, and "" for one that is not there.
func (p Stat) Field(n int) string {
	rest, f := p.fields, ""
	for range n - 2 {
		f, rest, _ = strings.Cut(rest, " ")
	}
	return f
}

// Start is the moment that the process started at, in clock ticks since boot.
// Together with the pid it names one process for ever.
func (p Stat) Start() (ticks uint64, err error) {
	ticks, err = strconv.ParseUint(p.Field(22), 10, 64)
	if err != nil {
		return 0, errStat
	}
	return ticks, nil
}

// Lives says whether this is the process that started at a moment, and no zombie.
func (p Stat) Lives(start uint64) bool {
	ticks, err := p.Start()
	return err == nil && ticks == start && !p.Ended()
}

// Ended says whether nothing but its exit status is left of the process.
func (p Stat) Ended() bool {
	return strings.HasPrefix(p.fields, "Z") || strings.HasPrefix(p.fields, "X")
}

// Exiting says whether the process is on its way to be a zombie: it closes its
// files, and with them its sockets, before it is one.
func (p Stat) Exiting() bool {
	const pfExiting = 0x4 // include/linux/sched.h; stat shows the flags
	flags, err := strconv.ParseUint(p.Field(9), 10, 64)
	return err == nil && flags&pfExiting != 0
}

// Killed says whether a SIGKILL waits for the process: stat shows the signals that wait for its first thread.
func (p Stat) Killed() bool {
	waiting, err := strconv.ParseUint(p.Field(31), 10, 64)
	return err == nil && waiting&(1<<(unix.SIGKILL-1)) != 0
}

// StartTime returns the moment that a process started at.
func StartTime(pid int) (ticks uint64, err error) {
	p, err := Read(pid)
	if err != nil {
		return 0, err
	}
	return p.Start()
}
