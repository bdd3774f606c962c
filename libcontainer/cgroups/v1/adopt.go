package v1

import (
	"fmt"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/creel-project/creel/libcontainer/cgroups/cgfs"
)

// Adopt takes the cgroups of a process for the container's: systemd made them, and handed them over with that process in them.
// Where it made none, because it uses no controller of the hierarchy, one is made at the same path.
func (g *Group) Adopt(pid int) error {
	text, err := cgfs.ProcCgroup(pid)
	if err != nil {
		return err
	}
	path, ok := cgfs.OwnPath(text, "name=systemd")
	if _, wanted := cgfs.Split(g.record.Path); ok {
		if _, name := cgfs.Split(path); name != wanted {
			return fmt.Errorf("process %d is in the cgroup %s, not in %s: %w", pid, path, wanted, unix.EXDEV)
		}
	}
	g.adopting, g.created, g.record.Path = true, true, path
	for _, h := range g.hierarchies {
		h.hostDir = strings.TrimSuffix(h.mount, "/") + path
		g.record.Dirs[h.key] = h.hostDir
		if err := g.makePath(h); err != nil {
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
