package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/creel-project/creel/internal/bundle/idmap"
	"github.com/creel-project/creel/internal/bundle/platform"
	"github.com/creel-project/creel/internal/bundle/rootfs"
	"github.com/creel-project/creel/internal/bundle/source"
	"github.com/creel-project/creel/internal/bundle/userns"
	"github.com/urfave/cli/v3"
)

// Limits that no root filesystem meets, and that keep an archive which was made to be endless from filling a disk.
const (
	defaultMaxBytes   = 256 << 30
	defaultMaxEntries = 20_000_000
)

func rootfsCommand() *cli.Command {
	return &cli.Command{
		Name:      "rootfs",
		Usage:     "make a root filesystem of a container, an archive or an image in files",
		ArgsUsage: "SOURCE DIR",
		Description: "SOURCE is docker:CONTAINER, an archive of a root filesystem (docker export) or of an image (docker save),\n" +
			"compressed or not, the directory of an OCI layout, or - for an archive from standard input.",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "userns", Usage: "shift ids to those of a user namespace, `ROOT:LEN`: its first id on the host and how many follow"},
			&cli.BoolFlag{Name: "idmap", Usage: "do not shift ids, and fail where the mount of DIR cannot be id-mapped"},
			&cli.StringFlag{Name: "image", Usage: "`NAME` of the image in a file or a layout that has several"},
			platformFlag(),
			hostFlag(),
			&cli.Int64Flag{Name: "max-bytes", Value: defaultMaxBytes, Usage: "end an archive that has more, uncompressed; 0 for no limit", HideDefault: true},
			&cli.Int64Flag{Name: "max-entries", Value: defaultMaxEntries, Usage: "end an archive that has more; 0 for no limit", HideDefault: true},
			&cli.BoolFlag{Name: "json", Usage: "print the report as JSON"},
		},
		Action: makeRootfs,
	}
}

func makeRootfs(ctx context.Context, c *cli.Command) error {
	if c.NArg() != 2 {
		return fmt.Errorf("rootfs: %d arguments: want SOURCE and DIR", c.NArg())
	}
	from, dir := c.Args().Get(0), c.Args().Get(1)
	shift, err := usernsFlag(c)
	if err != nil {
		return err
	}
	parent := filepath.Dir(filepath.Clean(dir))
	mapped := shift.Empty() && os.Geteuid() == 0
	var whyNot error
	if mapped {
		whyNot = idmap.Probe(parent)
	}
	if c.Bool("idmap") && (whyNot != nil || !mapped) {
		if !mapped {
			whyNot = errors.New("only root may map the ids of a mount")
		}
		return fmt.Errorf("--idmap: the mount of %s: %w", parent, whyNot)
	}
	limits := rootfs.Limits{Bytes: c.Int64("max-bytes"), Entries: c.Int64("max-entries")}
	if limits.Bytes < 0 || limits.Entries < 0 {
		return errors.New("--max-bytes and --max-entries: want 0 or more")
	}
	want := platform.Any
	if c.String("platform") != "" {
		if want, err = wantedPlatform(c); err != nil {
			return err
		}
	}
	root, err := rootfs.Make(dir)
	if err != nil {
		return err
	}
	report, err := fill(ctx, root, from, source.Options{Stdin: c.Root().Reader, Host: c.String("host"), Scratch: parent, Max: limits.Bytes,
		Image: c.String("image"), Platform: want},
		rootfs.Options{Shift: shift, Limits: limits, Rootless: os.Geteuid() != 0})
	if err != nil {
		return fmt.Errorf("%s: %w", from, errors.Join(err, root.Close()))
	}
	if err := root.Close(); err != nil {
		return err
	}
	return show(c, dir, shift, mapped, whyNot, report)
}

// fill unpacks a source, and gives the root its name when all of it is there.
func fill(ctx context.Context, root *rootfs.Root, from string, so source.Options, o rootfs.Options) (*rootfs.Report, error) {
	x := rootfs.New(root, o)
	if err := source.Unpack(ctx, from, so, x); err != nil {
		return nil, err
	}
	if err := x.Finish(); err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return x.Report(), root.Commit()
}

// usernsFlag reads --userns, which --idmap excludes.
func usernsFlag(c *cli.Command) (userns.Range, error) {
	text := c.String("userns")
	if text == "" {
		return userns.Range{}, nil
	}
	if c.Bool("idmap") {
		return userns.Range{}, errors.New("--userns and --idmap exclude each other: an id-mapped root keeps its ids on disk")
	}
	shift, err := userns.Parse(text)
	if err != nil {
		return userns.Range{}, fmt.Errorf("--userns %w", err)
	}
	if os.Geteuid() != 0 {
		return userns.Range{}, errors.New("--userns: an ordinary user may not give files away: leave it out, or run the command in a user namespace (podman unshare)")
	}
	return shift, nil
}
