package libcontainer

import (
	"errors"
	"fmt"
	"io"

	"github.com/creel-project/creel/hooks"
	"github.com/creel-project/creel/libcontainer/initproc"
	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

// Start lets the process of a created container be executed, and runs the
// poststart hooks. It returns when execve(2) has succeeded, or with the reason
// why it has not.
func (c *Container) Start() error {
	if c.rec.Pid == 0 && c.creatorAlive() { // the socket is there before init listens
		return fmt.Errorf("cannot start a container in the %s state", specs.StateCreating)
	}
	// init that does not move would let us wait until somebody resumes it
	frozen, err := c.frozen()
	if err != nil {
		return err
	}
	if frozen {
		return fmt.Errorf("cannot start a container in the %s state", StatePaused)
	}
	fd, err := connectStart(c.dir.FD())
	if err != nil {
		return c.cannotStart(err)
	}
	defer unix.Close(fd)
	init, err := unix.PidfdOpen(c.rec.Pid, 0) // which lives: somebody listens
	if err == nil {
		defer unix.Close(init)
	}
	if err := c.startOver(initproc.NewChannel(fd), init); err != nil {
		return err
	}
	c.rt.debug("container %s is started, its process is %d", c.id, c.rec.Pid)
	// what connects from now on shall find a started container, not a socket
	// that nobody listens on
	unix.Unlinkat(c.dir.FD(), startName, 0)
	return c.poststart()
}

var errRunning = errors.New("cannot start an already running container")

// cannotStart explains a start socket that does not answer.
func (c *Container) cannotStart(err error) error {
	st, serr := c.State()
	switch {
	case serr != nil:
		return serr
	case st.Status == specs.StateStopped, c.ending():
		return errors.New("cannot start a container that has stopped" + c.fate(-1))
	case st.Status == specs.StateRunning, errors.Is(err, unix.ECONNREFUSED),
		errors.Is(err, unix.ECONNRESET), errors.Is(err, unix.EPIPE): // another start was first
		return errRunning
	}
	return fmt.Errorf("cannot start a container in the %s state: %w", st.Status, err)
}

// startOver is the conversation of start with init. pidfd is init's, or -1.
func (c *Container) startOver(ch initproc.Channel, pidfd int) error {
	var stderr *hooks.Output
	var err error
	if c.rec.StartContainer {
		var st []byte
		if st, err = c.stateJSON(specs.StateCreated, pidInside(c.rec.Pid)); err != nil {
			return err
		}
		if stderr, err = c.sendHooks(ch, st); err != nil {
			return c.cannotStart(err)
		}
		defer stderr.Close()
	} else if err := ch.Go(nil); err != nil {
		return c.cannotStart(err)
	}
	a := newAgent(c.rec.Listener)
	defer a.close()
	m, err := startAnswer(ch, stderr)
	if err == nil && m.Kind == initproc.KindSync {
		if err := c.meet(a, ch, m.FD); err != nil {
			return errors.Join(c.destroy(), err)
		}
		m, err = startAnswer(ch, nil)
	}
	switch {
	case errors.Is(err, io.EOF):
		return c.lost(pidfd)
	case err != nil:
		return err
	case m.Kind == initproc.KindExec:
		return c.executed(ch, a, pidfd, m.Value != 0)
	case m.Kind == initproc.KindSync:
		return fmt.Errorf("init: waits at op %d once more: %w", m.Op, unix.EPROTO)
	}
	f := m.Failure(false)
	if f.Hook && stderr != nil { // as when create's hooks fail, nothing may stay
		f.Note = trimTail(stderr.Tail())
		why := c.explainMemory(f)
		return errors.Join(c.destroy(), why)
	}
	return c.explainMemory(f)
}

// startAnswer is init's word: that it is about to execute the process, or what
// failed before. stderr, if not nil, is what its hooks write to meanwhile.
func startAnswer(ch initproc.Channel, stderr *hooks.Output) (m initproc.Message, err error) {
	if stderr != nil {
		if err := stderr.Until(ch.FD(), -1); err != nil {
			return m, err
		}
	}
	if m, err = ch.Recv(); err != nil {
		return m, err
	}
	if m.Kind != initproc.KindExec && m.Kind != initproc.KindError && m.Kind != initproc.KindSync {
		return m, fmt.Errorf("init: message of kind %d: %w", m.Kind, unix.EPROTO)
	}
	return m, nil
}

// meet does the host's part at the gate of init (plan.SyncAgent), the only wait that
// start knows of, whose page is fd.
func (c *Container) meet(a *agent, ch initproc.Channel, fd int) error {
	defer unix.Close(fd)
	if a == nil {
		return fmt.Errorf("init: waits for an agent that the record does not know: %w", unix.EPROTO)
	}
	if err := a.meet(fd, c.stateWith(specs.StateCreated)); err != nil {
		return err
	}
	return ch.Go(nil)
}

// serve gives the agent of notifications the listener of init.
func (c *Container) serve(a *agent, ch initproc.Channel) error {
	pidfd, err := c.open()
	if errors.Is(err, ErrNotRunning) {
		return nil // its last word says why
	}
	if err != nil {
		return err
	}
	defer unix.Close(pidfd)
	return a.serve(ch, c.rec.Pid, pidfd)
}

// executed waits for the end of the connection, which is execve(2) or, when init
// still is what it was, its death.
func (c *Container) executed(ch initproc.Channel, a *agent, pidfd int, filtered bool) error {
	name := openName(c.rec.Pid)
	defer unix.Close(name)
	if a != nil {
		if err := c.serve(a, ch); err != nil {
			return errors.Join(c.destroy(), err)
		}
	}
	m, err := ch.Recv()
	switch {
	case errors.Is(err, io.EOF) && neverExecuted(name, c.rec.Pid, c.rec.StartTime):
		how := "ended"
		if ws, ok := c.lastStatus(pidfd); ok {
			how = statusWords(ws)
		}
		return unexecuted(filtered, how, c.oomWords())
	case errors.Is(err, io.EOF):
		return nil
	case err != nil:
		return err
	case m.Kind == initproc.KindError:
		return m.Failure(false)
	}
	return fmt.Errorf("init: message of kind %d: %w", m.Kind, unix.EPROTO)
}

// lost explains an init that closed the socket without a word: another start
// was first, or init is dead.
func (c *Container) lost(pidfd int) error {
	if !c.ending() {
		return errRunning
	}
	return errors.New("init ended before it executed the process" + c.fate(pidfd))
}

// poststart runs the hooks that follow the execution of the process. One that
// fails stops the container (runtime-spec 1.3, config.md, "Poststart").
func (c *Container) poststart() error {
	if len(c.rec.Poststart) == 0 {
		return nil
	}
	st, err := c.stateJSON(specs.StateRunning, c.rec.Pid)
	if err != nil {
		return err
	}
	for i := range c.rec.Poststart {
		if err := c.runHook("poststart", i, &c.rec.Poststart[i], st, c.rec.Bundle); err != nil {
			return errors.Join(c.destroy(), err)
		}
	}
	c.hooksDone()
	return nil
}
