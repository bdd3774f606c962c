package v2

import (
	"errors"
	"fmt"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/creel-project/creel/libcontainer/cgroups/cgfs"
	"github.com/creel-project/creel/libcontainer/cgroups/driver"
)

// Open returns the group of a record.
func Open(r driver.Record) (*Group, error) {
	dir := r.Dirs[""]
	mount, ok := strings.CutSuffix(dir, r.Path)
	if !ok || cgfs.Clean(dir) != dir || len(r.Path) < 2 {
		return nil, fmt.Errorf("recorded cgroup %q does not end in %q, its path below the mount", dir, r.Path)
	}
	return &Group{record: r, mount: cgfs.Clean(mount), recorded: true}, nil
}

// Record implements driver.Group.
func (g *Group) Record() driver.Record { return g.record }

// hostDir is the cgroup's absolute directory.
func (g *Group) hostDir() string { return g.record.Dirs[""] }

// opened returns the directory, which another process may have made.
func (g *Group) opened() (*cgfs.Dir, error) {
	if g.dir != nil {
		return g.dir, nil
	}
	if g.absent != nil {
		return nil, g.absent
	}
	dir, err := cgfs.Open(g.hostDir())
	if errors.Is(err, unix.ENOENT) {
		return nil, fmt.Errorf("%s: %w", g.hostDir(), driver.ErrNoCgroup)
	}
	if err != nil {
		return nil, err
	}
	if err := g.checkOwner(dir); err != nil {
		dir.Close()
		return nil, err
	}
	g.dir = dir
	return dir, nil
}

// checkOwner refuses a cgroup at the recorded path that is not the container's.
func (g *Group) checkOwner(dir *cgfs.Dir) error {
	if g.record.Token == "" {
		return nil
	}
	switch dir.OwnerOf(".", g.record.Token) {
	case cgfs.Nobody, cgfs.Another:
		return fmt.Errorf("%s is not the container's: %w", g.hostDir(), driver.ErrNoCgroup)
	}
	return nil
}

func (g *Group) openRoot() (*cgfs.Dir, error) {
	if g.root != nil {
		return g.root, nil
	}
	root, err := cgfs.Open(g.mount)
	if err == nil {
		g.root = root
	}
	return root, err
}
