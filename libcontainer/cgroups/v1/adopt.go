package v1

import (
	"errors"
	"strings"

	"github.com/creel-project/creel/libcontainer/cgroups/cgfs"
)

// Adopt takes the cgroups of a process for the container's: systemd made them, and handed them over with that process in them.
// Where it made none, because it uses no controller of the hierarchy, one is made at the same path.
func (g *Group) Adopt(pid int) error {
	text, err := cgfs.ProcCgroup(pid)
	if err != nil {
		return err
	}
	path, err := cgfs.Adoptable(text, "name=systemd", g.record.Path)
	if err != nil {
		return err
	}
	g.adopting, g.created, g.record.Path = true, true, path
	for _, h := range g.hierarchies {
		h.hostDir = strings.TrimSuffix(h.mount, "/") + path
		g.record.Dirs[h.key] = h.hostDir
		if err := g.create(h); err != nil {
			return err
		}
	}
	if g.unified != nil {
		if err := g.unified.AdoptAt(path); err != nil {
			return err
		}
		g.record.Dirs[""] = g.unified.Record().Dirs[""]
	}
	return g.Join(pid, false)
}

// AroundDevices makes a change after which systemd has written the list of devices anew, beginning with "deny all". Meanwhile
// the processes stand still, and what was in the list is in it again. (Exceptions from "allow all" are not in it.)
func (g *Group) AroundDevices(change func() error) (err error) {
	h := g.controller("devices")
	if h == nil || h.absent != nil {
		return change()
	}
	dir, err := h.opened()
	if err != nil {
		return err
	}
	before, err := dir.Read("devices.list")
	if err != nil {
		return err
	}
	if frozen, ferr := g.Frozen(); ferr == nil && !frozen {
		if err := g.Freeze(); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, g.Thaw()) }()
	}
	err = change()
	return errors.Join(err, writeList(dir, before))
}

// writeList makes a list of devices what it was.
func writeList(dir *cgfs.Dir, before string) error {
	if before != allowsAll {
		return makeList(dir, strings.FieldsFuncSeq(before, func(r rune) bool { return r == '\n' }))
	}
	now, err := dir.Read("devices.list")
	if err != nil || now == allowsAll {
		return err
	}
	return dir.Write(allowFile, "a")
}
