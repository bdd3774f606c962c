package compile

import (
	"slices"

	"github.com/creel-project/creel/libcontainer/plan"
	"golang.org/x/sys/unix"
)

// begin appends what every plan begins with. An init that joins what exists is hidden from whoever is there.
func (b *builder) begin(joins bool) {
	b.op(plan.Title, "", "set the process title").Path = "creel:[INIT]"
	if joins {
		b.op(plan.Dumpable, "", "hide init from tracers").N[0] = 0
	}
}

// stages appends stage 1, if there is one, and everything up to the first op
// of the process that becomes the container.
func (b *builder) stages() {
	b.begin(b.joins())
	b.TwoStages = b.ns.twoStages()
	if !b.TwoStages {
		b.join()
		return
	}
	if b.helps() {
		o := b.op(plan.Pair, "", "socket pair between the stages")
		o.Dst, o.Aux = slotPeer1, slotPeer2
	}
	if b.helperApart() {
		b.op(plan.Clone, "linux.namespaces", "clone the helper").Helper = true
	}
	b.join()
	flags := b.ns.newFlags()
	if b.ns.cgroup == nsNew { // stage 1 sits in the container's cgroup by now
		flags |= unix.CLONE_NEWCGROUP
	}
	o := b.op(plan.Clone, "linux.namespaces", "clone the container's process")
	o.N[0], o.Dst = uint64(flags), slotStage2
}

// helps says whether there is a helper that opens, with the caller's privileges,
// what the container's root may not reach.
func (b *builder) helps() bool {
	return b.ns.user != nsHost && b.ns.mnt == nsNew && b.Probes.Privileged
}

// hostRoot says whether the caller has the host's privileges.
func (b *builder) hostRoot() bool {
	return b.Probes.Privileged && !b.Probes.Nested
}

// helperApart says whether the helper is a process of its own and not stage 1,
// which loses the host's privileges in the user namespace that it joins.
func (b *builder) helperApart() bool {
	return b.helps() && b.ns.user == nsJoined
}

// enter appends the first ops of the process that becomes the container:
// whatever must precede the building of its root.
func (b *builder) enter() {
	if b.helps() {
		b.close(slotPeer1)
	}
	if !b.TwoStages && b.ns.cgroup == nsNew {
		b.op(plan.Unshare, "linux.namespaces", "unshare the cgroup namespace").N[0] = unix.CLONE_NEWCGROUP
	}
	if b.ns.time == nsNew {
		b.op(plan.Unshare, "linux.namespaces", "unshare the time namespace").N[0] = unix.CLONE_NEWTIME
	}
	switch {
	case b.ns.user == nsNew:
		b.op(plan.Sync, "linux.uidMappings", "wait for the id maps").Sync = plan.SyncMapped
	case b.timeOffsets():
		b.op(plan.Sync, "linux.timeOffsets", "wait for the offsets").Sync = plan.SyncMapped
	}
	if b.TwoStages && b.ns.user != nsHost {
		b.becomeRoot()
	}
	if b.ns.lateIPC() {
		b.op(plan.Unshare, "linux.namespaces", "unshare the ipc namespace").N[0] = unix.CLONE_NEWIPC
	}
	if b.usesProc() {
		b.openProc()
	}
	if b.ns.time == nsNew {
		o := b.op(plan.Open, "linux.namespaces", "open the new time namespace")
		o.Src, o.Dst, o.Path = slotProc, slotTree, "self/ns/time_for_children"
		o = b.op(plan.Setns, "linux.namespaces", "enter the new time namespace")
		o.Src, o.N[0] = slotTree, unix.CLONE_NEWTIME
		b.close(slotTree)
	}
	if b.ns.net == nsNew {
		b.op(plan.Loopback, "linux.namespaces", "bring up the interface lo")
	}
	b.netDevices()
}

func (b *builder) openProc() {
	o := b.op(plan.Open, "", "open the host's /proc")
	o.Path, o.Dst = "/proc", slotProc
	o.N = [4]uint64{unix.O_PATH | unix.O_DIRECTORY, 0, 0, unix.PROC_SUPER_MAGIC}
}

// becomeRoot takes on the ids 0 of the user namespace, where they are mapped.
func (b *builder) becomeRoot() {
	source := "linux.uidMappings"
	if b.ns.user == nsJoined {
		source = "linux.namespaces"
	}
	if (b.ns.user == nsJoined || b.Probes.Privileged) && !b.keepsGroups() {
		o := b.op(plan.Groups, source, "drop supplementary groups")
		o.Flags = plan.AccessOK
	}
	unknown := b.ns.user == nsJoined && len(b.Spec.Linux.UIDMappings) == 0
	if unknown || (mapsZero(b.Spec.Linux.UIDMappings) && mapsZero(b.Spec.Linux.GIDMappings)) {
		b.op(plan.IDs, source, "become root of the user namespace")
	}
}

// usesProc says whether anything is looked up in the host's /proc: the new time
// or network namespace, files for labels, or sysctls.
func (b *builder) usesProc() bool {
	p := b.Spec.Process
	return b.ns.time == nsNew || b.hasNetDevices() || p.ApparmorProfile != "" || p.SelinuxLabel != "" ||
		b.Spec.Linux != nil && len(b.Spec.Linux.Sysctl) > 0
}

func (b *builder) timeOffsets() bool {
	return b.ns.time == nsNew && len(b.Spec.Linux.TimeOffsets) > 0
}

// link puts the ends of stage 1 and of the helper behind the clone of stage 2, and
// points the clones at what they begin with.
func (b *builder) link() {
	i := slices.IndexFunc(b.Ops, func(o plan.Op) bool { return o.Code == plan.Clone && !o.Helper })
	if i < 0 {
		return
	}
	end := plan.NewOp(plan.Exit, "", "end stage 1")
	tail := []plan.Op{end}
	if b.helps() {
		tail = append(b.helperOps(), end)
	}
	if b.helperApart() {
		b.Ops[slices.IndexFunc(b.Ops, isHelper)].N[1] = uint64(i + 2)
		tail[len(tail)-1].Doing = "end the helper"
		tail = slices.Insert(tail, 0, end)
	}
	b.Ops = slices.Insert(b.Ops, i+1, tail...)
	b.Ops[i].N[1] = uint64(i + 1 + len(tail))
}

func isHelper(o plan.Op) bool { return o.Helper }

// helperOps are what the helper does, all but its end.
func (b *builder) helperOps() []plan.Op {
	peer := plan.NewOp(plan.Close, "", "close")
	peer.Src = slotPeer2
	wait := plan.NewOp(plan.PeerRecv, "", "wait for stage 2")
	wait.Aux = slotPeer1
	if b.helperApart() {
		wait.Dst = slotStage2
	}
	enter := plan.NewOp(plan.Setns, "", "enter the container's mount namespace")
	enter.Src, enter.N[0] = slotStage2, unix.CLONE_NEWNS
	return append([]plan.Op{peer, wait, enter}, b.helper...)
}
