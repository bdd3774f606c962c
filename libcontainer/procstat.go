package libcontainer

import (
	"errors"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// procStat is what /proc/PID/stat says of a process (proc(5)).
type procStat struct {
	name   string // of the program, at most 15 bytes
	fields string // the third one, the state's letter, and what follows
}

// readStat looks at a process once.
func readStat(pid int) (procStat, error) {
	var buf [1024]byte
	fd, err := unix.Open("/proc/"+strconv.Itoa(pid)+"/stat", unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return procStat{}, err
	}
	defer unix.Close(fd)
	n, err := unix.Read(fd, buf[:])
	if err != nil {
		return procStat{}, err
	}
	return parseStat(string(buf[:n]))
}

var errStat = errors.New("/proc/PID/stat is not as proc(5) says")

// parseStat finds its way by the first parenthesis and the last: the name may
// hold anything.
func parseStat(s string) (procStat, error) {
	from, to := strings.IndexByte(s, '('), strings.LastIndexByte(s, ')')
	if from < 0 || to < from {
		return procStat{}, errStat
	}
	return procStat{s[from+1 : to], strings.TrimSpace(s[to+1:])}, nil
}

// field returns a field by its number in proc(5), from 3 on, and "" for one that is not there.
func (p procStat) field(n int) string {
	rest, f := p.fields, ""
	for range n - 2 {
		f, rest, _ = strings.Cut(rest, " ")
	}
	return f
}

// start is the moment that the process started at, in clock ticks since boot.
// Together with the pid it names one process for ever.
func (p procStat) start() (ticks uint64, err error) {
	ticks, err = strconv.ParseUint(p.field(22), 10, 64)
	if err != nil {
		return 0, errStat
	}
	return ticks, nil
}

// lives says whether this is the process that started at a moment, and no zombie.
func (p procStat) lives(start uint64) bool {
	ticks, err := p.start()
	return err == nil && ticks == start && !strings.HasPrefix(p.fields, "Z") && !strings.HasPrefix(p.fields, "X")
}

// exiting says whether the process is on its way to be a zombie: it closes its
// files, and with them its sockets, before it is one.
func (p procStat) exiting() bool {
	const pfExiting = 0x4 // include/linux/sched.h; stat shows the flags
	flags, err := strconv.ParseUint(p.field(9), 10, 64)
	return err == nil && flags&pfExiting != 0
}

// killed says whether a SIGKILL waits for the process: stat shows the signals that wait for its first thread.
func (p procStat) killed() bool {
	waiting, err := strconv.ParseUint(p.field(31), 10, 64)
	return err == nil && waiting&(1<<(unix.SIGKILL-1)) != 0
}

// startTime returns the moment that a process started at.
func startTime(pid int) (ticks uint64, err error) {
	p, err := readStat(pid)
	if err != nil {
		return 0, err
	}
	return p.start()
}
