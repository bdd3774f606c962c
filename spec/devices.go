package spec

import (
	"math"
	"path"
	"strings"

	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

// The kernel keeps 12 bits of a major number and 20 of a minor one.
const (
	maxMajor = 1<<12 - 1
	maxMinor = 1<<20 - 1
)

// devices checks the nodes to make (mknod(2)).
func (c *checker) devices() {
	for i := range c.linux.Devices {
		d := &c.linux.Devices[i]
		switch {
		case d.Path == "":
			c.bad(at("linux.devices", i)+".path", "it is missing; it takes an absolute path in the container")
		case !path.IsAbs(d.Path) || path.Clean(d.Path) == "/":
			c.bad(at("linux.devices", i)+".path", "%q is not the absolute path of a file", d.Path)
		case hasNUL(d.Path):
			c.text(at("linux.devices", i)+".path", d.Path)
		}
		switch d.Type {
		case "b", "c", "u":
			c.deviceNumber(at("linux.devices", i)+".major", d.Major, maxMajor)
			c.deviceNumber(at("linux.devices", i)+".minor", d.Minor, maxMinor)
		case "p":
		default:
			c.bad(at("linux.devices", i)+".type", "%q is not one of b (block), c or u (character), p (fifo)", d.Type)
		}
		if d.FileMode != nil && *d.FileMode&^(unix.S_IFMT|0o7777) != 0 {
			c.warn(at("linux.devices", i)+".fileMode", "%d has bits beyond 4095 (07777): they are ignored", uint32(*d.FileMode))
		}
		c.deviceOwner(at("linux.devices", i), d)
	}
}

func (c *checker) deviceNumber(field string, n, most int64) {
	if n < 0 || n > most {
		c.bad(field, "%d is not from 0 to %d", n, most)
	}
}

func (c *checker) deviceOwner(field string, d *specs.LinuxDevice) {
	if d.UID != nil && *d.UID == noID {
		c.bad(field+".uid", "%d is not the id of a user (credentials(7))", *d.UID)
	}
	if d.GID != nil && *d.GID == noID {
		c.bad(field+".gid", "%d is not the id of a group (credentials(7))", *d.GID)
	}
}

// deviceRules checks what the devices cgroup is to allow. The numbers are not those of
// nodes, which are smaller: -1 and what is left out stand for all.
func (c *checker) deviceRules(field string, rules []specs.LinuxDeviceCgroup) {
	for i := range rules {
		r := &rules[i]
		switch r.Type {
		case "", "a", "b", "c":
		default:
			c.bad(at(field, i)+".type", "%q is not one of a (all), b (block), c (character)", r.Type)
		}
		if strings.Trim(r.Access, "rwm") != "" {
			c.bad(at(field, i)+".access", "%q is not made of r (read), w (write), m (mknod)", r.Access)
		}
		for _, n := range [...]struct {
			name  string
			value *int64
		}{{".major", r.Major}, {".minor", r.Minor}} {
			if n.value != nil && (*n.value < -1 || *n.value > math.MaxUint32) {
				c.bad(at(field, i)+n.name, "%d is not from 0 to %d, or -1 for all", *n.value, uint32(math.MaxUint32))
			}
		}
	}
}
