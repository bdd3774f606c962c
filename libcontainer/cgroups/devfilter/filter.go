package devfilter

import (
	"errors"
	"fmt"

	"golang.org/x/sys/unix"

	"github.com/creel-project/creel/libcontainer/cgroups/devrules"
)

// Attach gives a new cgroup its filter. A policy that allows everything needs none.
func Attach(cgroup int, l devrules.List) error {
	return place(cgroup, l, -1)
}

// Replace gives a cgroup another filter than it has. There is no moment without one, and programs of others stay.
func Replace(cgroup int, l devrules.List) error {
	own, err := ownPrograms(cgroup)
	defer func() {
		for _, prog := range own {
			unix.Close(prog)
		}
	}()
	if err != nil {
		return err
	}
	replace := -1
	if len(own) > 0 && !l.AllowsAll() {
		replace = own[0]
	}
	if err := place(cgroup, l, replace); err != nil {
		return err
	}
	for _, prog := range own {
		if prog != replace {
			if err := detach(cgroup, prog); err != nil {
				return err
			}
		}
	}
	return nil
}

func place(cgroup int, l devrules.List, replace int) error {
	if l.AllowsAll() {
		return nil
	}
	prog, err := load(encode(l))
	if err != nil {
		return err
	}
	defer unix.Close(prog)
	return attach(cgroup, prog, replace)
}

// ownPrograms opens the device filters of the cgroup that creel attached. The fds are the caller's, after an error too.
func ownPrograms(cgroup int) ([]int, error) {
	ids, err := attached(cgroup)
	if err != nil {
		return nil, err
	}
	var own []int
	for _, id := range ids {
		prog, err := openProgram(id)
		if errors.Is(err, unix.ENOENT) {
			continue // gone since
		}
		if err != nil {
			return own, fmt.Errorf("open device filter %d: %w", id, err)
		}
		name, err := nameOf(prog)
		if err == nil && name == programName {
			own = append(own, prog)
			continue
		}
		unix.Close(prog)
		if err != nil {
			return own, err
		}
	}
	return own, nil
}
