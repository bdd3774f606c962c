package v2

import (
	"errors"
	"fmt"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/creel-project/creel/libcontainer/cgroups/cgfs"
	"github.com/creel-project/creel/libcontainer/cgroups/driver"
)

// Sub implements driver.Group.
func (g *Group) Sub(path string, controllers ...string) (driver.Group, error) {
	if len(controllers) > 0 {
		return nil, fmt.Errorf("cgroup v2 has one path for all controllers, not one for %s: %w", strings.Join(controllers, ","), unix.EINVAL)
	}
	path = cgfs.Clean(path)
	if path == "/" {
		path = ""
	}
	return g.at(g.record.Path + path)
}

// OfProcess implements driver.Group.
func (g *Group) OfProcess(pid int) (driver.Group, error) {
	text, err := cgfs.ProcCgroup(pid)
	if err != nil {
		return nil, err
	}
	path, ok := cgfs.OwnPath(text, "")
	if !ok {
		return nil, fmt.Errorf("process %d is in no cgroup v2: %w", pid, driver.ErrNoCgroup)
	}
	if path == "/" || strings.HasPrefix(path, "/..") {
		return nil, fmt.Errorf("process %d is in the cgroup %s, outside of what is mounted on %s: %w", pid, path, g.mount, driver.ErrNoCgroup)
	}
	return g.at(path)
}

// at returns the existing cgroup at a path below the mount.
func (g *Group) at(path string) (driver.Group, error) {
	root, err := g.openRoot()
	if err != nil {
		return nil, err
	}
	dir, err := root.Descend(path)
	if errors.Is(err, unix.ENOENT) {
		return nil, fmt.Errorf("%w: %w", driver.ErrNoCgroup, err)
	}
	if err != nil {
		return nil, err
	}
	return &Group{
		mount: g.mount,
		dir:   dir,
		record: driver.Record{
			Driver:   g.record.Driver,
			Path:     path,
			Dirs:     map[string]string{"": dir.Path()},
			Existed:  []string{""}, // not this Group's to remove
			Rootless: g.record.Rootless,
		},
		warnings: g.warnings,
	}, nil
}

// Chown implements driver.Group.
func (g *Group) Chown(uid, gid int) error {
	if g.absent != nil {
		return nil
	}
	dir, err := g.opened()
	if err != nil {
		return err
	}
	if err := dir.Chown("", uid, gid); err != nil {
		return err
	}
	for name := range strings.FieldsSeq(cgfs.Delegated()) {
		if err := dir.Chown(name, uid, gid); err != nil && !errors.Is(err, unix.ENOENT) {
			return err
		}
	}
	return nil
}
