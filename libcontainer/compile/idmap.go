package compile

import (
	"fmt"
	"slices"

	"github.com/creel-project/creel/libcontainer/plan"
	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

func mapsZero(maps []specs.LinuxIDMapping) bool {
	return slices.ContainsFunc(maps, func(m specs.LinuxIDMapping) bool {
		return m.ContainerID == 0 && m.Size > 0
	})
}

func errTooMany() error {
	return fmt.Errorf("config: more than %d namespaces by path and distinct mount id maps", plan.MaxFDs-1)
}

// mountMaps returns the id maps that a mount needs a user namespace for: its own,
// or with the option idmap alone those of the container's new one.
func (b *builder) mountMaps(m *mount) (uid, gid []specs.LinuxIDMapping, ok bool) {
	if len(m.UIDMappings) > 0 || len(m.GIDMappings) > 0 {
		return m.UIDMappings, m.GIDMappings, true
	}
	if m.IDMap != "" && b.ns.user == nsNew && len(b.Spec.Linux.UIDMappings) > 0 {
		return b.Spec.Linux.UIDMappings, b.Spec.Linux.GIDMappings, true
	}
	return nil, nil, false
}

// inheritIDMaps lists each distinct pair of mount id maps once. Each becomes a
// user namespace that a process of ours holds while the mounts are made.
func (b *builder) inheritIDMaps() {
	for i := range b.list {
		if len(b.Inherit) > plan.MaxFDs-1 {
			return // supported refuses so many
		}
		m := &b.list[i]
		uid, gid, ok := b.mountMaps(m)
		if !ok || b.idmapSlot(m) != plan.None {
			continue
		}
		b.Inherit = append(b.Inherit, plan.Inherit{
			Kind: plan.IDMap, UID: uid, GID: gid, Source: m.source + ".uidMappings",
		})
	}
}

// idmapSlot returns the slot of the user namespace whose ids the files of m get,
// and none if they keep theirs. With the option idmap alone that is the namespace
// which the container joins: its maps need not stand in the config.
func (b *builder) idmapSlot(m *mount) plan.Slot {
	uid, gid, own := b.mountMaps(m)
	for i := range b.Inherit {
		in := &b.Inherit[i]
		switch {
		case own && in.Kind == plan.IDMap && slices.Equal(in.UID, uid) && slices.Equal(in.GID, gid),
			!own && m.IDMap != "" && in.Kind == plan.Namespace && in.Nstype == unix.CLONE_NEWUSER:
			return plan.Slot(i)
		}
	}
	return plan.None
}
