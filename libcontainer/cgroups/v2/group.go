// Package v2 keeps containers in cgroup v2: one tree for all controllers (Linux's Documentation/admin-guide/cgroup-v2.rst).
package v2

import (
	"errors"
	"strings"

	"github.com/creel-project/creel/libcontainer/cgroups/cgfs"
	"github.com/creel-project/creel/libcontainer/cgroups/devfilter"
	"github.com/creel-project/creel/libcontainer/cgroups/driver"
)

// Name is the driver's name in a record.
const Name = "v2"

// Group is one container's cgroup. It implements driver.Group.
type Group struct {
	record   driver.Record
	mount    string // absolute path of the cgroup2 mount
	warnings func(string)

	root *cgfs.Dir // the mount, once it was needed
	dir  *cgfs.Dir // the cgroup, once it was made or found

	recorded bool // by Open: another process called Create, or did not come to it
	created  bool // by Create: the cgroup is the container's
	fresh    bool // by Create: it is new, without a device filter

	filter *devfilter.Program // by PrepareDevices

	journal *cgfs.Journal // of Update, else nil

	absent error // why a rootless caller has no cgroup
}

var _ driver.Group = (*Group)(nil)

// New returns the group at a path below a cgroup2 mount. The path is cleaned and absolute. mount, if it is open
// already, becomes the Group's own.
func New(mount *cgfs.Dir, path string, o driver.Options) (*Group, error) {
	if path == "/" {
		return nil, errors.New(`linux.cgroupsPath "/" is the root of all cgroups: a container needs one of its own`)
	}
	return &Group{
		mount: mount.Path(),
		root:  mount,
		record: driver.Record{
			Driver:   Name,
			Path:     path,
			Dirs:     map[string]string{"": strings.TrimSuffix(mount.Path(), "/") + path},
			Token:    cgfs.NewToken(),
			Rootless: o.Rootless,
		},
		warnings: o.Warn,
	}, nil
}

// SpawnFD implements driver.Group.
func (g *Group) SpawnFD() (fd int, ok bool) {
	dir, err := g.opened()
	if err != nil {
		return -1, false
	}
	return dir.FD(), true
}

// Join implements driver.Group.
func (g *Group) Join(pid int, spawned bool) error {
	if spawned || g.absent != nil {
		return nil
	}
	dir, err := g.opened()
	if err != nil {
		return err
	}
	return dir.Join(pid)
}

// Absent says whether Create found that a rootless caller can have no cgroup.
func (g *Group) Absent() bool { return g.absent != nil }

// MountView implements driver.Group.
func (g *Group) MountView() (driver.MountView, error) {
	return driver.MountView{Version: 2, Hierarchies: []driver.Hierarchy{{HostDir: g.mount}}}, nil
}

// Close implements driver.Group.
func (g *Group) Close() error {
	g.dropFilter()
	g.dir.Close()
	g.root.Close()
	g.dir, g.root = nil, nil
	return nil
}
