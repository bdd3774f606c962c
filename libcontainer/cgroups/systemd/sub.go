package systemd

import (
	"errors"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/creel-project/creel/libcontainer/cgroups/cgfs"
	"github.com/creel-project/creel/libcontainer/cgroups/driver"
)

// sub is a cgroup below a scope, for exec.
type sub struct {
	driver.Group
	scope *Group
	path  string
}

// Sub implements driver.Group.
func (g *Group) Sub(path string, controllers ...string) (driver.Group, error) {
	below, err := g.Files.Sub(path, controllers...)
	if err != nil || !g.user {
		return below, err
	}
	return &sub{below, g, cgfs.Clean(path)}, nil
}

// SpawnFD implements driver.Group, see Group.SpawnFD.
func (s *sub) SpawnFD() (fd int, ok bool) { return -1, false }

// Join implements driver.Group.
func (s *sub) Join(pid int, spawned bool) error {
	err := s.Group.Join(pid, spawned)
	if !errors.Is(err, unix.EACCES) && !errors.Is(err, unix.EPERM) {
		return err
	}
	return s.scope.attach(pid, s.path)
}

// OfProcess implements driver.Group.
func (g *Group) OfProcess(pid int) (driver.Group, error) {
	other, err := g.Files.OfProcess(pid)
	if err != nil || !g.user {
		return other, err
	}
	below, ok := strings.CutPrefix(other.Record().Path, g.Files.Record().Path)
	if !ok {
		return other, nil // moved elsewhere
	}
	return &sub{other, g, cgfs.Clean(below)}, nil
}
