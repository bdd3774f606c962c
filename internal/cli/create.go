package cli

import (
	"errors"
	"fmt"

	"github.com/urfave/cli/v2"
)

func (p *program) createCommand() *cli.Command {
	return &cli.Command{
		Name:      "create",
		Usage:     "create a container",
		ArgsUsage: "<container-id>",
		Description: "create makes a container from a bundle, a directory with a config.json and a root\n" +
			"filesystem. Its process waits until `creel start` lets it run.",
		Flags:  makeFlags(),
		Action: p.create,
	}
}

func (p *program) create(c *cli.Context) error {
	id, err := oneID(c)
	if err != nil {
		return err
	}
	if err := p.createID(c, id); err != nil {
		return fmt.Errorf("create %s: %w", id, err)
	}
	return nil
}

func (p *program) createID(c *cli.Context, id string) error {
	o, err := p.options(c, id)
	if err != nil {
		return err
	}
	if err := checkConsole(o.Spec.Process.Terminal, true, o.ConsoleSocket); err != nil {
		return err
	}
	ctr, err := p.rt.Create(o)
	if err != nil {
		return err
	}
	ctr.Close()
	return nil
}

// checkConsole makes sure that a terminal has somebody to hold its other end.
func checkConsole(terminal, detached bool, socket string) error {
	switch {
	case terminal && detached && socket == "":
		return errors.New("cannot allocate tty if creel will detach without setting console socket")
	case socket != "" && !(terminal && detached):
		return errors.New("cannot use console socket if creel will not detach or allocate tty")
	}
	return nil
}
