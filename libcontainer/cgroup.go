package libcontainer

import (
	"slices"

	"github.com/creel-project/creel/libcontainer/cgroups"
	"github.com/creel-project/creel/spec"
	"github.com/opencontainers/runtime-spec/specs-go"
)

func (c *Container) cgroup() (cgroups.Group, error) { return cgroups.Open(c.rec.Cgroup) }

// withCgroup does something with the container's cgroup.
func (c *Container) withCgroup(do func(cgroups.Group) error) error {
	cg, err := c.cgroup()
	if err != nil {
		return err
	}
	defer cg.Close()
	return do(cg)
}

// ofCgroup asks the container's cgroup something.
func ofCgroup[T any](c *Container, ask func(cgroups.Group) (T, error)) (answer T, err error) {
	err = c.withCgroup(func(cg cgroups.Group) error {
		answer, err = ask(cg)
		return err
	})
	return answer, err
}

// cgroupView describes the host's cgroup mounts for a plan that is only printed.
func (rt *Runtime) cgroupView(o CreateOptions) (cgroups.MountView, error) {
	cg, err := cgroups.New(rt.cgroupOptions(o))
	if err != nil {
		return cgroups.MountView{}, err
	}
	defer cg.Close()
	return cg.MountView()
}

// cgroupOptions says which cgroup a new container is to have.
func (rt *Runtime) cgroupOptions(o CreateOptions) cgroups.Options {
	path := ""
	if o.Spec.Linux != nil {
		path = o.Spec.Linux.CgroupsPath
	}
	co := cgroups.Options{
		ID: o.ID, CgroupsPath: path, Rootless: rt.rootless(), Disabled: rt.NoCgroup, Systemd: rt.SystemdCgroup, Warn: rt.warn,
	}
	if co.Systemd {
		co.Properties = spec.UnitProperties(o.Spec)
		if l := o.Spec.Linux; l != nil && l.Resources != nil {
			co.OOMGroup = l.Resources.Unified["memory.oom.group"] == "1"
			co.Devices = l.Resources.Devices
		}
	}
	return co
}

// ownCgroup hands the cgroup to the user of the container's process, where the spec
// says so (config-linux.md, "Cgroup ownership"): it has a cgroup namespace of its own
// and sees its cgroup read-write. The maps of a user namespace that it joins are not
// known; there the cgroup stays root's.
func (b *boot) ownCgroup() error {
	s := b.o.Spec
	if s.Linux == nil || !b.hasNew(specs.CgroupNamespace) || !cgroupMountWritable(s) {
		return nil
	}
	var user specs.User
	if s.Process != nil {
		user = s.Process.User
	}
	isUser := func(ns specs.LinuxNamespace) bool { return ns.Type == specs.UserNamespace }
	if !slices.ContainsFunc(s.Linux.Namespaces, isUser) {
		if user.UID == 0 {
			return nil
		}
		return b.cg.Chown(int(user.UID), int(user.GID))
	}
	uid, ok := hostID(s.Linux.UIDMappings, user.UID)
	if !ok || !b.hasNew(specs.UserNamespace) {
		return nil
	}
	gid, ok := hostID(s.Linux.GIDMappings, user.GID)
	if !ok {
		return nil
	}
	return b.cg.Chown(uid, gid)
}

// hostID maps an id of the container to the host's.
func hostID(maps []specs.LinuxIDMapping, id uint32) (int, bool) {
	for _, m := range maps {
		if id >= m.ContainerID && id-m.ContainerID < m.Size {
			return int(m.HostID + (id - m.ContainerID)), true
		}
	}
	return 0, false
}
