package devfilter

import (
	"errors"
	"fmt"

	"golang.org/x/sys/unix"

	"github.com/creel-project/creel/libcontainer/cgroups/devrules"
)

// Program is a loaded filter, which no cgroup has yet.
type Program struct {
	fd int // -1 for a policy that allows everything, which needs none
}

// Load loads the filter of a policy.
func Load(l devrules.List) (*Program, error) {
	if l.AllowsAll() {
		return &Program{-1}, nil
	}
	fd, err := load(encode(l))
	if err != nil {
		return nil, err
	}
	return &Program{fd}, nil
}

// Close releases the program; the cgroups that have it keep it.
func (p *Program) Close() {
	if p != nil && p.fd >= 0 {
		unix.Close(p.fd)
		p.fd = -1
	}
}

// Attach gives a new cgroup its filter.
func (p *Program) Attach(cgroup int) error {
	if p.fd < 0 {
		return nil
	}
	return attach(cgroup, p.fd, -1)
}

// Replace gives a cgroup another filter than it has. There is no moment without one, and programs of others stay.
func (p *Program) Replace(cgroup int) error {
	own, err := ownPrograms(cgroup)
	defer func() {
		for _, prog := range own {
			unix.Close(prog)
		}
	}()
	if err != nil {
		return err
	}
	rest := own
	if p.fd >= 0 {
		old := -1
		if len(own) > 0 {
			old, rest = own[0], own[1:]
		}
		if err := attach(cgroup, p.fd, old); err != nil {
			return err
		}
	}
	for _, prog := range rest {
		if err := detach(cgroup, prog); err != nil {
			return err
		}
	}
	return nil
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
