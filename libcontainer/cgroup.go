package libcontainer

import (
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

// ownCgroup hands the cgroup to the container's root, where the spec says so
// (config-linux.md, "Cgroup ownership"): it has user and cgroup namespaces of
// its own and sees its cgroup read-write.
func (b *boot) ownCgroup() error {
	s := b.o.Spec
	if s.Linux == nil || !b.hasNew(specs.UserNamespace) || !b.hasNew(specs.CgroupNamespace) || !cgroupMountWritable(s) {
		return nil
	}
	uid, ok := hostID(s.Linux.UIDMappings, 0)
	if !ok {
		return nil
	}
	gid, ok := hostID(s.Linux.GIDMappings, 0)
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
