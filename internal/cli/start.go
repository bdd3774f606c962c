package cli

import (
	"fmt"

	"github.com/urfave/cli/v2"
)

func (p *program) startCommand() *cli.Command {
	return &cli.Command{
		Name:      "start",
		Usage:     "executes the user defined process in a created container",
		ArgsUsage: "<container-id>",
		Action: func(c *cli.Context) error {
			id, err := oneID(c)
			if err != nil {
				return err
			}
			ctr, err := p.rt.Load(id)
			if err != nil {
				return err
			}
			defer ctr.Close()
			if err := ctr.Start(); err != nil {
				return fmt.Errorf("start %s: %w", id, err)
			}
			return nil
		},
	}
}
