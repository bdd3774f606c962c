package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/creel-project/creel/internal/bundle/registry"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/urfave/cli/v3"
)

func pullCommand() *cli.Command {
	return &cli.Command{
		Name:      "pull",
		Usage:     "fetch an image from a registry into the content store",
		ArgsUsage: "REF",
		Flags:     []cli.Flag{storeFlag(), platformFlag(), allPlatformsFlag("fetch an index with all its platforms"), plainHTTPFlag(), quietFlag()},
		Action: func(ctx context.Context, c *cli.Command) error {
			if c.NArg() != 1 {
				return errors.New("pull: want one argument: the reference of an image, as docker.io/library/debian:12")
			}
			want, err := wantedPlatform(c)
			if err == nil {
				err = onePlatform(c)
			}
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
			var d v1.Descriptor
			if c.Bool("all-platforms") {
				d, err = registry.PullAll(ctx, s, ref, show)
			} else {
				d, err = registry.Pull(ctx, s, ref, want, show)
			}
			show.Close()
			if err != nil {
				return err
			}
			_, err = fmt.Fprintln(c.Root().Writer, d.Digest)
			return err
		},
	}
}
