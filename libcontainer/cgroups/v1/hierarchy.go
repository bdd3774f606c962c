package v1

import (
	"errors"
	"fmt"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/creel-project/creel/libcontainer/cgroups/cgfs"
	"github.com/creel-project/creel/libcontainer/cgroups/driver"
)

// hierarchy is the container's cgroup in one v1 hierarchy.
type hierarchy struct {
	key     string // "cpu,cpuacct", "name=systemd"
	mount   string // absolute mount point
	hostDir string // absolute directory of the cgroup
	token   string // marks it as the container's

	dir    *cgfs.Dir // once it was made or found
	absent error     // why a rootless caller has none
}

// path is the cgroup below the mount point, "" if it does not lie there.
func (h *hierarchy) path() string {
	rest, ok := strings.CutPrefix(h.hostDir, strings.TrimSuffix(h.mount, "/"))
	if !ok || rest == "" || rest[0] != '/' {
		return ""
	}
	return rest
}

// controller returns the hierarchy that a controller is mounted on, or nil.
func (g *Group) controller(name string) *hierarchy {
	for _, h := range g.hierarchies {
		for controller := range strings.SplitSeq(h.key, ",") {
			if controller == name {
				return h
			}
		}
	}
	return nil
}

// opened returns the directory, which another process may have made.
func (h *hierarchy) opened() (*cgfs.Dir, error) {
	if h.dir != nil {
		return h.dir, nil
	}
	if h.absent != nil {
		return nil, h.absent
	}
	dir, err := cgfs.Open(h.hostDir)
	if errors.Is(err, unix.ENOENT) {
		return nil, fmt.Errorf("%s: %w", h.hostDir, driver.ErrNoCgroup)
	}
	if err != nil {
		return nil, err
	}
	if owner := h.owner(dir, "."); owner == cgfs.Nobody || owner == cgfs.Another {
		dir.Close()
		return nil, fmt.Errorf("%s is not the container's: %w", h.hostDir, driver.ErrNoCgroup)
	}
	h.dir = dir
	return dir, nil
}

// owner tells whose the cgroup of that name in dir is; without a token it is taken to be the container's.
func (h *hierarchy) owner(dir *cgfs.Dir, name string) cgfs.Owner {
	if h.token == "" {
		return cgfs.Mine
	}
	return dir.OwnerOf(name, h.token)
}
