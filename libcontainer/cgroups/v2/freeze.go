package v2

import (
	"github.com/creel-project/creel/libcontainer/cgroups/cgfs"
	"github.com/creel-project/creel/libcontainer/cgroups/driver"
)

// freezeFile holds what the cgroup itself was asked for; cgroup.events tells what came of it, and of its parents.
const freezeFile = "cgroup.freeze"

// Freeze implements driver.Group.
func (g *Group) Freeze() error {
	dir, err := g.opened()
	if err != nil {
		return err
	}
	if err := dir.Write(freezeFile, "1"); err != nil {
		return err
	}
	err = dir.WaitEvent("frozen", "1", freezePatience)
	if err != nil {
		_ = dir.Write(freezeFile, "0") // half frozen is worse
	}
	return err
}

// Thaw implements driver.Group.
func (g *Group) Thaw() error {
	dir, err := g.opened()
	if err != nil {
		return err
	}
	return dir.Write(freezeFile, "0")
}

// Frozen implements driver.Group.
func (g *Group) Frozen() (bool, error) {
	dir, err := g.opened()
	if err != nil {
		return false, err
	}
	own, err := dir.Read(freezeFile)
	return own == "1", err
}

// Frozen says what Group.Frozen says, of a record.
func Frozen(r *driver.Record) (bool, error) {
	own, err := cgfs.Peek(r.Dirs[""] + "/" + freezeFile)
	return own == "1", err
}
