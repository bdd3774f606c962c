package cli

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/creel-project/creel/libcontainer"
	"golang.org/x/sys/unix"
)

func (p *program) killCommand() *command {
	return &command{
		name: "kill", usage: "kill sends the specified signal (default: SIGTERM) to the container's init process",
		args: "<container-id> [signal]", least: 1, most: 2,
		description: "The signal is a name, with or without SIG, or a number. Every process of a container\n" +
			"without a pid namespace of its own gets SIGKILL.",
		flags: func(f *flags) {
			f.yes("(obsoleted, do not use)", "all", "a")
			f.hide()
		},
		action: p.kill,
	}
}

func (p *program) kill(c *call) error {
	id, name := c.arg(0), c.arg(1)
	if name == "" {
		name = "SIGTERM"
	}
	sig, err := parseSignal(name)
	if err != nil {
		return err
	}
	ctr, err := p.rt.Load(id)
	if err != nil {
		return err
	}
	defer ctr.Close()
	err = ctr.Signal(sig)
	if c.Bool("all") && errors.Is(err, libcontainer.ErrNotRunning) {
		return nil // as runc: nobody is left
	}
	if err != nil {
		return fmt.Errorf("kill %s: %w", id, err)
	}
	return nil
}

// parseSignal reads a signal's name in any case, with or without SIG, or its
// number. 0 asks whether the process is there.
func parseSignal(s string) (unix.Signal, error) {
	if n, err := strconv.Atoi(s); err == nil {
		if n < 0 || n > 64 {
			return 0, fmt.Errorf("unknown signal %q", s)
		}
		return unix.Signal(n), nil
	}
	name := strings.ToUpper(s)
	if !strings.HasPrefix(name, "SIG") {
		name = "SIG" + name
	}
	sig := unix.SignalNum(name)
	if sig == 0 {
		return 0, fmt.Errorf("unknown signal %q", s)
	}
	return sig, nil
}
