package compile

import (
	"github.com/creel-project/creel/libcontainer/plan"
	"golang.org/x/sys/unix"
)

func (b *builder) terminal() bool {
	return b.Spec.Process != nil && b.Spec.Process.Terminal
}

// console appends the pseudo-terminal: made from the container's own devpts,
// mounted over /dev/console, its master given to the host side.
func (b *builder) console() {
	if !b.terminal() {
		return
	}
	const source = "process.terminal"
	o := b.op(plan.Pty, source, "open a pseudo-terminal of /dev/pts")
	o.Src, o.Path, o.Dst, o.Aux = slotRoot, "/dev/pts/ptmx", slotMaster, slotSlave
	o.N[0] = b.winsize()
	if b.ns.mnt != nsHost && !b.exec {
		o = b.op(plan.Tree, source, "open the terminal")
		o.Src, o.Dst, o.N[0] = slotSlave, slotTree, unix.OPEN_TREE_CLONE
		o = b.op(plan.Target, source, "open /dev/console")
		o.Path, o.Src, o.Dst, o.N[0], o.N[1] = "/dev/console", slotRoot, slotTarget, 1, 0o600
		o.Flags = plan.NotProc
		o = b.op(plan.Move, source, "mount /dev/console")
		o.Src, o.Dst = slotTree, slotTarget
	}
	o = b.op(plan.Sync, source, "hand over the pty master")
	o.Sync, o.Src = plan.SyncConsole, slotMaster
	b.close(slotMaster)
	b.AddHost(plan.AtConsole, source, "send the pty master", "")
}

// winsize packs rows | columns << 16.
func (b *builder) winsize() uint64 {
	if w := b.Winsize; w != nil {
		return uint64(w.Row) | uint64(w.Col)<<16
	}
	if c := b.Spec.Process.ConsoleSize; c != nil {
		return uint64(uint16(c.Height)) | uint64(uint16(c.Width))<<16
	}
	return 0
}
