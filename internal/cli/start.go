package cli

import (
	"fmt"
	"os"

	"github.com/creel-project/creel/libcontainer"
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
	if err := start(ctr, os.Getenv("NOTIFY_SOCKET")); err != nil {
		return fmt.Errorf("start %s: %w", ctr.ID(), err)
	}
	return nil
}

// start starts a container; for a service manager that listens at host it waits until
// the process is ready as well.
func start(ctr *libcontainer.Container, host string) error {
	if host == "" {
		return ctr.Start()
	}
	if err := ctr.StartNotify(host); err != nil {
		return err
	}
	return ctr.Notified(ctr.Pid())
}
