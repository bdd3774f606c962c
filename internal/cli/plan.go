package cli

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/urfave/cli/v2"
)

func (p *program) planCommand() *cli.Command {
	return &cli.Command{
		Name:  "plan",
		Usage: "print what create would do, step by step, and do none of it",
		Description: "Every step is printed with the field of config.json that asks for it. Values that are\n" +
			"known only while the container is being made stand as <home> and the like.",
		Flags: []cli.Flag{
			bundleFlag(),
			&cli.StringFlag{Name: "format", Aliases: []string{"f"}, Value: "table", Usage: "select one of: table or json"},
		},
		Action: p.plan,
	}
}

func (p *program) plan(c *cli.Context) error {
	if err := argCount(c, 0, 1); err != nil {
		return err
	}
	dir, err := bundleDir(c)
	if err != nil {
		return err
	}
	id := c.Args().First()
	if id == "" {
		id = filepath.Base(dir)
	}
	o, err := p.options(c, id)
	if err != nil {
		return fmt.Errorf("plan %s: %w", dir, err)
	}
	doc, err := p.rt.Plan(o)
	if err != nil {
		return fmt.Errorf("plan %s: %w", dir, err)
	}
	switch format := c.String("format"); format {
	case "table":
		return doc.WriteTable(os.Stdout)
	case "json":
		return doc.WriteJSON(os.Stdout)
	default:
		return fmt.Errorf("--format %q: it takes table or json", format)
	}
}
