package v2

import "github.com/creel-project/creel/libcontainer/cgroups/cgfs"

// applySwap comes before the memory limit: a limit that shrinks may then already swap as much as it shall.
func (g *Group) applySwap(swap, limit int64) error {
	if swap == 0 && limit == -1 {
		swap = -1 // all memory without all swap would be no "unlimited"
	}
	if swap == 0 {
		return nil
	}
	s := setting{"memory.swap", swap, "memory.swap.max", ""}
	if limit == 0 && swap > 0 {
		limit = g.currentLimit()
	}
	var err error
	if s.text, err = SwapMax(swap, limit); err != nil {
		return s.fail(err)
	}
	// Without swap accounting the file is missing: then nothing is swapped for whom it could matter.
	if s.text == cgfs.Max || s.text == "0" {
		if dir, err := g.opened(); err == nil && dir.Has("memory.max") && !dir.Has(s.file) {
			return nil
		}
	}
	return g.set(s)
}

// currentLimit is the memory limit in force, -1 for none.
func (g *Group) currentLimit() int64 {
	dir, err := g.opened()
	if err != nil {
		return -1
	}
	limit, limited, err := dir.Uint("memory.max")
	if err != nil || !limited || limit > 1<<63-1 {
		return -1
	}
	return int64(limit)
}
