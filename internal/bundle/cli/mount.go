package cli

import (
	"context"
	"fmt"
	"path/filepath"

	"github.com/creel-project/creel/internal/bundle/unpacked"
	"github.com/urfave/cli/v3"
)

func mountCommand() *cli.Command {
	return bundleCommand("mount", "mount the root filesystem of a bundle that `unpack --overlay` made", unpacked.Mount)
}

func unmountCommand() *cli.Command {
	return bundleCommand("unmount", "unmount the root filesystem of a bundle that `unpack --overlay` made", unpacked.Unmount)
}

// bundleCommand is one whose only argument is a bundle.
func bundleCommand(name, usage string, do func(bundle string) error) *cli.Command {
	return &cli.Command{
		Name: name, Usage: usage, ArgsUsage: "BUNDLE",
		Action: func(_ context.Context, c *cli.Command) error {
			if c.NArg() != 1 {
				return fmt.Errorf("%s: want one argument: the bundle", name)
			}
			dir, err := filepath.Abs(c.Args().First())
			if err != nil {
				return err
			}
			return do(dir)
		},
	}
}
