package cli

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/creel-project/creel/internal/bundle/image"
	"github.com/creel-project/creel/internal/bundle/platform"
	"github.com/creel-project/creel/internal/bundle/registry"
	"github.com/creel-project/creel/internal/bundle/store"
	"github.com/creel-project/creel/internal/bundle/unpacked"
	"github.com/urfave/cli/v3"
)

func repackCommand() *cli.Command {
	return &cli.Command{
		Name:      "repack",
		Usage:     "store an image with one layer more: of what changed in a bundle",
		ArgsUsage: "BUNDLE REF",
		Flags:     []cli.Flag{storeFlag()},
		Action: func(ctx context.Context, c *cli.Command) error {
			if c.NArg() != 2 {
				return errors.New("repack: want two arguments: a bundle, and the reference that the new image gets")
			}
			ref, err := registry.Parse(c.Args().Get(1), false)
			if err != nil {
				return err
			}
			bundle, err := filepath.Abs(c.Args().First())
			if err != nil {
				return err
			}
			mark, err := unpacked.ReadMarker(bundle)
			if err != nil {
				return err
			}
			if !c.IsSet("store") && mark.Store != "" {
				if err := c.Set("store", mark.Store); err != nil {
					return err
				}
			}
			s, err := openStore(ctx, c)
			if err != nil {
				return err
			}
			defer s.Close()
			m, err := imageOf(mark, s)
			if err != nil {
				return err
			}
			defer m.Close()
			d, changes, err := unpacked.Repack(ctx, m, bundle, s, registry.Name(ref))
			if err != nil {
				return err
			}
			for _, path := range changes.Skipped {
				warn(c, "%s is a socket, which no layer can hold", path)
			}
			fmt.Fprintf(c.Root().ErrWriter, "%s: %d files written, %d removed\n", registry.Name(ref), changes.Written, changes.Removed)
			_, err = fmt.Fprintln(c.Root().Writer, d.Digest)
			return err
		},
	}
}

// imageOf reads the image that a bundle was made of.
func imageOf(mark *unpacked.Marker, s *store.Store) (*image.Image, error) {
	want := platform.Host()
	if mark.Descriptor.Platform != nil {
		want = *mark.Descriptor.Platform
	}
	a, err := parseAddress(mark.Source)
	if err != nil {
		return nil, err
	}
	if a.kind != "" {
		return a.open(want)
	}
	// Its name may be another image's by now.
	return image.Read(mark.Source, image.Stored{Store: s}, mark.Descriptor, want)
}
