package v1

import "fmt"

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
