package cli

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/creel-project/creel/internal/bundle/rootfs"
	"github.com/creel-project/creel/internal/bundle/unpacked"
	"github.com/creel-project/creel/internal/bundle/userns"
	"github.com/urfave/cli/v3"
)

func unpackCommand() *cli.Command {
	stop := 2
	return &cli.Command{
		Name:         "unpack",
		Usage:        "make a bundle of an image",
		ArgsUsage:    "IMAGE BUNDLE [ARG...]",
		StopOnNthArg: &stop,
		Flags: append(imageFlags("none for root, host for others, with nothing that the image has not"),
			&cli.BoolFlag{Name: "no-terminal", Usage: "the process has no terminal"}),
		Action: func(ctx context.Context, c *cli.Command) error {
			if c.NArg() < 2 {
				return errors.New("unpack: want two arguments: an image and the bundle to make of it")
			}
			return unpack(ctx, c, c.Args().First(), c.Args().Get(1), c.Args().Slice()[2:], !c.Bool("no-terminal"))
		},
	}
}

// Bounds of what an image unpacks to, unless others are given.
const (
	maxBytes   = 64 << 30
	maxEntries = 5_000_000
)

// imageFlags are those of commands that make a bundle of an image. unless says what network it has without a flag.
func imageFlags(unless string) []cli.Flag {
	return append([]cli.Flag{
		storeFlag(), platformFlag(), plainHTTPFlag(), pullFlag(), quietFlag(),
		&cli.StringFlag{Name: "userns", Usage: "user namespace: `ROOT:LEN`, the first id on the host and how many follow; files are given to these"},
		&cli.BoolFlag{Name: "overlay", Usage: "mount unpacked layers that bundles share, instead of copying them"},
		&cli.StringFlag{Name: "user", Usage: "`USER[:GROUP]` in the place of the image's"},
		&cli.StringFlag{Name: "entrypoint", Usage: "`PROGRAM` in the place of the image's entrypoint and command"},
		&cli.Int64Flag{Name: "max-bytes", Value: maxBytes, Usage: "refuse an image that unpacks to more than `N` bytes"},
		&cli.Int64Flag{Name: "max-files", Value: maxEntries, Usage: "refuse an image with more than `N` files"},
	}, networkFlags(unless)...)
}

// bundleOptions reads imageFlags.
func bundleOptions(c *cli.Command, args []string, terminal bool) (o unpacked.Options, err error) {
	o.Process = unpacked.Process{Args: args, User: c.String("user"), Terminal: terminal}
	if c.IsSet("entrypoint") {
		e := c.String("entrypoint")
		o.Entrypoint = &e
	}
	o.Limits = rootfs.Limits{Bytes: c.Int64("max-bytes"), Entries: c.Int64("max-files")}
	if o.Limits.Bytes < 0 || o.Limits.Entries < 0 {
		return o, errors.New("--max-bytes, --max-files: a negative number")
	}
	o.Rootless = os.Geteuid() != 0
	if o.Overlay = c.Bool("overlay"); o.Overlay && o.Rootless {
		return o, errors.New("--overlay mounts file systems, which only root may")
	}
	if text := c.String("userns"); text != "" {
		if o.Rootless {
			return o, errors.New("--userns gives files to other users, which only root may: without it they are the caller's, who is root of the container")
		}
		if o.Shift, err = userns.Parse(text); err != nil {
			return o, fmt.Errorf("--userns: %w", err)
		}
	}
	o.Network, err = imageNetwork(c)
	return o, err
}

// unpack makes a bundle, and says what in it is not as in the image.
func unpack(ctx context.Context, c *cli.Command, from, bundle string, args []string, terminal bool) error {
	o, err := bundleOptions(c, args, terminal)
	if err != nil {
		return err
	}
	s, err := openStore(ctx, c)
	if err != nil {
		return err
	}
	defer s.Close()
	o.Show = display(c)
	defer o.Show.Close()
	m, err := findImage(ctx, c, s, from, c.String("pull"), o.Show)
	if err != nil {
		return err
	}
	defer m.Close()
	r, err := unpacked.Make(ctx, m, bundle, o, s)
	if err != nil {
		return err
	}
	for _, text := range r.Warnings {
		warn(c, "%s", text)
	}
	for _, l := range r.Report.LeftOut {
		warn(c, "%s: %s is left out: %s", l.Entry, l.What, l.Why)
	}
	if r.Report.More > 0 {
		warn(c, "%d more were left out", r.Report.More)
	}
	return nil
}
