// Package leakcheck finds what a test of the runtime left behind: cgroups,
// mounts, processes, network namespaces, open files and state directories.
package leakcheck

import (
	"os"
	"strings"
	"time"
)

// patience is how long the kernel may take to finish what was asked of it:
// namespaces and cgroups of a dead process go away in their own time.
var patience = Patience("CREEL_LEAK_PATIENCE", 5*time.Second)

// Patience is how long to wait for what should happen: long, or what a variable of the
// environment says where tests are expected to fail.
func Patience(variable string, long time.Duration) time.Duration {
	if d, err := time.ParseDuration(os.Getenv(variable)); err == nil {
		return d
	}
	return long
}

// TB is the part of testing.TB that Check uses.
type TB interface {
	Helper()
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
	Cleanup(func())
}

// Check looks at the machine now and again when the test and the cleanups that
// it registered after this call have ended, and fails the test with the names of
// what is new. Call it first, and not in parallel tests. Entries of stateDirs
// (the runtime's --root) count as well, except those that begin with a dot or an @,
// which are caches.
func Check(t TB, stateDirs ...string) {
	t.Helper()
	check(t, patience, stateDirs)
}

func check(t TB, patience time.Duration, stateDirs []string) {
	t.Helper()
	before, err := Take(stateDirs...)
	if err != nil {
		t.Fatalf("look for leaks beforehand: %v", err)
	}
	t.Cleanup(func() {
		t.Helper()
		for deadline := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) {
			after, err := Take(stateDirs...)
			if err != nil {
				t.Errorf("look for leaks: %v", err)
				return
			}
			leaks := before.Leaks(after)
			if len(leaks) == 0 {
				return
			}
			if time.Now().After(deadline) {
				t.Errorf("left behind:\n  %s", strings.Join(leaks, "\n  "))
				return
			}
		}
	})
}

// A Snapshot is what a test could leave behind, at one moment. Each map goes from
// what identifies a thing to how it is described.
type Snapshot struct {
	cgroups, mounts, files, states map[string]string
	processes                      map[string]process
	namespaces                     map[string]bool // "net:[4026531840]" of every process
}

// Take looks at the machine.
func Take(stateDirs ...string) (*Snapshot, error) {
	mounts, err := readMounts()
	if err != nil {
		return nil, err
	}
	s := &Snapshot{
		cgroups: readCgroups(mounts),
		mounts:  map[string]string{},
		files:   readFiles(),
		states:  readStates(stateDirs),
	}
	for _, m := range mounts {
		s.mounts[m.id] = m.fstype + " on " + m.point
	}
	s.processes, s.namespaces, err = readProcesses()
	return s, err
}

// Leaks names everything in after that s does not have.
func (s *Snapshot) Leaks(after *Snapshot) (leaks []string) {
	added := func(kind string, old, current map[string]string) {
		for _, key := range sortedKeys(current) {
			if _, ok := old[key]; !ok {
				leaks = append(leaks, kind+" "+current[key])
			}
		}
	}
	added("cgroup", s.cgroups, after.cgroups)
	added("mount", s.mounts, after.mounts)
	added("open file", s.files, after.files)
	added("state", s.states, after.states)
	return append(leaks, s.newProcesses(after)...)
}
