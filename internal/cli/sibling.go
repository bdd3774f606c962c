package cli

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/creel-project/creel/internal/spawn"
	"golang.org/x/sys/unix"
)

// A sibling is a program of its own that `creel NAME` runs, as git does: creel-NAME, from creel's own directory or else
// from PATH. It may link what a runtime may not.
type sibling struct{ name, usage string }

var siblings = [...]sibling{
	{"bundle", "makes a bundle of a container, an image or a root filesystem (creel-bundle)"},
	{"netns", "gives containers a network, as a hook, and manages their bridges (creel-netns)"},
}

// siblingNamed returns nil if name is none.
func siblingNamed(name string) *sibling {
	for i := range siblings {
		if siblings[i].name == name {
			return &siblings[i]
		}
	}
	return nil
}

// exec becomes the program, and returns only if it cannot.
func (s *sibling) exec(args []string) error {
	program := "creel-" + s.name
	path, looked := spawn.Beside(program)
	err := errors.New("it is not in " + strings.Join(looked, ", "))
	if path != "" {
		err = unix.Exec(path, append([]string{program}, args...), os.Environ())
	}
	return fmt.Errorf("creel %s is the program %s: %w", s.name, program, err)
}
