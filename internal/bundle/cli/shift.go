package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/creel-project/creel/internal/bundle/shift"
	"github.com/urfave/cli/v3"
)

func shiftCommand() *cli.Command {
	return &cli.Command{
		Name:      "shift",
		Usage:     "change whose ids the files of a root filesystem have, in place",
		ArgsUsage: "DIR FROM:TO:LEN",
		Description: "The ids FROM … FROM+LEN-1 become TO … TO+LEN-1: owners, those in ACLs, and the root of file capabilities.\n" +
			"A shift that was interrupted is finished by the same command.",
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "undo", Usage: "take the shift back"},
			&cli.BoolFlag{Name: "verify", Usage: "change nothing, name each file with an id that is not of TO (with --undo: of FROM), and exit with 1 if there is one"},
		},
		Action: shiftRootfs,
	}
}

func shiftRootfs(ctx context.Context, c *cli.Command) error {
	if c.NArg() != 2 {
		return fmt.Errorf("shift: %d arguments: want DIR and FROM:TO:LEN", c.NArg())
	}
	dir := c.Args().Get(0)
	m, err := shift.Parse(c.Args().Get(1))
	if err != nil {
		return fmt.Errorf("shift %w", err)
	}
	p := &printer{w: c.Root().Writer}
	if c.Bool("verify") {
		wrong, skipped, err := shift.Verify(ctx, dir, m, c.Bool("undo"))
		if err != nil {
			return err
		}
		for _, w := range wrong {
			p.line("%s", w)
		}
		p.mounts(skipped)
		if len(wrong) > 0 {
			return errors.Join(p.err, fmt.Errorf("verify %s: %d ids are wrong", dir, len(wrong)))
		}
		return p.err
	}
	res, err := shift.Run(ctx, dir, m, c.Bool("undo"))
	if err != nil && ctx.Err() != nil {
		return fmt.Errorf("%w: the same command finishes it", err)
	}
	if err != nil {
		return err
	}
	p.shifted(dir, m, c.Bool("undo"), res)
	return p.err
}

func (p *printer) shifted(dir string, m shift.Mapping, undo bool, res *shift.Result) {
	if res.Already {
		p.line("%s: it is shifted by %v already", dir, m)
		return
	}
	var also []string
	if undo {
		also = append(also, "undone")
	}
	if res.Resumed {
		also = append(also, "finishing what was begun")
	}
	words := strings.Join(append([]string{m.String()}, also...), ", ")
	p.line("%s: %d files changed now (%s)", dir, res.Changed, words)
	if res.Foreign > 0 {
		p.line("%d files had ids of the new range before: they stay as they are, and nothing tells them apart any more", res.Foreign)
	}
	p.mounts(res.Skipped)
	if !res.Marked {
		p.line("the file system keeps no mark: a second call would not know of this one")
	}
}

func (p *printer) mounts(names []string) {
	for _, name := range names {
		p.line("%q is a mount point: it was not entered", name)
	}
}
