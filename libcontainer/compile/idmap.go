package compile

import (
	"fmt"
	"slices"

	"github.com/creel-project/creel/libcontainer/plan"
	"github.com/opencontainers/runtime-spec/specs-go"
)

func mapsZero(maps []specs.LinuxIDMapping) bool {
	return slices.ContainsFunc(maps, func(m specs.LinuxIDMapping) bool {
		return m.ContainerID == 0 && m.Size > 0
	})
}

func errTooMany(n int) error {
	return fmt.Errorf("config: %d namespaces by path and distinct mount id maps: at most %d", n, plan.MaxFDs-1)
}

// mountMaps returns the id maps of a mount, and whether it has any: its own,
// or with the option idmap alone those of the container.
func (b *builder) mountMaps(m *specs.Mount, idmapped bool) (uid, gid []specs.LinuxIDMapping, ok bool) {
	if len(m.UIDMappings) > 0 || len(m.GIDMappings) > 0 {
		return m.UIDMappings, m.GIDMappings, true
	}
	if idmapped && b.Spec.Linux != nil && len(b.Spec.Linux.UIDMappings) > 0 {
		return b.Spec.Linux.UIDMappings, b.Spec.Linux.GIDMappings, true
	}
	return nil, nil, false
}

// inheritIDMaps lists each distinct pair of mount id maps once. Each becomes a
// user namespace that a process of ours holds while the mounts are made.
func (b *builder) inheritIDMaps() {
	for i := range b.list {
		m := &b.list[i]
		uid, gid, ok := b.mountMaps(m.Mount, m.IDMap != "")
		if !ok || b.idmapSlot(uid, gid) != plan.None {
			continue
		}
		b.Inherit = append(b.Inherit, plan.Inherit{
			Kind: plan.IDMap, UID: uid, GID: gid, Source: m.source + ".uidMappings",
		})
	}
}

// idmapSlot returns the slot of the user namespace with these maps.
func (b *builder) idmapSlot(uid, gid []specs.LinuxIDMapping) plan.Slot {
	for i, in := range b.Inherit {
		if in.Kind == plan.IDMap && slices.Equal(in.UID, uid) && slices.Equal(in.GID, gid) {
			return plan.Slot(i)
		}
	}
	return plan.None
}
