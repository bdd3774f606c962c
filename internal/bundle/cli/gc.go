package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/creel-project/creel/internal/bundle/store"
	"github.com/docker/go-units"
	"github.com/urfave/cli/v3"
)

func gcCommand() *cli.Command {
	return &cli.Command{
		Name:  "gc",
		Usage: "remove from the content store what no image and no bundle needs",
		Flags: []cli.Flag{storeFlag(), &cli.BoolFlag{Name: "dry-run", Aliases: []string{"n"}, Usage: "say what would be removed"}},
		Action: func(ctx context.Context, c *cli.Command) error {
			if c.NArg() > 0 {
				return errors.New("gc: want no argument")
			}
			dir, err := storeDir(c)
			if err != nil {
				return err
			}
			g, err := store.Collect(ctx, dir, c.Bool("dry-run"))
			if err != nil {
				return err
			}
			word := "removed"
			if c.Bool("dry-run") {
				word = "would remove"
			}
			_, err = fmt.Fprintf(c.Root().Writer, "%s %d blobs, %d partial downloads, %d unpacked layers, %d records of bundles, %d bundles of ended runs: %s\n",
				word, g.Blobs, g.Partial, g.Layers, g.Uses, g.Scratch, units.BytesSize(float64(g.Bytes)))
			return err
		},
	}
}
