package libcontainer

import (
	"fmt"
	"os"

	"github.com/creel-project/creel/libcontainer/compile"
	"github.com/creel-project/creel/libcontainer/initproc"
	"github.com/creel-project/creel/libcontainer/plan"
	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

// errand is an init that does something in a container's namespaces and ends there,
// without having been in its cgroup.
type errand struct {
	dialogue
	c    *Container
	spec *specs.Spec
	init int // pidfd of the container's init
}

func (c *Container) newErrand(s *specs.Spec) *errand {
	w := &errand{dialogue: newDialogue(c.rt), c: c, spec: s, init: -1}
	w.host = w
	return w
}

// run starts init, makes its plan with compile, and waits until it is carried out.
func (w *errand) run(compilePlan func(in compile.Input, join uintptr) error) (err error) {
	defer w.end()
	if w.init, err = w.c.open(); err != nil {
		return err
	}
	if w.cg, err = w.c.cgroup(); err != nil {
		return err
	}
	if err := w.spawn(); err != nil {
		return err
	}
	in := compile.Input{ID: w.c.id, Bundle: w.c.rec.Bundle, Spec: w.spec, Rootfs: w.c.rec.Rootfs, Probes: probes()}
	if err := compilePlan(in, joinable(w.c.rec.Pid, w.spec)&^unix.CLONE_NEWPID); err != nil {
		return err
	}
	code, err := w.plan.Encode()
	if err != nil {
		return err
	}
	fds, held, err := w.inherited()
	defer closeAll(held)
	if err != nil {
		return err
	}
	if err := w.send(code, fds...); err != nil {
		return err
	}
	return w.converse()
}

func (w *errand) spawn() error {
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer null.Close()
	n, space := int(null.Fd()), 0
	if compile.JoinFlags(w.spec)&unix.CLONE_NEWPID != 0 && probes().Privileged {
		space = w.init
	}
	w.proc, err = initproc.Start(initproc.Spawn{
		Title: "creel:[" + w.c.id + "]", CgroupFD: -1, PidSpace: space, Stdio: [3]int{n, n, n},
	})
	if err != nil {
		return err
	}
	w.born(false)
	return nil
}

// inherited opens the fds that the plan begins with; held are those to close.
func (w *errand) inherited() (fds, held []int, err error) {
	for i := range w.plan.Inherit {
		in := &w.plan.Inherit[i]
		fd := w.init
		switch in.Kind {
		case plan.IDMap:
			fd, err = holdIDMap(in)
		case plan.LockedMounts:
			fd, err = holdLocked()
		}
		if err != nil {
			return nil, held, fmt.Errorf("%s: %w", in.Source, err)
		}
		if fd != w.init {
			held = append(held, fd)
		}
		fds = append(fds, fd)
	}
	return fds, held, nil
}

func (w *errand) known() error { return nil }

// sync implements host.
func (w *errand) sync(_ initproc.Channel, op *plan.Op, _ *initproc.Message) (reply, error) {
	if op.Sync != plan.SyncDone {
		return reply{}, fmt.Errorf("init: waits for %d: %w", op.Sync, unix.EPROTO)
	}
	return reply{told: true, done: true}, nil
}

// end ends init, which has nothing left to do.
func (w *errand) end() {
	w.abort()
	w.release()
	closeFD(w.init)
}
