package libcontainer

import (
	"path/filepath"

	"github.com/creel-project/creel/internal/sdnotify"
	"github.com/creel-project/creel/libcontainer/cgroups"
	"github.com/creel-project/creel/libcontainer/compile"
	"github.com/creel-project/creel/libcontainer/initproc"
	"github.com/creel-project/creel/libcontainer/netdev"
	"github.com/creel-project/creel/libcontainer/rdt"
	"github.com/creel-project/creel/libcontainer/seccomp"
	"github.com/creel-project/creel/libcontainer/state"
	"github.com/opencontainers/runtime-spec/specs-go"
)

// boot is a container on its way from a config to a waiting, or running, init.
type boot struct {
	dialogue
	o   CreateOptions
	run bool
	dir *state.Dir
	rec *state.Record
	rdt *rdt.Group // nil without linux.intelRdt

	notify  *sdnotify.Socket // of a container that runs at once
	filter  *seccomp.Pending // of linux.seccomp, nil once it is taken
	devices *netdev.Moved    // of linux.netDevices, until the container is created
	hooked  bool             // hooks ran: poststop hooks must run as well

	created state.Record // what rec will be when the container is created
	draft   *state.Draft // of created, nil until init's pid is known
}

// boot makes the container. On return its init waits for start, or executes the
// process if run is set. Whatever fails leaves nothing behind.
func (rt *Runtime) boot(o CreateOptions, run bool) (c *Container, err error) {
	b := &boot{dialogue: newDialogue(rt), o: o, run: run}
	b.host = b
	if err := b.reserve(); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = b.explain(err, b.hungUp())
			b.undo()
			err = namingRefused(err)
		}
		b.release()
	}()
	if err := b.makeNotify(); err != nil {
		return nil, err
	}
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
	if run {
		rt.debug("container %s is started, its process is %d", o.ID, b.pid)
	}
	c = &Container{rt: rt, id: o.ID, dir: b.dir, rec: b.rec, pidfd: b.keepPidfd(), notify: b.notify}
	b.notify = nil
	return c, nil
}

// reserve takes the id and records what is about to be made, before any of it
// is: a runtime that is killed at any instant leaves what delete can find.
func (b *boot) reserve() error {
	cg, err := cgroups.New(b.rt.cgroupOptions(b.o))
	if err != nil {
		return err
	}
	if b.rdt, err = b.resctrlGroup(); err == nil {
		b.rec = b.newRecord(cg.Record())
		err = checkAgent(b.rec.Listener)
	}
	var dir *state.Dir
	if err == nil {
		dir, err = b.rt.store().Reserve(b.o.ID)
	}
	if err != nil {
		cg.Close()
		return err
	}
	b.dir, b.cg, b.agent = dir, cg, newAgent(b.rec.Listener)
	if err := dir.Write(b.rec); err != nil {
		b.undo()
		b.release()
		return err
	}
	dir.Unlock()
	return nil
}

// prepare makes what init starts in and begins what takes long.
func (b *boot) prepare() (err error) {
	if b.filter, err = b.rt.startFilter(b.o.Spec); err != nil {
		return allMistakes(b.o.Spec, err)
	}
	if err := b.cg.Create(); err != nil {
		return err
	}
	return b.makeResctrl()
}

// spawn starts init in its cgroup. While it starts, the plan is made: it waits
// for that anyway.
func (b *boot) spawn() (err error) {
	dirfd, into := b.cg.SpawnFD()
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
	b.born(twoStages)
	if err := b.cg.Join(b.proc.Pid, into); err != nil {
		return err
	}
	if err := b.recordCgroup(); err != nil {
		return err
	}
	if err := b.ownCgroup(); err != nil {
		return err
	}
	return b.joinResctrl()
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
	code, filter, err := b.makePlan()
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
	if err := b.send(code, fds...); err != nil {
		return err
	}
	if b.pid != 0 {
		if err := b.draftRecord(); err != nil {
			return err
		}
	}
	if err := b.keep(filter); err != nil {
		return err
	}
	return b.cg.PrepareDevices(b.deviceRules())
}

// makePlan compiles the config and encodes the plan.
func (b *boot) makePlan() (code []byte, filter compile.Filter, err error) {
	in, err := b.rt.input(b.o, b.run)
	if err != nil {
		return nil, filter, err
	}
	if usesCgroupMount(b.o.Spec) {
		if in.Cgroup, err = b.cg.MountView(); err != nil {
			return nil, filter, err
		}
	}
	if in.Filter, err = b.takeFilter(); err != nil {
		return nil, filter, allMistakes(b.o.Spec, err)
	}
	if b.plan, err = compile.Compile(in); err != nil {
		return nil, filter, allMistakes(b.o.Spec, err)
	}
	code, err = b.plan.Encode()
	return code, in.Filter, err
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

func (o *CreateOptions) rootfs() string {
	if filepath.IsAbs(o.Spec.Root.Path) {
		return filepath.Clean(o.Spec.Root.Path)
	}
	return filepath.Join(o.Bundle, o.Spec.Root.Path)
}
