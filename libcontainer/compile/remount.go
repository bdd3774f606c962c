package compile

import (
	"path"

	"github.com/creel-project/creel/libcontainer/plan"
	"golang.org/x/sys/unix"
)

// remount appends a change of what is mounted at m's destination by now. The
// file system itself stays as it is, since others may have it mounted as well:
// supported has refused its options.
func (b *builder) remount(m *mount) {
	b.reopen(m)
	b.attributes(m, m.AttrSet, m.AttrClr)
}

// reopen appends the opening of what is mounted at m's destination by now.
func (b *builder) reopen(m *mount) {
	o := b.op(plan.Open, m.source, m.doing("open"))
	o.Src, o.Dst, o.Path, o.N[0] = slotRoot, slotTree, m.dest, unix.O_PATH
	o.N[2] = unix.RESOLVE_IN_ROOT | unix.RESOLVE_NO_MAGICLINKS
}

// covered says whether a later mount hides m, which then cannot be found again: one on its place
// or on a directory above.
func (b *builder) covered(m *mount) bool {
	if b.last == nil {
		b.last = make(map[string]int, len(b.list))
		for i := range b.list {
			if !b.list[i].Remount {
				b.last[b.list[i].dest] = i
			}
		}
	}
	for dir := m.dest; ; dir = path.Dir(dir) {
		if b.last[dir] > m.index {
			return true
		}
		if dir == "/" {
			return false
		}
	}
}

// makeReadonlyLate appends what makes mounts read-only in which mount points,
// device nodes or the work of hooks had to find room first.
func (b *builder) makeReadonlyLate() {
	for _, m := range b.readonly {
		b.reopen(m)
		b.makeReadonly(m)
	}
}

// makeReadonly appends what turns an attached mount read-only.
func (b *builder) makeReadonly(m *mount) {
	o := b.op(plan.SetAttr, m.source, m.doing("make read-only"))
	o.Src, o.N[0], o.Flags = slotTree, unix.MOUNT_ATTR_RDONLY, b.legacy()
}
