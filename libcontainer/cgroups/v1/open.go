package v1

import (
	"fmt"
	"maps"
	"slices"

	"github.com/creel-project/creel/libcontainer/cgroups/cgfs"
	"github.com/creel-project/creel/libcontainer/cgroups/driver"
	v2 "github.com/creel-project/creel/libcontainer/cgroups/v2"
)

// Open returns the group of a record.
func Open(r driver.Record) (*Group, error) {
	g := &Group{record: r, recorded: true}
	for _, key := range slices.Sorted(maps.Keys(r.Dirs)) {
		h := &hierarchy{key: key, mount: r.Mounts[key], hostDir: r.Dirs[key], token: r.Token}
		if cgfs.Clean(h.hostDir) != h.hostDir || len(h.path()) < 2 {
			return nil, fmt.Errorf("recorded cgroup %q of %q is no directory below its mount point %q", h.hostDir, key, h.mount)
		}
		if key != "" {
			g.hierarchies = append(g.hierarchies, h)
			continue
		}
		var err error
		if g.unified, err = v2.Open(unifiedPart(r)); err != nil {
			return nil, err
		}
	}
	return g, nil
}

// unifiedPart is the record of the cgroup2 hierarchy alone.
func unifiedPart(r driver.Record) driver.Record {
	part := driver.Record{Driver: v2.Name, Path: r.Path, Dirs: map[string]string{"": r.Dirs[""]}, Token: r.Token, Rootless: r.Rootless}
	if slices.Contains(r.Existed, "") {
		part.Existed = []string{""}
	}
	return part
}

// Record implements driver.Group.
func (g *Group) Record() driver.Record { return g.record }
