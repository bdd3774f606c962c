// Package rdt puts containers into groups of the resctrl file system, which shares
// out caches and memory bandwidth: Intel RDT, AMD's and Arm's likewise (runtime-spec,
// config-linux.md, "IntelRdt"; the kernel's Documentation/filesystems/resctrl.rst).
//
// The order of calls for a new container is New, Record (saved to disk), Create, Join,
// and Undo if the container is not to be. Every other command begins with Open.
package rdt

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

// Record is what the container's state keeps: enough for another process to join
// the group and to remove it. It is complete before anything is made.
type Record struct {
	// Root is the mount point of resctrl.
	Root string `json:"root"`
	// Dir is the group's directory.
	Dir string `json:"dir"`
	// Made says that the directory is the container's own, which ends with it.
	Made bool `json:"made,omitempty"`
	// Monitor is the directory of the container's monitoring group, "" for none.
	Monitor string `json:"monitor,omitempty"`
}

// Group is one container's group. It is not safe for concurrent use.
type Group struct {
	rec     Record
	conf    specs.LinuxIntelRdt
	missing bool // Dir was not there when New looked
	made    []string
}

const field = "linux.intelRdt"

// New looks at the place of a container's group below root, the mount point of
// resctrl. It touches nothing.
func New(root, id string, conf *specs.LinuxIntelRdt) (*Group, error) {
	g := &Group{conf: *conf, rec: Record{Root: root}}
	name := conf.ClosID
	if name == "" {
		name = id
	}
	if reserved(name) {
		return nil, fmt.Errorf("%s.closID: %q, the container's id, is a directory of resctrl itself: %w", field, name, unix.EEXIST)
	}
	g.rec.Dir = filepath.Join(root, name)
	err := unix.Access(g.rec.Dir, unix.F_OK)
	switch g.missing = errors.Is(err, unix.ENOENT); {
	case err != nil && !g.missing:
		return nil, fmt.Errorf("%s: look for %s: %w", field, g.rec.Dir, err)
	case g.missing && conf.ClosID != "" && len(g.lines()) == 0:
		return nil, fmt.Errorf("%s.closID: %s must be there, as there is no schema to make it with: %w", field, g.rec.Dir, err)
	}
	g.rec.Made = g.missing && conf.ClosID == ""
	if conf.EnableMonitoring {
		g.rec.Monitor = filepath.Join(g.rec.Dir, "mon_groups", id)
		if err := unix.Access(g.rec.Monitor, unix.F_OK); err == nil {
			return nil, fmt.Errorf("%s.enableMonitoring: %s is another's: %w", field, g.rec.Monitor, unix.EEXIST)
		}
	}
	return g, nil
}

// reserved names are files and directories of the file system's own root.
func reserved(name string) bool {
	switch name {
	case "info", "mon_groups", "mon_data", "schemata", "tasks", "cpus", "cpus_list", "mode", "size":
		return true
	}
	return false
}

// Open returns the group of a recorded container.
func Open(r Record) *Group { return &Group{rec: r} }

// Record returns what to keep on disk. Save it before Create.
func (g *Group) Record() Record { return g.rec }

// Create makes the group, sets its schemata and makes the monitoring group.
func (g *Group) Create() error {
	if g.missing {
		if err := g.mkdir(g.rec.Dir); err != nil {
			return fmt.Errorf("%s: %w", field, err)
		}
	} else if g.conf.ClosID != "" {
		if err := g.compare(); err != nil {
			return err
		}
	}
	for _, l := range g.lines() {
		if err := g.write("schemata", l.text); err != nil {
			return fmt.Errorf("%s.%s: %w", field, l.field, err)
		}
	}
	if g.rec.Monitor != "" {
		if err := g.mkdir(g.rec.Monitor); err != nil {
			return fmt.Errorf("%s.enableMonitoring: %w", field, err)
		}
	}
	return nil
}

// line is one line of schemata, and the field that it comes from.
type line struct{ field, text string }

// lines are those of the config, in the order in which they are to be written.
func (g *Group) lines() (all []line) {
	for _, l := range [...]line{{"l3CacheSchema", g.conf.L3CacheSchema}, {"memBwSchema", g.conf.MemBwSchema}} {
		if strings.TrimSpace(l.text) != "" {
			all = append(all, l)
		}
	}
	for i, s := range g.conf.Schemata {
		if strings.TrimSpace(s) != "" {
			all = append(all, line{fmt.Sprintf("schemata[%d]", i), s})
		}
	}
	return all
}

// Join moves a process, which is to have one thread, into the group; children
// that it gets are in it as well. Where the group is gone the error is ENOENT.
func (g *Group) Join(pid int) error {
	for _, dir := range [...]string{g.rec.Dir, g.rec.Monitor} {
		if dir == "" {
			continue
		}
		if err := g.writeTo(dir, "tasks", fmt.Sprint(pid)); err != nil {
			return fmt.Errorf("%s: move process %d: %w", field, pid, err)
		}
	}
	return nil
}

// Update changes the schemata of a running container; an empty one stays as it is.
func (g *Group) Update(l3CacheSchema, memBwSchema string) error {
	g.conf = specs.LinuxIntelRdt{L3CacheSchema: l3CacheSchema, MemBwSchema: memBwSchema}
	for _, l := range g.lines() {
		if err := g.write("schemata", l.text); err != nil {
			return fmt.Errorf("%s.%s: %w", field, l.field, err)
		}
	}
	return nil
}

// Destroy removes what is the container's own: its monitoring group, and its group
// unless it has one by closID or had found it there. What is gone is no error.
func (g *Group) Destroy() error {
	dirs := []string{g.rec.Monitor}
	if g.rec.Made {
		dirs = append(dirs, g.rec.Dir)
	}
	return remove(dirs)
}

// Undo removes what Create made, a group by closID included.
func (g *Group) Undo() error {
	dirs := g.made
	g.made = nil
	for i, k := 0, len(dirs)-1; i < k; i, k = i+1, k-1 {
		dirs[i], dirs[k] = dirs[k], dirs[i]
	}
	return remove(dirs)
}

func remove(dirs []string) error {
	var errs []error
	for _, dir := range dirs {
		if dir == "" {
			continue
		}
		if err := unix.Rmdir(dir); err != nil && !errors.Is(err, unix.ENOENT) {
			errs = append(errs, fmt.Errorf("%s: remove %s: %w", field, dir, err))
		}
	}
	return errors.Join(errs...)
}
