package libcontainer

import (
	"errors"
	"fmt"
	"io"

	"github.com/creel-project/creel/hooks"
	"github.com/creel-project/creel/libcontainer/cgroups"
	"github.com/creel-project/creel/libcontainer/initproc"
	"github.com/creel-project/creel/libcontainer/plan"
	"golang.org/x/sys/unix"
)

// dialogue is the conversation with an init that carries out a plan.
type dialogue struct {
	rt   *Runtime
	host host
	plan *plan.Plan
	cg   cgroups.Group

	proc    *initproc.Process
	stage1  child
	helper  child  // one that is not stage 1
	pid     int    // the process that executes, 0 until it is known and when it is reaped
	start   uint64 // when it started, in ticks
	pidfd   int
	pending *initproc.Message // stage 2's word that came before stage 1's
	stderr  *hooks.Output     // of the hooks that init runs
	agent   *agent            // of seccomp notifications, nil without
	told    int               // up to which op Debug was told of hooks
}

// host is who answers init.
type host interface {
	// known is called when pid is known, unless it is from the beginning.
	known() error
	// sync does the host's part at a wait. m.FD is closed afterwards, unless sync took it (-1).
	sync(ch initproc.Channel, op *plan.Op, m *initproc.Message) (reply, error)
}

// reply is how a wait ends.
type reply struct {
	late []byte // what init gets to hear as it is let go on
	told bool   // it has heard already, or needs not
	done bool   // the conversation ends there
}

func newDialogue(rt *Runtime) dialogue {
	return dialogue{rt: rt, pidfd: -1, stage1: child{fd: -1}, helper: child{fd: -1}}
}

// born takes up the started init: as stage 1, or as the process that executes.
func (d *dialogue) born(stage1 bool) {
	init := child{d.proc.Pid, d.proc.TakePidFD()}
	if stage1 {
		d.stage1 = init
	} else {
		d.pid, d.pidfd = init.pid, init.fd
	}
}

// send gives init its plan, with the fds of its first slots. A broken pipe is an init
// that has ended: converse reads why.
func (d *dialogue) send(code []byte, fds ...int) error {
	if err := d.proc.Channel().SendPlan(code, fds...); err != nil && !errors.Is(err, unix.EPIPE) {
		return err
	}
	d.rt.debug("plan of %d operations is sent to init", len(d.plan.Ops))
	return nil
}

// wait finds the op that init waits at, and has the host answer.
func (d *dialogue) wait(ch initproc.Channel, m *initproc.Message) (done bool, err error) {
	if int(m.Op) >= len(d.plan.Ops) {
		return true, fmt.Errorf("init: waits at op %d of %d: %w", m.Op, len(d.plan.Ops), unix.EPROTO)
	}
	d.passed(m.Op)
	r, err := d.host.sync(ch, &d.plan.Ops[m.Op], m)
	closeFD(m.FD)
	if err == nil && !r.told {
		err = ch.Go(r.late)
	}
	return r.done, err
}

// converse answers init until it is created, or until it runs.
func (d *dialogue) converse() error {
	ch := d.proc.Channel()
	for {
		m, err := d.recv(ch)
		switch {
		case errors.Is(err, io.EOF):
			return d.died()
		case err != nil:
			return err
		}
		done, err := d.answer(ch, &m)
		if err != nil || done {
			return err
		}
	}
}

// recv waits for init's next word, and meanwhile reads what its hooks write.
func (d *dialogue) recv(ch initproc.Channel) (initproc.Message, error) {
	if d.stderr != nil {
		if err := d.stderr.Until(ch.FD(), -1); err != nil {
			return initproc.Message{FD: -1}, err
		}
	}
	return ch.Recv()
}

// answer handles one message; done says that there will be no more.
func (d *dialogue) answer(ch initproc.Channel, m *initproc.Message) (done bool, err error) {
	switch m.Kind {
	case initproc.KindChild:
		if int(m.Op) < len(d.plan.Ops) && d.plan.Ops[m.Op].Helper {
			d.helper = child{int(m.Value), m.FD}
			return false, nil
		}
		d.pid, d.pidfd = int(m.Value), m.FD
		d.rt.debug("stage 2 is process %d", d.pid)
		if err := d.host.known(); err != nil {
			return true, err
		}
		if d.pending == nil {
			return false, nil
		}
		next := d.pending
		d.pending = nil
		return d.wait(ch, next)
	case initproc.KindSync:
		if d.pid == 0 { // stage 2 was faster than stage 1
			waiting := *m
			d.pending = &waiting
			return false, nil
		}
		return d.wait(ch, m)
	case initproc.KindError:
		return true, d.failure(m)
	case initproc.KindExec:
		d.passed(m.Op)
		return true, d.executed(ch, m.Value != 0)
	}
	return true, fmt.Errorf("init: message of kind %d: %w", m.Kind, unix.EPROTO)
}

// failure is the error of an op, with what a hook said on its way down.
func (d *dialogue) failure(m *initproc.Message) error {
	quiet := int(m.Op) < len(d.plan.Ops) && d.plan.Ops[m.Op].Quiet
	f := m.Failure(quiet)
	if f.Hook && d.stderr != nil {
		f.Note = trimTail(d.stderr.Tail())
	}
	return f
}

// executed waits for the socket to close, which execve(2) does.
func (d *dialogue) executed(ch initproc.Channel, filtered bool) error {
	name := openName(d.pid)
	defer unix.Close(name)
	if d.agent != nil {
		if err := d.agent.serve(ch, d.pid, d.pidfd); err != nil {
			return err
		}
	}
	m, err := ch.Recv()
	if errors.Is(err, io.EOF) {
		if neverExecuted(name, d.pid, d.start) {
			return unexecuted(filtered, causeOfDeath(d.pid, nil), oomWords(d.cg))
		}
		return nil
	}
	if err != nil {
		return err
	}
	return d.failure(&m)
}

// died explains an init that ended without a word.
func (d *dialogue) died() error {
	pid := d.pid
	if pid == 0 { // stage 2 was never made
		pid = d.stage1.pid
		d.stage1.pid = 0
	}
	d.pid = 0 // from here on it may be another process's
	return fmt.Errorf("init %s", causeOfDeath(pid, d.cg))
}
