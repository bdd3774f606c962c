package libcontainer

import (
	"fmt"
	"unsafe"

	"github.com/creel-project/creel/internal/numlist"
	"github.com/creel-project/creel/internal/procstat"
	"github.com/creel-project/creel/libcontainer/cgroups"
	"github.com/creel-project/creel/libcontainer/compile"
	"github.com/creel-project/creel/libcontainer/initproc"
	"github.com/creel-project/creel/libcontainer/plan"
	"github.com/creel-project/creel/libcontainer/rdt"
	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

// execution is one more process on its way into a container.
type execution struct {
	dialogue
	c     *Container
	o     ExecOptions
	spec  *specs.Spec // what is kept of the config, with this process
	init  int         // pidfd of the container's init
	root  int         // its root, if it has no mount namespace of its own
	place cgroups.Group
}

// boot starts init in the container's pid namespace, gives it its plan and talks with it
// until the process is executed.
func (x *execution) boot() error {
	var err error
	if x.init, err = x.c.open(); err != nil {
		return err
	}
	if x.cg, err = x.c.cgroup(); err != nil {
		return err
	}
	e := compile.Exec{Join: joinable(x.c.rec.Pid, x.spec) &^ unix.CLONE_NEWPID}
	pid := compile.JoinFlags(x.spec)&unix.CLONE_NEWPID != 0
	// Whoever must join the user namespace first, for the rights over the others, needs a
	// process for that, which cannot be in the pid namespace.
	e.Stage = pid && !probes().Privileged
	if compile.JoinFlags(x.spec)&unix.CLONE_NEWNS == 0 {
		e.Root = true
		if x.root, err = unix.Open(fmt.Sprintf("/proc/%d/root", x.c.rec.Pid), unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0); err != nil {
			return fmt.Errorf("open the root of process %d: %w", x.c.rec.Pid, err)
		}
	}
	if err := x.spawn(pid && !e.Stage, e.Stage); err != nil {
		return err
	}
	if err := x.instruct(e); err != nil {
		return err
	}
	return x.converse()
}

// spawn starts init.
func (x *execution) spawn(inPid, stage bool) (err error) {
	space := 0
	if inPid {
		space = x.init
	}
	x.proc, err = x.inCgroup(func(dirfd int) (*initproc.Process, error) {
		return initproc.Start(initproc.Spawn{
			Title: "creel:[" + x.c.id + "]", CgroupFD: dirfd, PidSpace: space,
			Stdio: x.o.stdio(), Extra: preserved(x.o.PreserveFDs),
		})
	})
	if err != nil {
		return err
	}
	x.born(stage)
	if err := x.settle(); err != nil || stage {
		return err
	}
	return x.known()
}

// settle puts the waiting init where the container's processes are beside its cgroup, and onto
// the CPUs that it has until it is in the container (process.execCPUAffinity.initial).
func (x *execution) settle() error {
	if a := x.spec.Process.ExecCPUAffinity; a != nil && a.Initial != "" {
		mask, err := numlist.Parse(a.Initial, numlist.CPUs)
		if err == nil {
			err = setAffinity(x.proc.Pid, mask)
		}
		if err != nil {
			return fmt.Errorf("process.execCPUAffinity.initial: %q: %w", a.Initial, err)
		}
	}
	if x.c.rec.RDT == nil {
		return nil
	}
	return rdt.Open(*x.c.rec.RDT).Join(x.proc.Pid)
}

// setAffinity binds a process with one thread to CPUs.
func setAffinity(pid int, cpus numlist.Mask) error {
	bytes := cpus.Bytes()
	if len(bytes) == 0 {
		return unix.EINVAL
	}
	_, _, errno := unix.Syscall(unix.SYS_SCHED_SETAFFINITY, uintptr(pid), uintptr(len(bytes)), uintptr(unsafe.Pointer(&bytes[0])))
	if errno != 0 {
		return errno
	}
	return nil
}

// known implements host.
func (x *execution) known() (err error) {
	x.start, err = procstat.StartTime(x.pid)
	return err
}

// instruct gives init its plan.
func (x *execution) instruct(e compile.Exec) error {
	in := compile.Input{
		ID: x.c.id, Bundle: x.c.rec.Bundle, Spec: x.spec, Rootfs: x.c.rec.Rootfs, Probes: configProbes(x.spec),
		Winsize: x.o.ConsoleSize, PreserveFDs: x.o.PreserveFDs, NoNewKeyring: x.c.rec.NoNewKeyring,
	}
	if a := x.spec.Process.ExecCPUAffinity; a != nil {
		in.CPUs = a.Final
	}
	var err error
	if in.Filter.Program, in.Filter.Flags, err = x.c.dir.Filter(); err != nil {
		return err
	}
	if x.plan, err = compile.CompileExec(in, e); err != nil {
		return err
	}
	code, err := x.plan.Encode()
	if err != nil {
		return err
	}
	fds := make([]int, 0, 2)
	for i := range x.plan.Inherit {
		switch x.plan.Inherit[i].Kind {
		case plan.Process:
			fds = append(fds, x.init)
		case plan.ProcessRoot:
			fds = append(fds, x.root)
		}
	}
	return x.send(code, fds...)
}

// sync implements host.
func (x *execution) sync(_ initproc.Channel, op *plan.Op, m *initproc.Message) (r reply, err error) {
	switch op.Sync {
	case plan.SyncConsole:
		err = x.o.console(m.FD)
		m.FD = -1
	case plan.SyncRlimit:
		err = x.setRlimit(op)
	case plan.SyncAgent:
		err = x.agent.meet(m.FD, x.c.stateWith(specs.StateRunning))
	case plan.SyncCreated:
		r.late = lateHome(op, m, x.spec.Process.User.UID)
		if err = x.setOOMScore(x.pid, x.spec.Process.OOMScoreAdj); err == nil {
			err = x.announce(x.o.PidfdSocket, x.o.PidFile)
		}
	default:
		err = fmt.Errorf("init: waits for %d: %w", op.Sync, unix.EPROTO)
	}
	return r, err
}

// release closes what only the exec needed.
func (x *execution) release() {
	x.dialogue.release()
	closeFD(x.init)
	closeFD(x.root)
	if x.place != nil {
		x.place.Close()
	}
}
