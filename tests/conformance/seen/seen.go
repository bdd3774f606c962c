// Package seen is what the conformance suite's probe tells of its container.
package seen

import (
	"slices"
	"strings"

	"golang.org/x/sys/unix"
)

// A Report is what a process finds itself in.
type Report struct {
	Args, Env                   []string
	Cwd                         string
	UID, GID, Umask             int
	Groups                      []int
	Hostname, Domainname        string
	Machine                     string            // of uname(2)
	Status                      map[string]string // /proc/self/status
	OOMScoreAdj, UIDMap, GIDMap string
	Namespaces                  map[string]string // the links in /proc/self/ns
	Mounts                      []Mount
	Policy, Nice, Priority      int // sched_getattr(2)
	IOPrio                      int // ioprio_get(2)
	Terminal                    bool
	Rows, Columns               int
	Rlimits                     map[string][2]uint64 // soft and hard
}

// A Mount is a line of /proc/self/mountinfo.
type Mount struct {
	Point, Type    string
	Options, Super []string
	Propagation    []string // "shared:1", "master:2", "unbindable"
}

// Has says whether an option is set, for the mount or for its filesystem.
func (m Mount) Has(option string) bool {
	return slices.Contains(m.Options, option) || slices.Contains(m.Super, option)
}

// Propagates says whether one of the propagation's words begins so.
func (m Mount) Propagates(word string) bool {
	return slices.ContainsFunc(m.Propagation, func(p string) bool { return strings.HasPrefix(p, word) })
}

// At returns the uppermost mount at a place.
func (r Report) At(point string) (found Mount, ok bool) {
	for _, m := range r.Mounts {
		if m.Point == point {
			found, ok = m, true
		}
	}
	return found, ok
}

// Rlimits are the resource limits of Linux by their names in the config.
var Rlimits = map[string]int{
	"RLIMIT_AS": unix.RLIMIT_AS, "RLIMIT_CORE": unix.RLIMIT_CORE, "RLIMIT_CPU": unix.RLIMIT_CPU, "RLIMIT_DATA": unix.RLIMIT_DATA,
	"RLIMIT_FSIZE": unix.RLIMIT_FSIZE, "RLIMIT_LOCKS": unix.RLIMIT_LOCKS, "RLIMIT_MEMLOCK": unix.RLIMIT_MEMLOCK,
	"RLIMIT_MSGQUEUE": unix.RLIMIT_MSGQUEUE, "RLIMIT_NICE": unix.RLIMIT_NICE, "RLIMIT_NOFILE": unix.RLIMIT_NOFILE,
	"RLIMIT_NPROC": unix.RLIMIT_NPROC, "RLIMIT_RSS": unix.RLIMIT_RSS, "RLIMIT_RTPRIO": unix.RLIMIT_RTPRIO,
	"RLIMIT_RTTIME": unix.RLIMIT_RTTIME, "RLIMIT_SIGPENDING": unix.RLIMIT_SIGPENDING, "RLIMIT_STACK": unix.RLIMIT_STACK,
}
