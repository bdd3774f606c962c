package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"text/tabwriter"

	"github.com/creel-project/creel/internal/bundle/printable"
	"github.com/creel-project/creel/internal/bundle/registry"
	"github.com/creel-project/creel/internal/bundle/store"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/urfave/cli/v3"
)

func imagesCommand() *cli.Command {
	return &cli.Command{
		Name:  "images",
		Usage: "list the images of the content store",
		Flags: []cli.Flag{storeFlag()},
		Action: func(ctx context.Context, c *cli.Command) error {
			if c.NArg() > 0 {
				return errors.New("images: want no argument")
			}
			w := tabwriter.NewWriter(c.Root().Writer, 0, 8, 2, ' ', 0)
			fmt.Fprintln(w, "NAME\tPLATFORM\tDIGEST")
			dir, err := storeDir(c)
			if err != nil {
				return err
			}
			if _, err := os.Stat(dir); errors.Is(err, os.ErrNotExist) { // whoever looks makes none
				return w.Flush()
			}
			s, err := store.Open(ctx, dir)
			if err != nil {
				return err
			}
			defer s.Close()
			list, err := s.Names()
			if err != nil {
				return err
			}
			for _, d := range list {
				platforms, err := platformsOf(s, d)
				if err != nil {
					return err
				}
				fmt.Fprintf(w, "%s\t%s\t%s\n", d.Annotations[store.RefName], platforms, d.Digest)
			}
			return w.Flush()
		},
	}
}

// platformsOf lists the platforms of an entry: of an index there are several.
func platformsOf(s *store.Store, d v1.Descriptor) (string, error) {
	var names []string
	if d.Platform != nil {
		names = append(names, d.Platform.String())
	}
	if d.MediaType.IsIndex() {
		members, err := s.Members(d)
		if err != nil {
			return "", err
		}
		for _, m := range members {
			names = append(names, m.Platform.String())
		}
	}
	if len(names) == 0 {
		return "-", nil
	}
	return printable.Line(strings.Join(names, ",")), nil
}

func rmiCommand() *cli.Command {
	return &cli.Command{
		Name:      "rmi",
		Usage:     "take a name away from an image of the content store, so that gc may remove it",
		ArgsUsage: "REF",
		Flags:     []cli.Flag{storeFlag()},
		Action: func(ctx context.Context, c *cli.Command) error {
			if c.NArg() != 1 {
				return errors.New("rmi: want one argument: the reference of an image")
			}
			ref, err := registry.Parse(c.Args().First(), false)
			if err != nil {
				return err
			}
			s, err := openStore(ctx, c)
			if err != nil {
				return err
			}
			defer s.Close()
			n, err := s.Untag(ctx, registry.Name(ref))
			if err == nil && n == 0 {
				err = fmt.Errorf("rmi %s: %w", registry.Name(ref), store.ErrNotFound)
			}
			return err
		},
	}
}
