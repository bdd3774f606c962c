package compile

import (
	"github.com/creel-project/creel/libcontainer/plan"
	"golang.org/x/sys/unix"
)

// propagation turns a word of linux.rootfsPropagation into a mount flag.
func propagation(word string) uint64 {
	switch word {
	case "shared", "rshared":
		return unix.MS_SHARED
	case "slave", "rslave":
		return unix.MS_SLAVE
	case "private", "rprivate":
		return unix.MS_PRIVATE
	case "unbindable", "runbindable":
		return unix.MS_UNBINDABLE
	}
	return 0
}

func (b *builder) rootPropagation() uint64 {
	if b.Spec.Linux == nil {
		return 0
	}
	return propagation(b.Spec.Linux.RootfsPropagation)
}

// root appends the attaching of the root filesystem: from here on everything
// is found below its fd.
func (b *builder) root() {
	const source = "root.path"
	if b.ns.mnt == nsHost {
		o := b.op(plan.Open, source, "open "+b.Rootfs)
		o.Path, o.Dst = b.Rootfs, slotRoot
		o.N[0] = unix.O_PATH | unix.O_DIRECTORY
		return
	}
	b.hostPropagation()
	add := b.op
	if b.helps() {
		b.callHelper()
		add = b.help
	}
	if b.rootPropagation() != unix.MS_SLAVE { // a slave sends nothing to the host, and is to receive
		o := add(plan.ParentPrivate, source, "make the mount that holds "+b.Rootfs+" private")
		o.Path, o.Flags = b.Rootfs, b.legacy()
	}
	o := add(plan.Tree, source, "open "+b.Rootfs)
	o.Path, o.Dst, o.N[0] = b.Rootfs, slotRoot, unix.OPEN_TREE_CLONE|unix.AT_RECURSIVE
	o = add(plan.Move, source, "mount "+b.Rootfs)
	o.Path, o.Src = b.Rootfs, slotRoot
	if b.helps() {
		b.handOver(slotRoot, slotRoot, source)
	}
	if b.masksAnything() {
		o = b.op(plan.Open, "linux.maskedPaths", "open the host's /dev/null")
		o.Path, o.Dst, o.Flags, o.N[0] = "/dev/null", slotNull, plan.NullDevice, unix.O_PATH
	}
}

// hostPropagation keeps what happens in the new mount namespace from the host:
// nothing may stay shared with it unless the config wants that.
func (b *builder) hostPropagation() {
	p := b.rootPropagation()
	if p == 0 || p == unix.MS_UNBINDABLE {
		p = unix.MS_SLAVE
	}
	o := b.op(plan.SetAttr, "linux.rootfsPropagation", "set the propagation of the host's mounts")
	o.Path, o.N[2] = "/", p
	o.Flags = plan.Recursive | b.legacy()
}

// callHelper lets the helper begin with its part. Stage 1 has a pidfd by which it
// finds the mount namespace; a helper that it cloned before gets the namespace.
func (b *builder) callHelper() {
	if !b.helperApart() {
		b.op(plan.PeerSend, "", "call the helper").Aux = slotPeer2
		return
	}
	o := b.op(plan.Open, "", "open the container's mount namespace")
	o.Path, o.Dst, o.N[3] = "/proc/self/ns/mnt", slotTree, unix.NSFS_MAGIC
	o = b.op(plan.PeerSend, "", "call the helper")
	o.Src, o.Aux = slotTree, slotPeer2
	b.close(slotTree)
}

// handOver passes the helper's from to stage 2's to.
func (b *builder) handOver(from, to plan.Slot, source string) {
	o := b.help(plan.PeerSend, source, "hand a mount to stage 2")
	o.Src, o.Aux = from, slotPeer1
	b.help(plan.Close, "", "close").Src = from
	o = b.op(plan.PeerRecv, source, "take a mount from the helper")
	o.Dst, o.Aux = to, slotPeer2
}

func (b *builder) legacy() plan.Flags {
	if b.Probes.SetAttr {
		return 0
	}
	return plan.Legacy
}

// pivot appends the change of root and what can only be set on it afterwards.
func (b *builder) pivot() {
	b.openLabels()
	b.closeAll()
	switch {
	case b.ns.mnt == nsHost:
		b.op(plan.Chroot, "root.path", "chroot").Src = slotRoot
		b.chdir(plan.AccessOK | plan.Mkdir)
		return
	case b.NoPivot:
		o := b.op(plan.Chroot, "root.path", "move the root over / and chroot")
		o.Src, o.N[0] = slotRoot, 1
		o.Text, o.N[1] = list(b.HostViews), uint64(len(b.HostViews))
	default:
		b.op(plan.Pivot, "root.path", "pivot_root").Src = slotRoot
	}
	if p := b.rootPropagation(); p != 0 {
		// of / alone, unless the word is one of the recursive ones: the other
		// mounts have what their own options say
		o := b.op(plan.SetAttr, "linux.rootfsPropagation", "set the propagation of /")
		o.Path, o.N[2], o.Flags = "/", p, b.legacy()
		if b.Spec.Linux.RootfsPropagation[0] == 'r' {
			o.Flags |= plan.Recursive
		}
	}
	// a working directory that an image lacks is made, in a read-only root too
	b.chdir(plan.AccessOK | plan.Mkdir)
	if b.Spec.Root.Readonly {
		o := b.op(plan.SetAttr, "root.readonly", "make / read-only")
		o.Path, o.N[0], o.Flags = "/", unix.MOUNT_ATTR_RDONLY, b.legacy()
	}
}

// closeAll closes what only the making of the root needed: init may wait for
// start for days, and holds no fd of the host while it does.
func (b *builder) closeAll() {
	b.close(slotProc, slotNull, slotMask, slotPeer2, slotTree, slotTarget)
	for i := range b.Inherit {
		if b.Inherit[i].Kind != plan.StartSocket {
			b.close(plan.Slot(i))
		}
	}
}
