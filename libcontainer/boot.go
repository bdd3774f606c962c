package libcontainer

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"

	"github.com/creel-project/creel/hooks"
	"github.com/creel-project/creel/libcontainer/cgroups"
	"github.com/creel-project/creel/libcontainer/compile"
	"github.com/creel-project/creel/libcontainer/initproc"
	"github.com/creel-project/creel/libcontainer/plan"
	"github.com/creel-project/creel/libcontainer/seccomp"
	"github.com/creel-project/creel/libcontainer/state"
	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

// boot is a container on its way from a config to a waiting, or running, init.
type boot struct {
	rt   *Runtime
	o    CreateOptions
	run  bool
	plan *plan.Plan
	dir  *state.Dir
	rec  *state.Record
	cg   cgroups.Group

	filter  *seccomp.Pending // of linux.seccomp, nil once it is taken
	proc    *initproc.Process
	stage1  child
	helper  child // one that is not stage 1
	pid     int   // the container's init, 0 until it is known and when it is reaped
	pidfd   int
	pending *initproc.Message // stage 2's word that came before stage 1's
	stderr  *hooks.Output     // of the hooks that init runs
	hooked  bool              // hooks ran: poststop hooks must run as well
	told    int               // up to which op Debug was told of hooks

	created state.Record // what rec will be when the container is created
	draft   *state.Draft // of created, nil until init's pid is known
}

// boot makes the container. On return its init waits for start, or executes the
// process if run is set. Whatever fails leaves nothing behind.
func (rt *Runtime) boot(o CreateOptions, run bool) (c *Container, err error) {
	b := &boot{rt: rt, o: o, run: run, pidfd: -1, stage1: child{fd: -1}, helper: child{fd: -1}}
	if err := b.reserve(); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			b.undo()
		}
		b.release()
	}()
	if err := b.prepare(); err != nil {
		return nil, err
	}
	if err := b.spawn(); err != nil {
		return nil, err
	}
	if err := b.instruct(); err != nil {
		return nil, err
	}
	if err := b.converse(); err != nil {
		return nil, err
	}
	return &Container{rt: rt, id: o.ID, dir: b.dir, rec: b.rec, pidfd: b.keepPidfd()}, nil
}

// reserve takes the id and records what is about to be made, before any of it
// is: a runtime that is killed at any instant leaves what delete can find.
func (b *boot) reserve() error {
	cg, err := cgroups.New(cgroups.Options{
		ID: b.o.ID, CgroupsPath: b.cgroupsPath(), Rootless: b.rt.rootless(), Warn: b.rt.warn,
	})
	if err != nil {
		return err
	}
	rec := b.newRecord(cg.Record())
	dir, err := b.rt.store().Reserve(b.o.ID)
	if err != nil {
		cg.Close()
		return err
	}
	b.dir, b.cg, b.rec = dir, cg, rec
	if err := dir.Write(rec); err != nil {
		b.undo()
		b.release()
		return err
	}
	return nil
}

func (b *boot) cgroupsPath() string {
	if b.o.Spec.Linux == nil {
		return ""
	}
	return b.o.Spec.Linux.CgroupsPath
}

// prepare makes what init starts in and begins what takes long.
func (b *boot) prepare() (err error) {
	if b.filter, err = b.rt.startFilter(b.o.Spec); err != nil {
		return allMistakes(b.o.Spec, err)
	}
	if err := b.cg.Create(); err != nil {
		return err
	}
	if err := b.ownCgroup(); err != nil {
		return err
	}
	b.rt.debug("cgroup of container %s is made: %s", b.o.ID, b.rec.Cgroup.Path)
	if b.rec.Cgroup = b.cg.Record(); len(b.rec.Cgroup.Existed)+len(b.rec.Cgroup.Made) > 0 {
		return b.dir.Write(b.rec)
	}
	return nil
}

// spawn starts init in its cgroup. While it starts, the plan is made: it waits
// for that anyway.
func (b *boot) spawn() (err error) {
	dirfd, into := b.cg.SpawnFD()
	if !into {
		dirfd = -1
	}
	clone, unshare, twoStages := compile.Spawn(b.o.Spec)
	b.proc, err = initproc.Start(initproc.Spawn{
		Title: "creel:[" + b.o.ID + "]", CgroupFD: dirfd,
		Cloneflags: clone, Unshare: unshare, Dir: b.hookDir(),
		Stdio: b.o.stdio(), Extra: preserved(b.o.PreserveFDs),
	})
	if err != nil {
		return err
	}
	b.rt.debug("init is started as process %d, in two stages: %t", b.proc.Pid, twoStages)
	if twoStages {
		b.stage1 = child{b.proc.Pid, b.proc.TakePidFD()}
	} else {
		b.pid, b.pidfd = b.proc.Pid, b.proc.TakePidFD()
	}
	return b.cg.Join(b.proc.Pid, into)
}

// hookDir is where init starts, "" for our own directory: the hooks that it runs
// before the change of root start in the bundle, like ours.
func (b *boot) hookDir() string {
	if h := b.o.Spec.Hooks; h != nil && len(h.CreateContainer) > 0 {
		return b.o.Bundle
	}
	return ""
}

