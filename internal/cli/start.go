package cli

import (
	"fmt"
)

func (p *program) startCommand() *command {
	return &command{
		name: "start", usage: "executes the user defined process in a created container",
		args: "<container-id>", least: 1, most: 1, action: p.start,
	}
}

func (p *program) start(c *call) error {
	ctr, err := p.rt.Load(c.arg(0))
	if err != nil {
		return err
	}
	defer ctr.Close()
	if err := ctr.Start(); err != nil {
		return fmt.Errorf("start %s: %w", ctr.ID(), err)
	}
	return nil
}
