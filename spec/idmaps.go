package spec

import (
	"math"
	"os"
	"strconv"

	"github.com/opencontainers/runtime-spec/specs-go"
)

// idMaps checks the maps of the user namespace, and that the process has ids in it
// (user_namespaces(7)).
func (c *checker) idMaps() {
	l := c.linux
	ns := c.namespace(specs.UserNamespace)
	for _, m := range [...]struct {
		field string
		maps  []specs.LinuxIDMapping
	}{{"linux.uidMappings", l.UIDMappings}, {"linux.gidMappings", l.GIDMappings}} {
		c.idMap(m.field, m.maps)
		switch {
		case ns == nil && len(m.maps) > 0:
			c.bad(m.field, "there is nothing to map: linux.namespaces has none of type \"user\"")
		case ns != nil && ns.Path == "" && len(m.maps) == 0:
			c.bad(m.field, "it is missing: a new user namespace maps ids of the container to ids of the host")
		}
	}
	if ns == nil || ns.Path != "" || c.Process == nil {
		return
	}
	c.mappedUser(&c.Process.User)
}

// mappedUser checks that the ids of the process have a meaning in its user namespace.
func (c *checker) mappedUser(u *specs.User) {
	l := c.linux
	c.mapped("process.user.uid", u.UID, "linux.uidMappings", l.UIDMappings)
	c.mapped("process.user.gid", u.GID, "linux.gidMappings", l.GIDMappings)
	for i, g := range u.AdditionalGids {
		if !isMapped(g, l.GIDMappings) {
			c.mapped(at("process.user.additionalGids", i), g, "linux.gidMappings", l.GIDMappings)
		}
	}
}

func (c *checker) mapped(field string, id uint32, mapsField string, maps []specs.LinuxIDMapping) {
	if len(maps) > 0 && id != noID && !isMapped(id, maps) {
		c.bad(field, "%d is not mapped by %s", id, mapsField)
	}
}

func isMapped(id uint32, maps []specs.LinuxIDMapping) bool {
	for _, m := range maps {
		if id >= m.ContainerID && uint64(id) < uint64(m.ContainerID)+uint64(m.Size) {
			return true
		}
	}
	return false
}

// idMap checks what writing a uid_map would refuse with EINVAL.
func (c *checker) idMap(field string, maps []specs.LinuxIDMapping) {
	const most = 340 // UID_GID_MAP_MAX_EXTENTS, Linux 4.15
	if len(maps) > most {
		c.bad(field, "%d ranges are more than the %d that the kernel takes", len(maps), most)
		return
	}
	size := 0
	for i, m := range maps {
		size += len(strconv.Itoa(int(m.ContainerID))) + len(strconv.Itoa(int(m.HostID))) + len(strconv.Itoa(int(m.Size))) + 3
		if m.Size == 0 {
			c.bad(at(field, i)+".size", "0 maps nothing; it takes the number of ids")
			continue
		}
		c.idRange(at(field, i), "containerID", m.ContainerID, m.Size)
		c.idRange(at(field, i), "hostID", m.HostID, m.Size)
		for k := range i {
			o := maps[k]
			if overlap(m.ContainerID, m.Size, o.ContainerID, o.Size) {
				c.bad(at(field, i)+".containerID", "%d to %d overlaps with %d to %d of %s[%d]", m.ContainerID, last(m.ContainerID, m.Size),
					o.ContainerID, last(o.ContainerID, o.Size), field, k)
			}
			if overlap(m.HostID, m.Size, o.HostID, o.Size) {
				c.bad(at(field, i)+".hostID", "%d to %d overlaps with %d to %d of %s[%d]", m.HostID, last(m.HostID, m.Size),
					o.HostID, last(o.HostID, o.Size), field, k)
			}
		}
	}
	if size >= os.Getpagesize() {
		c.bad(field, "%d bytes of text are more than the page (%d) that the kernel takes", size, os.Getpagesize())
	}
}

// idRange checks that a range ends before 4294967295, which is no id.
func (c *checker) idRange(field, name string, first, size uint32) {
	if uint64(first)+uint64(size) > math.MaxUint32 {
		c.bad(field+".size", "%d from %s %d on reaches beyond 4294967294, the last id", size, name, first)
	}
}

func last(first, size uint32) uint64 { return uint64(first) + uint64(size) - 1 }

func overlap(a, aSize, b, bSize uint32) bool {
	return aSize > 0 && bSize > 0 && uint64(a) <= last(b, bSize) && uint64(b) <= last(a, aSize)
}

// mountIDs checks the id maps of a mount (runtime-spec 1.3, config.md, "idmap").
func (c *checker) mountIDs(i int, m *specs.Mount, o *MountOptions, bind bool) {
	own := len(m.UIDMappings) > 0 || len(m.GIDMappings) > 0
	if !own && o.IDMap == "" {
		return
	}
	field := at("mounts", i)
	if !bind {
		c.bad(field, "ids are mapped on bind mounts only, and the options do not ask for one")
	}
	if own {
		if len(m.UIDMappings) == 0 {
			c.bad(field+".uidMappings", "it is missing, as gidMappings is given")
		}
		if len(m.GIDMappings) == 0 {
			c.bad(field+".gidMappings", "it is missing, as uidMappings is given")
		}
		c.idMap(field+".uidMappings", m.UIDMappings)
		c.idMap(field+".gidMappings", m.GIDMappings)
		return
	}
	ns := c.namespace(specs.UserNamespace)
	if ns != nil && ns.Path != "" {
		return // the maps are those of the namespace
	}
	if ns == nil || len(c.linux.UIDMappings) == 0 || len(c.linux.GIDMappings) == 0 {
		c.bad(field+".options", "%q has no map to apply: the mount has no uidMappings and gidMappings, and nor has the container", o.IDMap)
	}
}
