package cli

import (
	"errors"
	"fmt"

	"github.com/creel-project/creel/libcontainer"
)

func (p *program) deleteCommand() *command {
	return &command{
		name: "delete", usage: "delete any resources held by the container often used with detached container",
		args: "<container-id>", least: 1, most: 1,
		flags: func(f *flags) {
			f.yes("Forcibly deletes the container if it is still running (uses SIGKILL)", "force", "f")
		},
		action: p.delete,
	}
}

func (p *program) delete(c *call) error {
	id, force := c.arg(0), c.Bool("force")
	ctr, err := p.rt.Load(id)
	if force && errors.Is(err, libcontainer.ErrNotExist) {
		return nil
	}
	if force && errors.Is(err, libcontainer.ErrNoRecord) {
		return p.rt.Discard(id)
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
