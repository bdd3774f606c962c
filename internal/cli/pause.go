package cli

import (
	"fmt"

	"github.com/creel-project/creel/libcontainer"
)

func (p *program) pauseCommand() *command {
	return &command{
		name: "pause", usage: "pause suspends all processes inside the container",
		args: "<container-id>", least: 1, most: 1,
		description: "A container that was created or runs is paused until `creel resume`.",
		action:      func(c *call) error { return p.freeze(c, (*libcontainer.Container).Pause) },
	}
}

func (p *program) resumeCommand() *command {
	return &command{
		name: "resume", usage: "resumes all processes that have been previously paused",
		args: "<container-id>", least: 1, most: 1,
		action: func(c *call) error { return p.freeze(c, (*libcontainer.Container).Resume) },
	}
}

// freeze is pause or resume.
func (p *program) freeze(c *call, change func(*libcontainer.Container) error) error {
	ctr, err := p.rt.Load(c.arg(0))
	if err != nil {
		return err
	}
	defer ctr.Close()
	if err := change(ctr); err != nil {
		return fmt.Errorf("%s %s: %w", c.name, c.arg(0), err)
	}
	return nil
}
