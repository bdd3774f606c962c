package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/creel-project/creel/internal/bundle/image"
	"github.com/creel-project/creel/internal/bundle/registry"
	"github.com/creel-project/creel/internal/bundle/store"
	"github.com/urfave/cli/v3"
)

func pushCommand() *cli.Command {
	return &cli.Command{
		Name:      "push",
		Usage:     "send an image of the content store, a layout or an archive to a registry",
		ArgsUsage: "IMAGE [REF]",
		Flags:     []cli.Flag{storeFlag(), platformFlag(), allPlatformsFlag("send an index with all platforms that there are"), plainHTTPFlag(), quietFlag()},
		Action: func(ctx context.Context, c *cli.Command) error {
			from, to := c.Args().First(), c.Args().Get(1)
			if to == "" {
				to = from
			}
			if c.NArg() < 1 || c.NArg() > 2 {
				return errors.New("push: want one or two arguments: an image, and the reference that it gets if that is another")
			}
			if err := onePlatform(c); err != nil {
				return err
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
			what, err := findSet(ctx, c, s, from)
			if err != nil {
				return err
			}
			defer what.Close()
			show := display(c)
			defer show.Close()
			return registry.Push(ctx, what, ref, show)
		},
	}
}

// findSet reads what is to be sent: an image for one platform, or for all.
func findSet(ctx context.Context, c *cli.Command, s *store.Store, text string) (*image.Set, error) {
	if !c.Bool("all-platforms") {
		m, err := findImage(ctx, c, s, text, "never", nil)
		if err != nil {
			return nil, err
		}
		return m.Set(), nil
	}
	a, err := parseAddress(text)
	if err != nil {
		return nil, err
	}
	if a.kind != "" {
		return a.place().Set(a.name)
	}
	ref, err := registry.Parse(a.name, c.Bool("plain-http"))
	if err != nil {
		return nil, err
	}
	set, err := image.InStore(s).Set(registry.Name(ref))
	if err != nil {
		return nil, fmt.Errorf("store %s: %w", s.Dir(), err)
	}
	return set, nil
}
