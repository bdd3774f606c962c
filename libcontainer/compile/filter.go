package compile

import (
	"github.com/creel-project/creel/libcontainer/plan"
	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

// filtered says whether the config has a filter: an empty section is none. Of a
// container that exists only the filter itself is kept.
func (b *builder) filtered() bool {
	if b.exec {
		return len(b.Filter.Program) > 0
	}
	if b.Spec.Linux == nil || b.Spec.Linux.Seccomp == nil {
		return false
	}
	s := b.Spec.Linux.Seccomp
	return s.DefaultAction != "" || len(s.Syscalls) > 0
}

// notifies says whether the filter asks an agent (SCMP_ACT_NOTIFY).
func (b *builder) notifies() bool {
	return b.Spec.Linux != nil && Notifies(b.Spec.Linux.Seccomp)
}

// Notifies says whether a profile uses SCMP_ACT_NOTIFY.
func Notifies(s *specs.LinuxSeccomp) bool {
	if s == nil {
		return false
	}
	for i := range s.Syscalls {
		if s.Syscalls[i].Action == specs.ActNotify {
			return true
		}
	}
	return false
}

// gate appends the wait for the agent of notifications. To take the listener from
// init the host traces it, as the kernel sees it (pidfd_getfd(2)): a caller without
// privilege may do that only to a dumpable process. In a pid namespace that others are in
// as well it stays hidden, and that caller gets an error.
func (b *builder) gate() {
	if !b.notifies() {
		return
	}
	mayTrace := b.Probes.Privileged && b.Probes.Lacks&(1<<unix.CAP_SYS_PTRACE) == 0
	if !mayTrace && b.ns.pid == nsNew {
		b.op(plan.Dumpable, "linux.seccomp.listenerPath", "let the host take the listener").N[0] = 1
	}
	o := b.op(plan.Gate, "linux.seccomp.listenerPath", "wait for the agent")
	o.Sync = plan.SyncAgent
}

// filter appends what comes between the last word of init and execve(2).
func (b *builder) filter() {
	o := b.op(plan.Announce, "", "announce the process")
	if !b.filtered() {
		return
	}
	o.N[0] = 1
	o = b.op(plan.Seccomp, "linux.seccomp", "load the filter")
	o.Text, o.N[0] = b.Filter.Program, uint64(b.Filter.Flags)
	if b.notifies() {
		o.Dst = slotListener
		o.N[0] |= unix.SECCOMP_FILTER_FLAG_NEW_LISTENER
	}
}
