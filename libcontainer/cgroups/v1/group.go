// Package v1 keeps containers in cgroup v1 hierarchies, all of them, named ones and a hybrid machine's cgroup2
// included (Linux's Documentation/admin-guide/cgroup-v1).
package v1

import (
	"fmt"
	"strings"

	"github.com/creel-project/creel/libcontainer/cgroups/cgfs"
	"github.com/creel-project/creel/libcontainer/cgroups/discover"
	"github.com/creel-project/creel/libcontainer/cgroups/driver"
	v2 "github.com/creel-project/creel/libcontainer/cgroups/v2"
)

// Name is the driver's name in a record.
const Name = "v1"

// Group is one container's cgroups. It implements driver.Group.
type Group struct {
	record   driver.Record
	warnings func(string)

	recorded bool // by Open: another process called Create, or did not come to it
	created  bool // by Create: the cgroups are the container's
	adopting bool // by Adopt: what is there was made for the container

	journal *cgfs.Journal // of Update, else nil

	hierarchies []*hierarchy // of v1, in mount order
	unified     *v2.Group    // the one of v2 on a hybrid machine, else nil
}

var _ driver.Group = (*Group)(nil)

// New returns the group for a container in the hierarchies that were found. A relative path lies below the caller's
// own cgroup, which differs from one hierarchy to the next.
func New(found []discover.Hierarchy, o driver.Options) (*Group, error) {
	wanted := driver.ContainerPath(o)
	g := &Group{
		record: driver.Record{
			Driver:   Name,
			Path:     cgfs.Clean(wanted),
			Dirs:     make(map[string]string, len(found)),
			Mounts:   make(map[string]string, len(found)),
			Token:    cgfs.NewToken(),
			Rootless: o.Rootless,
		},
		warnings: o.Warn,
	}
	for i := range found {
		f := &found[i]
		path := cgfs.Clean(wanted)
		if wanted[0] != '/' {
			path = cgfs.Clean(f.Own + path)
		}
		if path == "/" {
			return nil, fmt.Errorf("linux.cgroupsPath %q is the root of all cgroups: a container needs one of its own", o.CgroupsPath)
		}
		g.record.Dirs[f.Key] = strings.TrimSuffix(f.Mount, "/") + path
		g.record.Mounts[f.Key] = f.Mount
		if f.Key != "" {
			g.hierarchies = append(g.hierarchies, &hierarchy{key: f.Key, mount: f.Mount, hostDir: g.record.Dirs[f.Key]})
			continue
		}
		g.record.Path = path
		if err := g.newUnified(f.Mount, path, o); err != nil {
			return nil, err
		}
	}
	g.setToken(g.record.Token)
	return g, nil
}

func (g *Group) setToken(token string) {
	g.record.Token = token
	for _, h := range g.hierarchies {
		h.token = token
	}
}

func (g *Group) newUnified(mount, path string, o driver.Options) error {
	root, err := cgfs.Open(mount)
	if err != nil {
		return err
	}
	if g.unified, err = v2.New(root, path, o); err != nil {
		root.Close()
		return err
	}
	g.record.Token = g.unified.Record().Token // one for all
	return nil
}
