package spec

import (
	"path"

	"github.com/opencontainers/runtime-spec/specs-go"
)

// isolation checks propagation, masks, labels and the personality.
func (c *checker) isolation() {
	l := c.linux
	switch l.RootfsPropagation {
	case "", "shared", "slave", "private", "unbindable", "rshared", "rslave", "rprivate", "runbindable":
	default:
		c.bad("linux.rootfsPropagation", "%q is not one of shared, slave, private, unbindable", l.RootfsPropagation)
	}
	c.insidePaths("linux.maskedPaths", l.MaskedPaths)
	c.insidePaths("linux.readonlyPaths", l.ReadonlyPaths)
	c.text("linux.mountLabel", l.MountLabel)
	if p := l.Personality; p != nil {
		switch p.Domain {
		case specs.PerLinux, specs.PerLinux32:
		default:
			c.bad("linux.personality.domain", "%q is not one of LINUX, LINUX32", p.Domain)
		}
		for i, f := range p.Flags {
			c.bad(at("linux.personality.flags", i), "%q is not possible: no flag is defined", f)
		}
	}
}

// insidePaths checks paths in the container. They need not exist.
func (c *checker) insidePaths(field string, paths []string) {
	for i, p := range paths {
		if !path.IsAbs(p) {
			c.bad(at(field, i), "%q is not an absolute path", p)
		} else if path.Clean(p) == "/" {
			c.bad(at(field, i), "%q is the whole of the container", p)
		}
	}
	c.texts(field, paths)
}
