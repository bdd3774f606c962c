package v2

import (
	"errors"
	"fmt"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/creel-project/creel/libcontainer/cgroups/cgfs"
)

// usual says whether a controller is enabled for every container, limits or not: those that engines read statistics
// from, and that systemd delegates to a container. Others (hugetlb, rdma, misc …) make each cgroup
// dearer to make and to remove, and are enabled when a limit needs them.
func usual(controller string) bool {
	switch controller {
	case "cpu", "cpuset", "io", "memory", "pids":
		return true
	}
	return false
}

// enableUsual enables the usual controllers for the children of a cgroup and reports whether there are any. That one cannot be
// enabled is no error yet: a limit that needs it meets the reason again in require.
func enableUsual(dir *cgfs.Dir) (some bool) {
	offered, err := dir.Read("cgroup.controllers")
	if err != nil {
		return false
	}
	var enabled, missing string
	for name := range strings.FieldsSeq(offered) {
		if !usual(name) {
			continue
		}
		if !some {
			some = true
			if enabled, err = dir.Read("cgroup.subtree_control"); err != nil {
				return false
			}
		}
		if !hasWord(enabled, name) {
			missing += " +" + name
		}
	}
	if missing == "" || dir.Write("cgroup.subtree_control", missing[1:]) == nil {
		return some
	}
	for word := range strings.FieldsSeq(missing) { // all or nothing: now one by one
		_ = dir.Write("cgroup.subtree_control", word)
	}
	return some
}

var errNotOffered = errors.New("is not available on cgroup v2 here")

// enable turns one controller on for the children of a cgroup.
func enable(dir *cgfs.Dir, controller string) error {
	err := dir.Write("cgroup.subtree_control", "+"+controller)
	if errors.Is(err, unix.EBUSY) {
		return fmt.Errorf("%s holds processes of its own, so that it cannot control the cgroups below it (no internal processes): %w", dir.Path(), err)
	}
	return err
}

// hasWord says whether a list of words separated by blanks holds word.
func hasWord(list, word string) bool {
	for w := range strings.FieldsSeq(list) {
		if w == word {
			return true
		}
	}
	return false
}
