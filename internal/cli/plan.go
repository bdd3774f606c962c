package cli

import (
	"fmt"
	"os"
	"path/filepath"
)

func (p *program) planCommand() *command {
	return &command{
		name: "plan", usage: "print what create would do, step by step, and do none of it",
		args: "[container-id]", most: 1,
		description: "Every step is printed with the field of config.json that asks for it. Values that are\n" +
			"known only while the container is being made stand as <home> and the like.",
		flags: func(f *flags) {
			makeFlags(f)
			f.text("table", "select one of: table or json", "format", "f")
		},
		action: p.plan,
	}
}

func (p *program) plan(c *call) error {
	dir, err := bundleDir(c)
	if err != nil {
		return err
	}
	id := c.arg(0)
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
