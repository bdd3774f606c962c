package compile

import (
	"fmt"

	"github.com/creel-project/creel/libcontainer/plan"
	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

// nsState says where a container's namespace of one type comes from.
type nsState uint8

const (
	nsHost   nsState = iota // the runtime's own
	nsNew                   // made for the container
	nsJoined                // one that exists, by path
)

// namespaces is linux.namespaces, by type.
type namespaces struct {
	pid, net, mnt, ipc, uts, user, cgroup, time nsState
}

func (n *namespaces) of(t specs.LinuxNamespaceType) *nsState {
	switch t {
	case specs.PIDNamespace:
		return &n.pid
	case specs.NetworkNamespace:
		return &n.net
	case specs.MountNamespace:
		return &n.mnt
	case specs.IPCNamespace:
		return &n.ipc
	case specs.UTSNamespace:
		return &n.uts
	case specs.UserNamespace:
		return &n.user
	case specs.CgroupNamespace:
		return &n.cgroup
	default:
		return &n.time
	}
}

func readNamespaces(s *specs.Spec) namespaces {
	var n namespaces
	if s.Linux == nil {
		return n
	}
	for _, ns := range s.Linux.Namespaces {
		if ns.Path == "" {
			*n.of(ns.Type) = nsNew
		} else {
			*n.of(ns.Type) = nsJoined
		}
	}
	return n
}

// Cloneflag returns the CLONE_NEW* flag of a namespace type, or 0.
func Cloneflag(t specs.LinuxNamespaceType) uintptr {
	switch t {
	case specs.PIDNamespace:
		return unix.CLONE_NEWPID
	case specs.NetworkNamespace:
		return unix.CLONE_NEWNET
	case specs.MountNamespace:
		return unix.CLONE_NEWNS
	case specs.IPCNamespace:
		return unix.CLONE_NEWIPC
	case specs.UTSNamespace:
		return unix.CLONE_NEWUTS
	case specs.UserNamespace:
		return unix.CLONE_NEWUSER
	case specs.CgroupNamespace:
		return unix.CLONE_NEWCGROUP
	case specs.TimeNamespace:
		return unix.CLONE_NEWTIME
	}
	return 0
}

// NamespaceTypes returns the types of linux.namespaces, sorted.
func NamespaceTypes() []string {
	return []string{"cgroup", "ipc", "mount", "network", "pid", "time", "user", "uts"}
}

// newFlags are the namespaces that clone(2) makes. A cgroup namespace is left
// out: it is rooted where the cloning process is, which must be in the
// container's cgroup by then. A time namespace is left out because clone3(2)
// would freeze its offsets before anyone could write them, and an IPC namespace
// where it is made later (see lateIPC).
func (n namespaces) newFlags() uintptr {
	if n.lateIPC() {
		n.ipc = nsHost
	}
	var f uintptr
	for _, x := range [...]struct {
		state nsState
		flag  uintptr
	}{
		{n.pid, unix.CLONE_NEWPID}, {n.net, unix.CLONE_NEWNET}, {n.mnt, unix.CLONE_NEWNS},
		{n.ipc, unix.CLONE_NEWIPC}, {n.uts, unix.CLONE_NEWUTS}, {n.user, unix.CLONE_NEWUSER},
	} {
		if x.state == nsNew {
			f |= x.flag
		}
	}
	return f
}

// lateIPC says whether the IPC namespace is made by the process that is root of
// the container's user namespace already. The file system of its message queues
// belongs to whoever makes it: made with the user namespace, by the host's root, it
// would be nobody's inside, and take no label there.
func (n namespaces) lateIPC() bool { return n.ipc == nsNew && n.user != nsHost }

// Spawn returns how init is to be started for a config: in which new
// namespaces, which it is to make itself before it has a plan, and whether it
// is only stage 1, which clones the container. A pid namespace can only be made
// by clone; the others take most of clone's time, in which the runtime, whose
// vfork waits, could make the plan.
func Spawn(s *specs.Spec) (clone, unshare uintptr, twoStages bool) {
	n := readNamespaces(s)
	if n.twoStages() {
		return 0, 0, true
	}
	flags := n.newFlags()
	return flags & unix.CLONE_NEWPID, flags &^ unix.CLONE_NEWPID, false
}

// twoStages says whether stage 1 must clone the container's process: a user
// namespace has to be entered by clone or before everything else, and a pid
// namespace can only be joined by a child.
func (n namespaces) twoStages() bool {
	return n.user != nsHost || n.pid == nsJoined
}

// inherit lists the fds that init starts with.
func (b *builder) inherit() {
	if !b.Run {
		b.Inherit = append(b.Inherit, plan.Inherit{Kind: plan.StartSocket})
	}
	if b.Spec.Linux == nil {
		return
	}
	for i, ns := range b.Spec.Linux.Namespaces {
		if ns.Path == "" {
			continue
		}
		b.Inherit = append(b.Inherit, plan.Inherit{
			Kind: plan.Namespace, Path: ns.Path, Nstype: Cloneflag(ns.Type),
			Source: fmt.Sprintf("linux.namespaces[%d].path", i),
		})
	}
	b.inheritIDMaps()
}

// setns appends the joining of every namespace whose flag is in which.
func (b *builder) setns(which uintptr) {
	for i, in := range b.Inherit {
		if in.Kind != plan.Namespace || in.Nstype&which == 0 {
			continue
		}
		o := b.op(plan.Setns, in.Source, "join "+in.Path)
		o.Src, o.N[0] = plan.Slot(i), uint64(in.Nstype)
	}
}

// join enters all namespaces given by path. The privileges to join what the
// host owns are lost in a user namespace, and those over what that namespace
// owns are won there: so the user namespace comes last for a privileged caller,
// who may join everything, and first for any other.
func (b *builder) join() {
	const all = ^uintptr(0)
	if !b.Probes.Privileged {
		b.setns(unix.CLONE_NEWUSER)
	}
	b.setns(all &^ unix.CLONE_NEWUSER)
	if b.Probes.Privileged {
		b.setns(unix.CLONE_NEWUSER)
	}
}

func (b *builder) joins() bool {
	for _, in := range b.Inherit {
		if in.Kind == plan.Namespace {
			return true
		}
	}
	return false
}
