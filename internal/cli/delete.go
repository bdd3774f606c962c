package cli

import (
	"errors"
	"fmt"

	"github.com/creel-project/creel/libcontainer"
	"github.com/urfave/cli/v2"
)

func (p *program) deleteCommand() *cli.Command {
	return &cli.Command{
		Name:      "delete",
		Usage:     "delete any resources held by the container often used with detached container",
		ArgsUsage: "<container-id>",
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "force", Aliases: []string{"f"}, Usage: "Forcibly deletes the container if it is still running (uses SIGKILL)"},
		},
		Action: p.delete,
	}
}

func (p *program) delete(c *cli.Context) error {
	id, err := oneID(c)
	if err != nil {
		return err
	}
	force := c.Bool("force")
	ctr, err := p.rt.Load(id)
	if force && errors.Is(err, libcontainer.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer ctr.Close()
	if err := ctr.Delete(force); err != nil {
		return fmt.Errorf("delete %s: %w", id, err)
	}
	return nil
}
