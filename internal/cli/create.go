package cli

import (
	"errors"
	"fmt"
)

func (p *program) createCommand() *command {
	return &command{
		name: "create", usage: "create a container", args: "<container-id>", least: 1, most: 1,
		description: "create makes a container from a bundle, a directory with a config.json and a root\n" +
			"filesystem. Its process waits until `creel start` lets it run.",
		flags: makeFlags, action: p.create,
	}
}

func (p *program) create(c *call) error {
	id := c.arg(0)
	if err := p.createID(c, id); err != nil {
		return fmt.Errorf("create %s: %w", id, err)
	}
	return nil
}

func (p *program) createID(c *call, id string) error {
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
