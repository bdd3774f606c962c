package cli

import (
	"fmt"
	"os"

	"github.com/creel-project/creel/libcontainer"
	"golang.org/x/sys/unix"
)

func (p *program) runCommand() *command {
	return &command{
		name: "run", usage: "create and run a container", args: "<container-id>", least: 1, most: 1,
		description: "run creates a container, executes its process, waits for its end in the foreground, and\n" +
			"exits with its status: 128+n when signal n ended it.",
		flags: func(f *flags) {
			makeFlags(f)
			f.yes("detach from the container's process", "detach", "d")
			f.yes("do not delete the container after it exits", "keep")
			f.yes("disable the use of the subreaper used to reap reparented processes", "no-subreaper")
		},
		action: p.runContainer,
	}
}

func (p *program) runContainer(c *call) error {
	id := c.arg(0)
	status, err := p.runID(c, id)
	if err != nil {
		return fmt.Errorf("run %s: %w", id, err)
	}
	if status != 0 {
		return exitStatus(status)
	}
	return nil
}

func (p *program) runID(c *call, id string) (status int, err error) {
	o, err := p.options(c, id)
	if err != nil {
		return 0, err
	}
	detach, terminal := c.Bool("detach"), o.Spec.Process.Terminal
	if err := checkConsole(terminal, detach, o.ConsoleSocket); err != nil {
		return 0, err
	}
	if detach {
		ctr, err := p.rt.Run(o)
		if err != nil {
			return 0, err
		}
		defer ctr.Close()
		p.notified(ctr, ctr.Pid())
		return 0, nil
	}
	reap := !c.Bool("no-subreaper") && !libcontainer.PrivatePid(o.Spec)
	return p.foreground(o, reap, c.Bool("keep"))
}

// foreground runs the container and is its terminal, its signals and its status,
// and with reap the parent of its orphans. Where the container has a pid namespace
// of its own, its init is that.
func (p *program) foreground(o libcontainer.CreateOptions, reap, keep bool) (int, error) {
	f, err := newForeground()
	if err != nil {
		return 0, err
	}
	defer f.close()
	if reap {
		if err := f.adopt(); err != nil {
			return 0, err
		}
	}
	if o.Spec.Process.Terminal {
		if err := f.openTerminal(&o.Streams, o.Spec.Process.ConsoleSize); err != nil {
			return 0, err
		}
	}
	ctr, err := p.rt.Run(o)
	if err != nil {
		return 0, err
	}
	defer ctr.Close()
	f.ctr = ctr
	told := make(chan struct{})
	if o.NotifySocket == "" {
		close(told)
	} else {
		go func() { p.notified(ctr, os.Getpid()); close(told) }()
	}
	if err := f.wait(ctr); err != nil {
		return 0, err
	}
	<-told
	ws, err := ctr.Wait()
	if err != nil {
		return 0, err
	}
	p.debug("process %d of container %s has ended with status %d", ctr.Pid(), ctr.ID(), statusOf(ws))
	f.drain()
	if !keep {
		if err := ctr.Delete(true); err != nil {
			return 0, err
		}
	}
	return statusOf(ws), nil
}

// notified waits until the container is ready and tells the service manager, if there
// is one. The container runs, whatever becomes of that.
func (p *program) notified(ctr *libcontainer.Container, main int) {
	if err := ctr.Notified(main); err != nil {
		p.log.Warn("run " + ctr.ID() + ": " + err.Error())
	}
}

// statusOf is the status that a shell gives an ended process: 128+n after signal n.
func statusOf(ws unix.WaitStatus) int {
	if ws.Signaled() {
		return 128 + int(ws.Signal())
	}
	return ws.ExitStatus()
}
