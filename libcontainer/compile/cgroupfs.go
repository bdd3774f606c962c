package compile

import (
	"path"
	"strings"

	"github.com/creel-project/creel/libcontainer/plan"
	"golang.org/x/sys/unix"
)

// cgroup appends the container's view of its cgroups. In a cgroup namespace it
// is a fresh mount, whose root is the container's own cgroup. In the host's it
// is a copy of the host's mount: a fresh one would wait for an RCU grace period, and
// would reset the host's mount options (nsdelegate). On v1 it is a copy of each below
// the container's cgroup, on v2 of the whole: with the host's namespace the config asks
// for that, and what stands in /proc/self/cgroup is found there. Who has no cgroup
// namespace but is root of a user namespace may not write there (CVE-2023-25809).
func (b *builder) cgroup(m *mount) {
	fresh := b.ns.cgroup != nsHost
	if !fresh && (b.ns.user != nsHost || !b.hostRoot()) {
		m.AttrSet |= unix.MOUNT_ATTR_RDONLY
	}
	v := b.Cgroup
	if v.Version == 2 {
		if fresh {
			b.fresh(m, "cgroup2", []string{"source=cgroup"})
		} else {
			b.hierarchy(m, v.Hierarchies[0].HostDir)
		}
		return
	}
	b.cgroup1(m, fresh)
}

// hierarchy appends a copy of the host's directory dir at m.
func (b *builder) hierarchy(m *mount, dir string) {
	o := b.op(plan.Tree, m.source, m.doing("open "+dir))
	o.Path, o.Dst, o.N[0] = dir, slotTree, unix.OPEN_TREE_CLONE|unix.AT_RECURSIVE
	b.target(m, plan.None)
	b.placeWith(m, m.AttrSet, m.AttrClr)
}

// cgroup1 appends a tmpfs that holds a mount for every v1 hierarchy, with the
// links that name co-mounted controllers.
func (b *builder) cgroup1(m *mount, fresh bool) {
	root := *m
	root.AttrSet &^= unix.MOUNT_ATTR_RDONLY
	root.RecAttrSet, root.RecAttrClr = 0, 0 // to each hierarchy, as it comes
	root.Data = []string{"mode=755"}
	b.fresh(&root, "tmpfs", append([]string{"source=tmpfs", "mode=755"}, b.mountContext("tmpfs")...))
	for _, h := range b.Cgroup.Hierarchies {
		sub := *m
		sub.Propagation = nil
		sub.dest = path.Join(m.dest, h.Name)
		switch {
		case !fresh:
			b.hierarchy(&sub, h.HostDir)
		case h.Key == "":
			b.fresh(&sub, "cgroup2", []string{"source=cgroup"})
		default:
			b.fresh(&sub, "cgroup", append([]string{"source=cgroup"}, strings.Split(h.Key, ",")...))
		}
		for _, alias := range h.Aliases {
			o := b.op(plan.Symlink, m.source, m.doing("link "+alias))
			o.Src, o.Path, o.Text = slotRoot, path.Join(m.dest, alias), []byte(h.Name)
		}
	}
	if m.ReadOnly() {
		b.reopen(m)
		b.makeReadonly(m)
	}
}
