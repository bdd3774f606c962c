package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/creel-project/creel/internal/bundle/registry"
	"github.com/urfave/cli/v3"
)

func pullCommand() *cli.Command {
	return &cli.Command{
		Name:      "pull",
		Usage:     "fetch an image from a registry into the content store",
		ArgsUsage: "REF",
		Flags:     []cli.Flag{storeFlag(), platformFlag(), plainHTTPFlag(), quietFlag()},
		Action: func(ctx context.Context, c *cli.Command) error {
			if c.NArg() != 1 {
				return errors.New("pull: want one argument: the reference of an image, as docker.io/library/debian:12")
			}
			want, err := wantedPlatform(c)
			if err != nil {
				return err
			}
			ref, err := registry.Parse(c.Args().First(), c.Bool("plain-http"))
			if err != nil {
				return err
			}
			s, err := openStore(ctx, c)
			if err != nil {
				return err
			}
			defer s.Close()
			show := display(c)
			d, err := registry.Pull(ctx, s, ref, want, show)
			show.Close()
			if err != nil {
				return err
			}
			_, err = fmt.Fprintln(c.Root().Writer, d.Digest)
			return err
		},
	}
}
