package cli

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

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
	path, err := findProgram(program)
	if err == nil {
		err = unix.Exec(path, append([]string{program}, args...), os.Environ())
	}
	return fmt.Errorf("creel %s is the program %s: %w", s.name, program, err)
}

// findProgram looks beside creel and in the absolute directories of PATH for a file that may be executed.
func findProgram(name string) (string, error) {
	dirs := filepath.SplitList(os.Getenv("PATH"))
	if self, err := os.Executable(); err == nil {
		dirs = append([]string{filepath.Dir(self)}, dirs...)
	}
	looked := make([]string, 0, len(dirs))
	for _, dir := range dirs {
		if !filepath.IsAbs(dir) {
			continue
		}
		path := filepath.Join(dir, name)
		info, err := os.Stat(path)
		if err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0 {
			return path, nil
		}
		looked = append(looked, dir)
	}
	return "", errors.New("it is not in " + strings.Join(looked, ", "))
}
