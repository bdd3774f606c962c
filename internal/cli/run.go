package cli

import (
	"fmt"

	"github.com/creel-project/creel/libcontainer"
	"github.com/urfave/cli/v2"
	"golang.org/x/sys/unix"
)

func (p *program) runCommand() *cli.Command {
	return &cli.Command{
		Name:      "run",
		Usage:     "create and run a container",
		ArgsUsage: "<container-id>",
		Description: "run creates a container, executes its process, waits for its end in the foreground, and\n" +
			"exits with its status: 128+n when signal n ended it.",
		Flags: append(makeFlags(),
			&cli.BoolFlag{Name: "detach", Aliases: []string{"d"}, Usage: "detach from the container's process"},
			&cli.BoolFlag{Name: "keep", Usage: "do not delete the container after it exits"},
			&cli.BoolFlag{Name: "no-subreaper", Usage: "disable the use of the subreaper used to reap reparented processes"},
		),
		Action: p.run,
	}
}

func (p *program) run(c *cli.Context) error {
	id, err := oneID(c)
	if err != nil {
		return err
	}
	status, err := p.runID(c, id)
	if err != nil {
		return fmt.Errorf("run %s: %w", id, err)
	}
	if status != 0 {
		return exitStatus(status)
	}
	return nil
}

func (p *program) runID(c *cli.Context, id string) (status int, err error) {
	o, err := p.options(c, id)
	if err != nil {
		return 0, err
	}
	detach, terminal := c.Bool("detach"), o.Spec.Process.Terminal
	if err := checkConsole(terminal, detach, o.ConsoleSocket); err != nil {
		return 0, err
	}
	if !c.Bool("no-subreaper") {
		if err := unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); err != nil {
			return 0, fmt.Errorf("become a subreaper: %w", err)
		}
	}
	if detach {
		ctr, err := p.rt.Run(o)
		if err != nil {
			return 0, err
		}
		ctr.Close()
		return 0, nil
	}
	return p.foreground(o, c.Bool("keep"))
}

// foreground runs the container and is its terminal, its signals and its status.
func (p *program) foreground(o libcontainer.CreateOptions, keep bool) (int, error) {
	f, err := newForeground()
	if err != nil {
		return 0, err
	}
	defer f.close()
	if o.Spec.Process.Terminal {
		if err := f.openTerminal(&o); err != nil {
			return 0, err
		}
	}
	ctr, err := p.rt.Run(o)
	if err != nil {
		return 0, err
	}
	defer ctr.Close()
	if err := f.wait(ctr); err != nil {
		return 0, err
	}
	ws, err := ctr.Wait()
	if err != nil {
		return 0, err
	}
	f.drain()
	if !keep {
		if err := ctr.Delete(true); err != nil {
			return 0, err
		}
	}
	if ws.Signaled() {
		return 128 + int(ws.Signal()), nil
	}
	return ws.ExitStatus(), nil
}
