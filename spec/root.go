package spec

import (
	"errors"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// root checks that the root filesystem is a directory.
func (c *checker) root() {
	switch {
	case c.Root == nil:
		c.bad("root", "it is missing: a container has a root filesystem")
		return
	case c.Root.Path == "":
		c.bad("root.path", "it is missing; it takes the path of a directory")
		return
	}
	if !c.text("root.path", c.Root.Path) {
		return
	}
	path := c.Root.Path
	if !filepath.IsAbs(path) {
		path = filepath.Join(c.bundle, path)
	}
	var st unix.Stat_t
	err := unix.Stat(path, &st)
	if err == nil && st.Mode&unix.S_IFMT != unix.S_IFDIR {
		err = unix.ENOTDIR
	}
	if err != nil && !mayNotLook(err) {
		c.bad("root.path", "open root filesystem %s: %w", path, err)
	}
}

// mayNotLook tells whether an error is about the caller's privilege, which is not the
// config's fault.
func mayNotLook(err error) bool {
	return errors.Is(err, unix.EACCES) || errors.Is(err, unix.EPERM)
}
