package cli

import (
	"context"
	"errors"

	"github.com/creel-project/creel/internal/bundle/registry"
	"github.com/urfave/cli/v3"
)

func pushCommand() *cli.Command {
	return &cli.Command{
		Name:      "push",
		Usage:     "send an image of the content store, a layout or an archive to a registry",
		ArgsUsage: "IMAGE [REF]",
		Flags:     []cli.Flag{storeFlag(), platformFlag(), plainHTTPFlag(), quietFlag()},
		Action: func(ctx context.Context, c *cli.Command) error {
			from, to := c.Args().First(), c.Args().Get(1)
			if to == "" {
				to = from
			}
			if c.NArg() < 1 || c.NArg() > 2 {
				return errors.New("push: want one or two arguments: an image, and the reference that it gets if that is another")
			}
			ref, err := registry.Parse(to, c.Bool("plain-http"))
			if err != nil {
				return err
			}
			s, err := openStore(ctx, c)
			if err != nil {
				return err
			}
			defer s.Close()
			m, err := findImage(ctx, c, s, from, "never", nil)
			if err != nil {
				return err
			}
			defer m.Close()
			show := display(c)
			defer show.Close()
			return registry.Push(ctx, m, ref, show)
		},
	}
}
