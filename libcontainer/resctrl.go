package libcontainer

import (
	"errors"
	"fmt"

	"github.com/creel-project/creel/libcontainer/cgroups"
	"github.com/creel-project/creel/libcontainer/rdt"
	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

func (rt *Runtime) resctrlRoot() (string, error) {
	if rt.ResctrlRoot != "" {
		return rt.ResctrlRoot, nil
	}
	return rdt.Root()
}

// haveResctrl says whether linux.intelRdt can be done.
func haveResctrl() bool {
	_, err := rdt.Root()
	return err == nil
}

// resctrlGroup finds the place of the container's group for linux.intelRdt, nil for none.
func (b *boot) resctrlGroup() (*rdt.Group, error) {
	l := b.o.Spec.Linux
	if l == nil || l.IntelRdt == nil {
		return nil, nil
	}
	root, err := b.rt.resctrlRoot()
	if errors.Is(err, rdt.ErrNotMounted) {
		return nil, nil // the compiler refuses it, together with what else is wrong
	}
	if err != nil {
		return nil, fmt.Errorf("linux.intelRdt: %w", err)
	}
	return rdt.New(root, b.o.ID, l.IntelRdt)
}

// makeResctrl makes the group, which is recorded already.
func (b *boot) makeResctrl() error {
	if b.rdt == nil {
		return nil
	}
	return b.rdt.Create()
}

// joinResctrl puts init into the group while it has one thread and no child.
func (b *boot) joinResctrl() error {
	if b.rdt == nil {
		return nil
	}
	return b.rdt.Join(b.proc.Pid)
}

func (b *boot) undoResctrl() {
	if b.rdt == nil {
		return
	}
	if err := b.rdt.Undo(); err != nil {
		b.rt.warn(err.Error())
	}
}

func (c *Container) destroyResctrl() error {
	if c.rec.RDT == nil {
		return nil
	}
	return rdt.Open(*c.rec.RDT).Destroy()
}

// UpdateRDT changes the schemata of the container's resctrl group; an empty one stays
// as it is. A container without linux.intelRdt gets a group of its own, with all
// of its processes, as it would have had from the beginning.
func (c *Container) UpdateRDT(l3CacheSchema, memBwSchema string) error {
	if l3CacheSchema == "" && memBwSchema == "" {
		return nil
	}
	if err := c.take(); err != nil { // what delete must find is recorded
		return err
	}
	defer c.dir.Unlock()
	if c.rec.RDT != nil {
		return rdt.Open(*c.rec.RDT).Update(l3CacheSchema, memBwSchema)
	}
	root, err := c.rt.resctrlRoot()
	if err != nil {
		return fmt.Errorf("linux.intelRdt: %w", err)
	}
	g, err := rdt.New(root, c.id, &specs.LinuxIntelRdt{L3CacheSchema: l3CacheSchema, MemBwSchema: memBwSchema})
	if err != nil {
		return err
	}
	rec := g.Record()
	c.rec.RDT = &rec
	if err = c.dir.Write(c.rec); err == nil {
		err = g.Create()
	}
	if err == nil {
		err = c.joinAll(g)
	}
	if err != nil {
		c.rec.RDT = nil
		return errors.Join(err, g.Undo(), c.dir.Write(c.rec))
	}
	return nil
}

// joinAll moves every process of the container, again until there is no new one.
func (c *Container) joinAll(g *rdt.Group) error {
	cg, err := c.cgroup()
	if err != nil {
		return err
	}
	defer cg.Close()
	moved := map[int]bool{}
	for {
		pids, err := cg.Pids()
		if errors.Is(err, cgroups.ErrNoCgroup) {
			pids, err = []int{c.rec.Pid}, nil
		}
		if err != nil {
			return err
		}
		fresh := false
		for _, pid := range pids {
			if moved[pid] {
				continue
			}
			moved[pid], fresh = true, true
			if err := g.Join(pid); err != nil && !errors.Is(err, unix.ESRCH) {
				return err
			}
		}
		if !fresh {
			return nil
		}
	}
}
