package compile

import (
	"fmt"
	"path"
	"path/filepath"
	"strings"

	"github.com/creel-project/creel/libcontainer/plan"
	"github.com/creel-project/creel/spec"
	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

// mount is one entry of mounts with its options taken apart.
type mount struct {
	*specs.Mount
	spec.MountOptions
	index  int
	source string // "mounts[3]"
	dest   string // clean, absolute
}

// readMounts takes the entries of mounts apart.
func (b *builder) readMounts() {
	b.list = make([]mount, len(b.Spec.Mounts))
	for i := range b.Spec.Mounts {
		s := &b.Spec.Mounts[i]
		m := mount{
			Mount:        s,
			MountOptions: spec.ParseMountOptions(s.Options),
			index:        i,
			source:       fmt.Sprintf("mounts[%d]", i),
			dest:         path.Clean("/" + s.Destination),
		}
		m.TmpCopyUp = m.TmpCopyUp && m.Type == "tmpfs" // validation has warned
		b.list[i] = m
	}
}

func (m *mount) isBind() bool { return m.Bind || m.Type == "bind" || m.Type == "rbind" }

func (m *mount) doing(what string) string {
	from := m.Source
	if from == "" {
		from = m.Type
	}
	if from == "" { // a remount
		return m.dest + ": " + what
	}
	return from + " → " + m.dest + ": " + what
}

// mounts appends every entry of mounts, in order.
func (b *builder) mounts() {
	for i := range b.list {
		b.mount(&b.list[i])
	}
}

func (b *builder) mount(m *mount) {
	switch {
	case m.Remount:
		b.remount(m)
	case m.isBind() && b.copiesLink(m):
	case m.isBind():
		b.bind(m, m.Recursive || m.Type == "rbind")
	case m.Type == "cgroup" || m.Type == "cgroup2":
		b.cgroup(m)
	case b.hostView(m) != "":
		// a fresh mount of it would be refused with EPERM in the user
		// namespace, and without its submounts with EINVAL
		host := *m.Mount
		host.Source = b.hostView(m)
		m.Mount = &host
		if b.rootPropagation() == unix.MS_SHARED {
			// what is mounted over parts of it would appear in the one it is a copy of, which is still in use
			m.Propagation = append([]uintptr{unix.MS_SLAVE | unix.MS_REC}, m.Propagation...)
		}
		b.bind(m, true)
	default:
		b.freshMount(m)
	}
}

// freshMount appends a new mount of the file system that m asks for.
func (b *builder) freshMount(m *mount) {
	opts := append(b.fsOptions(m), b.mountContext(m.Type)...)
	if tooLong(opts) {
		b.longFresh(m)
	} else {
		b.fresh(m, m.Type, opts)
	}
}

// hostView returns the host's mount that stands in for a file system that shows
// a namespace which the container shares with the host, when the container
// has a user namespace that gives no rights over it.
func (b *builder) hostView(m *mount) string {
	if b.ns.user == nsHost {
		return ""
	}
	switch {
	case m.Type == "proc" && b.ns.pid == nsHost:
		return "/proc"
	case m.Type == "sysfs" && b.ns.net == nsHost:
		return "/sys"
	case m.Type == "mqueue" && b.ns.ipc == nsHost:
		return "/dev/mqueue"
	}
	return ""
}

// fsOptions lists the options of the file system's own, then its source.
func (b *builder) fsOptions(m *mount) []string {
	opts := append([]string(nil), m.SuperFlags...)
	if m.Source != "" {
		opts = append(opts, "source="+m.Source)
	}
	return append(opts, m.Data...)
}

// procAllowed are the files on procfs that a config may mount over: what
// user-space file systems such as lxcfs provide.
func procAllowed(dest string) bool {
	switch dest {
	case "/proc/cpuinfo", "/proc/diskstats", "/proc/meminfo", "/proc/stat", "/proc/swaps",
		"/proc/uptime", "/proc/loadavg", "/proc/slabinfo", "/proc/net/dev",
		"/proc/sys/kernel/ns_last_pid", "/proc/sys/crypto/fips_enabled":
		return true
	}
	return false
}

// target appends the opening of m's mount point, made like the tree in slot
// like, or as a directory.
func (b *builder) target(m *mount, like plan.Slot) {
	o := b.op(plan.Target, m.source, m.doing("open mount point"))
	o.Path, o.Src, o.Dst, o.N[1] = m.dest, slotRoot, slotTarget, 0o755
	if like != plan.None {
		o.Aux, o.N[0] = like, 2
	}
	switch {
	case m.Type == "proc" || m.Type == "sysfs":
		o.Flags = plan.NoLinks
	case m.dest == "/proc" || procAllowed(m.dest):
	default:
		o.Flags = plan.NotProc
	}
	if m.DestNoFollow && o.Flags&plan.NoLinks == 0 {
		o.Flags |= plan.NoFollow
	}
	if b.exec {
		o.Flags |= plan.NoLinks
	}
}

// fresh appends a new mount of a file system.
func (b *builder) fresh(m *mount, fstype string, opts []string) {
	if readonlyFS(m, fstype) {
		opts = append(opts, "ro")
	}
	label := b.rootLabel(fstype)
	if label != "" {
		opts = append(opts, label)
	}
	b.freshWith(m, fstype, func(o *plan.Op) {
		o.Text, o.N[1] = list(opts), uint64(len(opts))
		if label != "" {
			o.N[3] = 1
		}
	})
}

// freshWith is fresh with the options as options writes them into the op.
func (b *builder) freshWith(m *mount, fstype string, options func(*plan.Op)) {
	b.target(m, plan.None)
	attrs := m.AttrSet
	var late uint64
	if filledFirst(m, fstype) {
		late = attrs & unix.MOUNT_ATTR_RDONLY
	}
	o := b.op(plan.FSMount, m.source, m.doing("mount "+fstype))
	o.Path, o.N[0], o.Dst = fstype, attrs&^late, slotTree
	options(o)
	if fstype == "tmpfs" && !hasPrefixed(m.Data, "mode=") {
		o.Aux = slotTarget
	}
	if m.TmpCopyUp {
		b.copyUp(m)
	}
	b.placeWith(m, 0, 0)
	switch {
	case late == 0:
	case b.covered(m):
		b.makeReadonly(m)
	default:
		b.readonly = append(b.readonly, m)
	}
}

// filledFirst says whether a mount becomes read-only late: what makes room for
// mount points and nodes is filled before.
func filledFirst(m *mount, fstype string) bool { return fstype == "tmpfs" || m.dest == "/dev" }

// readonlyFS says whether the file system itself is to be read-only, and not the
// mount alone.
func readonlyFS(m *mount, fstype string) bool {
	return m.AttrSet&unix.MOUNT_ATTR_RDONLY != 0 && !filledFirst(m, fstype) && !kernelsOwn(fstype)
}

// kernelsOwn says whether all mounts of such a file system, in a namespace or on the
// machine, may be one superblock: there `ro` belongs to the mount alone. A read-only
// superblock of sysfs would be so for everybody who shares the network namespace. Any
// other one has to know of it, as with mount(8): else it writes to its device.
func kernelsOwn(fstype string) bool {
	switch fstype {
	case "proc", "sysfs", "cgroup", "cgroup2", "mqueue", "devtmpfs", "debugfs", "tracefs", "securityfs",
		"configfs", "binfmt_misc", "pstore", "efivarfs", "fusectl", "selinuxfs", "smackfs", "resctrl",
		"rpc_pipefs", "nfsd":
		return true
	}
	return false
}

// copyUp appends the filling of the new tmpfs with what lies below its mount point.
func (b *builder) copyUp(m *mount) {
	o := b.op(plan.CopyUp, m.source, m.doing("copy up"))
	o.Dst, o.Src = slotTree, slotTarget
}

// bind appends a copy of a tree of the host.
func (b *builder) bind(m *mount, recursive bool) {
	b.openTree(m, recursive)
	b.target(m, slotTree)
	b.placeWith(m, m.AttrSet, m.AttrClr)
}

// copiesLink appends the link that takes the place of a bind mount (copy-symlink), if
// its source is a link.
func (b *builder) copiesLink(m *mount) bool {
	to, ok := b.Links[m.index]
	if ok {
		o := b.op(plan.Symlink, m.source, m.doing("copy the link to "+to))
		o.Src, o.Path, o.Text, o.Flags = slotRoot, m.dest, []byte(to), plan.Keep
	}
	return ok
}

// openTree appends the copying of the tree, with its ids mapped.
func (b *builder) openTree(m *mount, recursive bool) {
	from := m.Source
	if !filepath.IsAbs(from) {
		from = filepath.Join(b.Bundle, from)
	}
	flags := uint64(unix.OPEN_TREE_CLONE)
	if recursive {
		flags |= unix.AT_RECURSIVE
	}
	if m.SrcNoFollow || m.CopySymlink { // what is no link when the plan is made is not followed as one later
		flags |= unix.AT_SYMLINK_NOFOLLOW
	}
	add := b.op
	if b.helps() {
		add = b.help
	}
	o := add(plan.Tree, m.source, m.doing("open source"))
	o.Path, o.Dst, o.N[0] = from, slotTree, flags
	if ids := b.idmapSlot(m); ids != plan.None {
		o = add(plan.SetAttr, m.source, m.doing("map ids"))
		o.Src, o.Aux = slotTree, ids
		if m.IDMap == "ridmap" {
			o.Flags = plan.Recursive
		}
	}
	if b.helps() {
		b.handOver(slotTree, slotTree, m.source)
	}
}

// placeWith appends the move of a tree, with its options and propagation. They
// come first, but mount(2), which kernels without mount_setattr(2) need for
// them, knows only trees that are in their place.
func (b *builder) placeWith(m *mount, set, clr uint64) {
	if b.Probes.SetAttr {
		b.attributes(m, set, clr)
		b.place(m)
		return
	}
	b.place(m)
	b.attributes(m, set, clr)
}

// attributes appends the flags of the mount itself, those of its whole tree,
// and its propagation.
func (b *builder) attributes(m *mount, set, clr uint64) {
	if set|clr != 0 {
		o := b.op(plan.SetAttr, m.source, m.doing("set options"))
		o.Src, o.N[0], o.N[1], o.Flags = slotTree, set, clr, b.legacy()
	}
	if m.RecAttrSet|m.RecAttrClr != 0 {
		o := b.op(plan.SetAttr, m.source, m.doing("set recursive options"))
		o.Src, o.N[0], o.N[1], o.Flags = slotTree, m.RecAttrSet, m.RecAttrClr, plan.Recursive
	}
	for _, p := range m.Propagation {
		o := b.op(plan.SetAttr, m.source, m.doing("set propagation"))
		o.Src, o.N[2], o.Flags = slotTree, uint64(p)&^unix.MS_REC, b.legacy()
		if p&unix.MS_REC != 0 {
			o.Flags |= plan.Recursive
		}
	}
}

// place appends the move onto the mount point. What is mounted on / is the root from
// then on; it does not share what it covers, which pivot_root(2) demands.
func (b *builder) place(m *mount) {
	if m.dest == "/" {
		o := b.op(plan.SetAttr, m.source, m.doing("make the root below it private"))
		o.Src, o.N[2], o.Flags = slotRoot, unix.MS_PRIVATE, b.legacy()
	}
	o := b.op(plan.Move, m.source, m.doing("mount"))
	o.Src, o.Dst = slotTree, slotTarget
	if m.dest == "/" {
		o = b.op(plan.Open, m.source, m.doing("open it as the root"))
		o.Src, o.Dst, o.Path, o.N[0] = slotTree, slotRoot, "/", unix.O_PATH|unix.O_DIRECTORY
		o.N[2] = unix.RESOLVE_IN_ROOT | unix.RESOLVE_NO_MAGICLINKS
	}
}

// list packs strings as init reads them: each with a terminator.
func list(ss []string) []byte {
	if len(ss) == 0 {
		return nil
	}
	return append([]byte(strings.Join(ss, "\x00")), 0)
}

func hasPrefixed(ss []string, prefix string) bool {
	for _, s := range ss {
		if strings.HasPrefix(s, prefix) {
			return true
		}
	}
	return false
}
