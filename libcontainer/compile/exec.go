package compile

import (
	"github.com/creel-project/creel/libcontainer/plan"
	"github.com/creel-project/creel/spec"
	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

// Exec says how one more process gets into a container.
type Exec struct {
	Join  uintptr // namespaces of the container's init to join, CLONE_NEW*, all but the pid namespace
	Stage bool    // a first stage has to join the pid namespace as well
	Root  bool    // the container has no mount namespace: its root comes as an fd
}

// The slots that an exec begins with.
const (
	slotInit   plan.Slot = iota // pidfd of the container's init
	slotInRoot                  // the container's root, with Exec.Root
)

// CompileExec returns the plan for one more process. in.Spec is what is kept of the
// container's config, with the process that is to be executed.
func CompileExec(in Input, e Exec) (*plan.Plan, error) {
	b := &builder{Input: in, exec: true}
	b.Run = true
	b.ns = readNamespaces(b.Spec)
	b.joined()
	if err := b.supported(); err != nil {
		return nil, err
	}
	b.Ops = make([]plan.Op, 0, 64)
	b.Inherit = append(b.Inherit, plan.Inherit{Kind: plan.Process, Source: "process"})
	if e.Root {
		b.Inherit = append(b.Inherit, plan.Inherit{Kind: plan.ProcessRoot, Source: "root"})
	}
	b.begin(true)
	if b.usesProc() {
		b.openProc()
	}
	b.attach(e)
	if b.ns.user != nsHost {
		b.becomeRoot()
	}
	b.openLabels()
	b.close(slotProc)
	b.enterRoot(e)
	b.console()
	b.identity()
	b.start()
	b.link()
	return &b.Plan, nil
}

// joined turns all namespaces of the config into existing ones.
func (b *builder) joined() {
	for _, t := range [...]*nsState{&b.ns.pid, &b.ns.net, &b.ns.mnt, &b.ns.ipc, &b.ns.uts, &b.ns.user, &b.ns.cgroup, &b.ns.time} {
		if *t == nsNew {
			*t = nsJoined
		}
	}
}

// attach appends the joining of namespaces, all at once (setns(2) with a pidfd,
// Linux 5.8): the kernel checks the caller's rights before any is entered.
func (b *builder) attach(e Exec) {
	join := e.Join
	if e.Stage {
		join |= unix.CLONE_NEWPID
	}
	if join != 0 {
		o := b.op(plan.Setns, "linux.namespaces", "join the container's namespaces")
		o.Src, o.N[0] = slotInit, uint64(join)
	}
	b.close(slotInit)
	if e.Stage {
		b.TwoStages = true
		b.op(plan.Clone, "linux.namespaces", "clone the process")
	}
}

// enterRoot appends the opening of the container's root.
func (b *builder) enterRoot(e Exec) {
	o := b.op(plan.Open, "root.path", "open the container's root")
	o.Path, o.Dst = "/", slotRoot
	o.N[0] = unix.O_PATH | unix.O_DIRECTORY
	if e.Root {
		o.Src = slotInRoot
		o.Path = "."
		b.op(plan.Chroot, "root.path", "change the root").Src = slotInRoot
		b.close(slotInRoot)
	}
}

// JoinFlags are the namespaces of a config, new or joined, as CLONE_NEW* flags.
func JoinFlags(s *specs.Spec) (flags uintptr) {
	if s.Linux == nil {
		return 0
	}
	for _, ns := range s.Linux.Namespaces {
		flags |= Cloneflag(ns.Type)
	}
	return flags
}

// Kept returns the parts of a config that an exec needs.
func Kept(s *specs.Spec) *specs.Spec {
	k := &specs.Spec{Version: s.Version, Process: s.Process}
	if v, ok := s.Annotations[spec.KeepGroups]; ok {
		k.Annotations = map[string]string{spec.KeepGroups: v}
	}
	if l := s.Linux; l != nil {
		k.Linux = &specs.Linux{
			Namespaces: l.Namespaces, UIDMappings: l.UIDMappings, GIDMappings: l.GIDMappings, Personality: l.Personality, MemoryPolicy: l.MemoryPolicy,
		}
		if Notifies(l.Seccomp) {
			k.Linux.Seccomp = &specs.LinuxSeccomp{Syscalls: []specs.LinuxSyscall{{Action: specs.ActNotify}}}
		}
	}
	return k
}
