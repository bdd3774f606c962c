package v2

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/creel-project/creel/libcontainer/cgroups/cgfs"
)

// setting is one value on its way from config.json to a file.
type setting struct {
	field string // "memory.limit", below linux.resources
	value any    // as config.json has it
	file  string
	text  string // what the file gets
}

func (s setting) fail(err error) error {
	return fmt.Errorf("linux.resources.%s %v: %w", s.field, s.value, err)
}

// set writes a setting. If the file is missing, it enables the controller first. "No limit" needs neither.
func (g *Group) set(s setting) error {
	err := g.write(s.file, s.text)
	if err == nil {
		return nil
	}
	if s.text == cgfs.Max && (errors.Is(err, errNotOffered) || g.absent != nil) {
		return nil
	}
	return s.fail(err)
}

func (g *Group) write(file, text string) error {
	dir, err := g.opened()
	if err != nil {
		return err
	}
	err = g.journal.Write(dir, file, text)
	if !errors.Is(err, unix.ENOENT) {
		return err
	}
	controller, _, _ := strings.Cut(file, ".")
	if controller == "cgroup" {
		return err
	}
	enabled, readErr := dir.Read("cgroup.controllers")
	if readErr != nil {
		return readErr
	}
	if hasWord(enabled, controller) {
		return fmt.Errorf("the controller %s of this kernel or machine has no such setting: %w", controller, err)
	}
	if err := g.require(controller); err != nil {
		return err
	}
	return g.journal.Write(dir, file, text)
}

var errNegative = errors.New("a limit is -1 (unlimited) or not negative")

// limitText writes a limit in which -1 means unlimited.
func limitText(n int64) string {
	if n < 0 {
		return cgfs.Max
	}
	return strconv.FormatInt(n, 10)
}