// instruct gives init its plan, when all limits are set but those on memory and
// on devices. The filter of devices is made while init works.
func (b *boot) instruct() error {
	code, err := b.makePlan()
	if err != nil {
		return err
	}
	fds, err := b.inherited()
	defer closeAll(fds)
	if err != nil {
		return err
	}
	if err := b.cg.ApplyEarly(b.resources()); err != nil {
		return err
	}
	// A broken pipe is an init that has ended: converse reads why.
	if err := b.proc.Channel().SendPlan(code, fds...); err != nil && !errors.Is(err, unix.EPIPE) {
		return err
	}
	b.rt.debug("plan of %d operations is sent to init", len(b.plan.Ops))
	if b.pid != 0 {
		if err := b.draftRecord(); err != nil {
			return err
		}
	}
	return b.cg.PrepareDevices(b.deviceRules())
}

// makePlan compiles the config and encodes the plan.
func (b *boot) makePlan() ([]byte, error) {
	in, err := b.rt.input(b.o, b.run)
	if err != nil {
		return nil, err
	}
	if usesCgroupMount(b.o.Spec) {
		if in.Cgroup, err = b.cg.MountView(); err != nil {
			return nil, err
		}
	}
	if in.Filter, err = b.takeFilter(); err != nil {
		return nil, allMistakes(b.o.Spec, err)
	}
	if b.plan, err = compile.Compile(in); err != nil {
		return nil, allMistakes(b.o.Spec, err)
	}
	return b.plan.Encode()
}

// converse answers init until it is created, or until it runs.
func (b *boot) converse() error {
	ch := b.proc.Channel()
	for {
		m, err := b.recv(ch)
		switch {
		case errors.Is(err, io.EOF):
			return b.died()
		case err != nil:
			return err
		}
		done, err := b.answer(ch, &m)
		if err != nil || done {
			return err
		}
	}
}

// recv waits for init's next word, and meanwhile reads what its hooks write.
func (b *boot) recv(ch initproc.Channel) (initproc.Message, error) {
	if b.stderr != nil {
		if err := b.stderr.Until(ch.FD(), -1); err != nil {
			return initproc.Message{FD: -1}, err
		}
	}
	return ch.Recv()
}

// answer handles one message; done says that there will be no more.
func (b *boot) answer(ch initproc.Channel, m *initproc.Message) (done bool, err error) {
	switch m.Kind {
	case initproc.KindChild:
		if int(m.Op) < len(b.plan.Ops) && b.plan.Ops[m.Op].Helper {
			b.helper = child{int(m.Value), m.FD}
			return false, nil
		}
		b.pid, b.pidfd = int(m.Value), m.FD
		b.rt.debug("stage 2 is process %d", b.pid)
		if err := b.draftRecord(); err != nil {
			return true, err
		}
		if b.pending == nil {
			return false, nil
		}
		next := b.pending
		b.pending = nil
		return b.sync(ch, next)
	case initproc.KindSync:
		if b.pid == 0 { // stage 2 was faster than stage 1
			waiting := *m
			b.pending = &waiting
			return false, nil
		}
		return b.sync(ch, m)
	case initproc.KindError:
		return true, b.failure(m)
	case initproc.KindExec:
		b.passed(m.Op)
		return true, b.executed(ch, m.Value != 0)
	}
	return true, fmt.Errorf("init: message of kind %d: %w", m.Kind, unix.EPROTO)
}

// failure is the error of an op, with what a hook said on its way down.
func (b *boot) failure(m *initproc.Message) error {
	quiet := int(m.Op) < len(b.plan.Ops) && b.plan.Ops[m.Op].Quiet
	f := m.Failure(quiet)
	if f.Hook && b.stderr != nil {
		f.Note = trimTail(b.stderr.Tail())
	}
	return f
}

// executed waits for the socket to close, which execve(2) does.
func (b *boot) executed(ch initproc.Channel, filtered bool) error {
	name := openName(b.pid)
	defer unix.Close(name)
	m, err := ch.Recv()
	if errors.Is(err, io.EOF) {
		if neverExecuted(name, b.pid, b.created.StartTime) {
			return unexecuted(filtered, causeOfDeath(b.pid, nil), oomWords(b.cg))
		}
		b.rt.debug("container %s is started, its process is %d", b.o.ID, b.pid)
		return nil
	}
	if err != nil {
		return err
	}
	return b.failure(&m)
}

// deviceRules are those of the config; without any, all but the default devices is denied.
func (b *boot) deviceRules() []specs.LinuxDeviceCgroup {
	if r := b.resources(); r != nil {
		return r.Devices
	}
	return nil
}

func (b *boot) resources() *specs.LinuxResources {
	if b.o.Spec.Linux == nil {
		return nil
	}
	return b.o.Spec.Linux.Resources
}

// died explains an init that ended without a word.
func (b *boot) died() error {
	how := causeOfDeath(b.pid, b.cg)
	b.pid = 0 // from here on it may be another process's
	return fmt.Errorf("init %s", how)
}

func (o *CreateOptions) rootfs() string {
	if filepath.IsAbs(o.Spec.Root.Path) {
		return filepath.Clean(o.Spec.Root.Path)
	}
	return filepath.Join(o.Bundle, o.Spec.Root.Path)
}

func closeAll(fds []int) {
	for _, fd := range fds {
		unix.Close(fd)
	}
}
