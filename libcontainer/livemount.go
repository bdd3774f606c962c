package libcontainer

import (
	"errors"
	"fmt"
	"path"
	"slices"

	"github.com/creel-project/creel/libcontainer/compile"
	"github.com/creel-project/creel/spec"
	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

// AddMount attaches a mount to a container that is created or runs: what m says means
// what it means in a config, but no link may lead to its mount point, which is made if it is missing.
// The mount is remembered for RemoveMount. Where the container has a user namespace, its root
// cannot clear the flags that the source has on the host.
func (c *Container) AddMount(m specs.Mount) error {
	return c.changeMounts(func(s *specs.Spec) error {
		s.Mounts = []specs.Mount{m}
		warnings, err := spec.ValidateMount(s)
		for _, w := range warnings {
			c.rt.warn(w)
		}
		if err != nil {
			return err
		}
		if slices.Contains(c.rec.Mounts, path.Clean(m.Destination)) {
			return fmt.Errorf("mount on %s: there is one already: %w", m.Destination, unix.EEXIST)
		}
		c.rec.Mounts = append(c.rec.Mounts, path.Clean(m.Destination))
		draft, err := c.dir.Draft(c.rec) // first: a mount that nobody remembers could not be removed
		if err != nil {
			return err
		}
		user := compile.JoinFlags(s)&unix.CLONE_NEWUSER != 0
		w := c.newErrand(s)
		if err := w.run(func(in compile.Input, join uintptr) error {
			w.plan, err = compile.CompileAttach(in, compile.Attach{Join: join, Locked: user})
			return err
		}); err != nil {
			draft.Discard()
			return err
		}
		return draft.Commit()
	})
}

// RemoveMount detaches a mount that AddMount attached. Processes that use it keep what they
// have open.
func (c *Container) RemoveMount(dest string) error {
	return c.changeMounts(func(s *specs.Spec) error {
		dest = path.Clean("/" + dest)
		at := slices.Index(c.rec.Mounts, dest)
		if at < 0 {
			return fmt.Errorf("no mount was added on %s: %w", dest, unix.ENOENT)
		}
		w := c.newErrand(s)
		err := w.run(func(in compile.Input, join uintptr) (err error) {
			w.plan, err = compile.CompileDetach(in, join, dest)
			return err
		})
		// The container may have taken it away itself, with the directory.
		if err != nil && !errors.Is(err, unix.EINVAL) && !errors.Is(err, unix.ENOENT) {
			return err
		}
		c.rec.Mounts = slices.Delete(c.rec.Mounts, at, at+1)
		return c.dir.Write(c.rec)
	})
}

// changeMounts lets change change the container's mounts and the record of them. Its callers
// wait for each other.
func (c *Container) changeMounts(change func(*specs.Spec) error) error {
	unlock, err := c.dir.LockMounts()
	if err != nil {
		return err
	}
	defer unlock()
	rec, err := c.dir.Read()
	if err != nil {
		return err
	}
	c.rec = rec
	switch st := c.status(); st {
	case specs.StateStopped, specs.StateCreating:
		return fmt.Errorf("cannot change the mounts of a container in the %s state", st)
	}
	s, err := c.config()
	if err != nil {
		return err
	}
	if compile.JoinFlags(s)&unix.CLONE_NEWNS == 0 {
		return fmt.Errorf("linux.namespaces: the container shares the host's mounts: %w", unix.EINVAL)
	}
	if err := change(s); err != nil {
		if c.dir.Gone() {
			return ErrNotExist
		}
		return err
	}
	return nil
}
