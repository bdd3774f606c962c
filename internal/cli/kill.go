package cli

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/urfave/cli/v2"
	"golang.org/x/sys/unix"
)

func (p *program) killCommand() *cli.Command {
	return &cli.Command{
		Name:      "kill",
		Usage:     "kill sends the specified signal (default: SIGTERM) to the container's init process",
		ArgsUsage: "<container-id> [signal]",
		Description: "The signal is a name, with or without SIG, or a number. Every process of a container\n" +
			"without a pid namespace of its own gets SIGKILL.",
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "all", Aliases: []string{"a"}, Hidden: true, Usage: "(obsoleted, do not use)"},
		},
		Action: p.kill,
	}
}

func (p *program) kill(c *cli.Context) error {
	if err := argCount(c, 1, 2); err != nil {
		return err
	}
	id, name := c.Args().Get(0), c.Args().Get(1)
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
	if err := ctr.Signal(sig); err != nil {
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
