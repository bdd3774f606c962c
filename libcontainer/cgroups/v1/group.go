// Package v1 keeps containers in cgroup v1 hierarchies, all of them, named ones and a hybrid machine's cgroup2
// included (Linux's Documentation/admin-guide/cgroup-v1).
package v1

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/creel-project/creel/libcontainer/cgroups/cgfs"
	"github.com/creel-project/creel/libcontainer/cgroups/discover"
	"github.com/creel-project/creel/libcontainer/cgroups/driver"
	"github.com/creel-project/creel/libcontainer/cgroups/v2"
)

// Name is the driver's name in a record.
const Name = "v1"

// Group is one container's cgroups. It implements driver.Group.
type Group struct {
	record   driver.Record
	warnings func(string)

	hierarchies []*hierarchy // of v1, in mount order
	unified     *v2.Group    // the one of v2 on a hybrid machine, else nil
}

var _ driver.Group = (*Group)(nil)

// hierarchy is the container's cgroup in one v1 hierarchy.
type hierarchy struct {
	key     string // "cpu,cpuacct", "name=systemd"
	mount   string // absolute mount point
	hostDir string // absolute directory of the cgroup

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
	return g, nil
}

func (g *Group) newUnified(mount, path string, o driver.Options) error {
	root, err := cgfs.Open(mount)
	if err != nil {
		return err
	}
	if g.unified, err = v2.New(root, path, o); err != nil {
		root.Close()
	}
	return err
}

// Open returns the group of a record.
func Open(r driver.Record) (*Group, error) {
	g := &Group{record: r}
	for _, key := range slices.Sorted(maps.Keys(r.Dirs)) {
		h := &hierarchy{key: key, mount: r.Mounts[key], hostDir: r.Dirs[key]}
		if cgfs.Clean(h.hostDir) != h.hostDir || len(h.path()) < 2 {
			return nil, fmt.Errorf("recorded cgroup %q of %q is no directory below its mount point %q", h.hostDir, key, h.mount)
		}
		if key != "" {
			g.hierarchies = append(g.hierarchies, h)
			continue
		}
		var err error
		if g.unified, err = v2.Open(unifiedPart(r, r.Existed)); err != nil {
			return nil, err
		}
	}
	return g, nil
}

// unifiedPart is the record of the cgroup2 hierarchy alone.
func unifiedPart(r driver.Record, existed []string) driver.Record {
	part := driver.Record{Driver: v2.Name, Path: r.Path, Dirs: map[string]string{"": r.Dirs[""]}, Rootless: r.Rootless}
	for _, key := range existed {
		if key == "" {
			part.Existed = []string{""}
		}
	}
	return part
}

// Record implements driver.Group.
func (g *Group) Record() driver.Record { return g.record }

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
	h.dir = dir
	return dir, nil
}

// SpawnFD implements driver.Group: on a hybrid machine a process can be born into the cgroup2 hierarchy, at least.
func (g *Group) SpawnFD() (fd int, ok bool) {
	if g.unified == nil {
		return -1, false
	}
	return g.unified.SpawnFD()
}

// Join implements driver.Group.
func (g *Group) Join(pid int, spawned bool) error {
	if g.unified != nil {
		if err := g.unified.Join(pid, spawned); err != nil {
			return err
		}
	}
	for _, h := range g.hierarchies {
		if h.absent != nil {
			continue
		}
		dir, err := h.opened()
		if err == nil {
			err = dir.Join(pid)
		}
		if err != nil {
			return fmt.Errorf("move process %d into the container's cgroup: %w", pid, err)
		}
	}
	return nil
}

// Chown implements driver.Group: delegation is not secure on cgroup v1 (runtime-spec, "Cgroup ownership").
func (g *Group) Chown(int, int) error { return nil }

// Close implements driver.Group.
func (g *Group) Close() error {
	for _, h := range g.hierarchies {
		h.dir.Close()
		h.dir = nil
	}
	if g.unified != nil {
		return g.unified.Close()
	}
	return nil
}
