package v1

import (
	"errors"
	"fmt"

	"golang.org/x/sys/unix"
)

// applySizes keeps limit ≤ memory+swap after every write, as the kernel demands: what grows is written from the top,
// what shrinks from the bottom.
func (g *Group) applySizes(limit, swap int64) error {
	if limit < -1 {
		return memory("limit", limit, "").fail(errNegative)
	}
	if swap < -1 {
		return memory("swap", swap, "").fail(errNegative)
	}
	if limit == -1 && swap == 0 && g.has(swapFile) {
		swap = -1 // all memory without all swap would be no "unlimited"
	}
	if swap == -1 && !g.has(swapFile) {
		swap = 0 // swap is not accounted, hence not limited
	}
	swapFirst := swap != 0 && limit != 0 && g.grows(swap)
	if swapFirst {
		if err := g.set(memory("swap", swap, swapFile)); err != nil {
			return err
		}
	}
	if limit != 0 {
		if err := g.applyLimit(limit); err != nil {
			return err
		}
	}
	if swap != 0 && !swapFirst {
		return g.set(memory("swap", swap, swapFile))
	}
	return nil
}

func (g *Group) has(file string) bool {
	h := g.controller("memory")
	if h == nil {
		return false
	}
	dir, err := h.opened()
	return err == nil && dir.Has(file)
}

// grows says whether a memory+swap limit is above the one in force.
func (g *Group) grows(swap int64) bool {
	now, ok := g.number(swapFile)
	return ok && (swap == -1 || uint64(swap) > now)
}

func (g *Group) number(file string) (uint64, bool) {
	h := g.controller("memory")
	if h == nil {
		return 0, false
	}
	dir, err := h.opened()
	if err != nil {
		return 0, false
	}
	n, _, err := dir.Uint(file)
	return n, err == nil
}

func (g *Group) applyLimit(limit int64) error {
	s := memory("limit", limit, limitFile)
	err := g.write(s)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, unix.EBUSY):
		usage, _ := g.number("memory.usage_in_bytes")
		peak, _ := g.number("memory.max_usage_in_bytes")
		err = fmt.Errorf("the limit is below the usage, which cannot be reclaimed: current usage %d, peak usage %d: %w", usage, peak, err)
	case errors.Is(err, unix.EINVAL):
		if swap, ok := g.number(swapFile); ok && uint64(limit) > swap {
			err = fmt.Errorf("the limit is above the limit %d on memory and swap together, which linux.resources.memory.swap raises: %w", swap, err)
		}
	}
	return s.fail(err)
}
