package v1

import (
	"errors"
	"fmt"

	"golang.org/x/sys/unix"
)

// setting is one value on its way from config.json to a file.
type setting struct {
	field      string // "memory.limit", below linux.resources
	value      any    // as config.json has it
	controller string
	file       string
	text       string // what the file gets
}

func (s setting) fail(err error) error {
	return fmt.Errorf("linux.resources.%s %v: %w", s.field, s.value, err)
}

func (g *Group) set(s setting) error {
	if err := g.write(s); err != nil {
		return s.fail(err)
	}
	return nil
}

func (g *Group) write(s setting) error {
	h := g.controller(s.controller)
	if h == nil {
		return fmt.Errorf("the cgroup v1 controller %s is not mounted on this machine", s.controller)
	}
	dir, err := h.opened()
	if err != nil {
		return err
	}
	err = g.journal.Write(dir, s.file, s.text)
	if errors.Is(err, unix.ENOENT) {
		return fmt.Errorf("the controller %s of this kernel has no such setting: %w", s.controller, err)
	}
	return err
}

var errNegative = errors.New("a limit is -1 (unlimited) or not negative")
