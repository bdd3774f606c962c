package libcontainer

import (
	"slices"

	"github.com/creel-project/creel/libcontainer/cgroups"
	"github.com/opencontainers/runtime-spec/specs-go"
)

// cgroupView describes the host's cgroup mounts for a plan that is only printed.
func (rt *Runtime) cgroupView(o CreateOptions) (cgroups.MountView, error) {
	path := ""
	if o.Spec.Linux != nil {
		path = o.Spec.Linux.CgroupsPath
	}
	cg, err := cgroups.New(cgroups.Options{ID: o.ID, CgroupsPath: path, Rootless: rt.rootless(), Disabled: rt.NoCgroup})
	if err != nil {
		return cgroups.MountView{}, err
	}
	defer cg.Close()
	return cg.MountView()
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
