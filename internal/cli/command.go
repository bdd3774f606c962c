package cli

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"time"
)

// command is one of creel's commands.
type command struct {
	name, usage string
	args        string // "<container-id>"
	description string
	flags       func(*flags)
	least, most int // number of arguments
	action      func(*call) error
}

// call is a command with its flags and arguments read.
type call struct {
	*command
	f *flags
}

func (c *call) String(name string) string { return c.f.get(name).(string) }
func (c *call) Bool(name string) bool     { return c.f.get(name).(bool) }
func (c *call) Int(name string) int       { return c.f.get(name).(int) }
func (c *call) List(name string) []string { return c.f.get(name).([]string) }
func (c *call) Duration(name string) time.Duration {
	return c.f.get(name).(time.Duration)
}

// arg returns argument i, "" when there are fewer.
func (c *call) arg(i int) string { return c.f.set.Arg(i) }

// run reads the command's own flags and arguments and acts.
func (c *command) run(args []string) error {
	f := newFlags(c.name)
	if c.flags != nil {
		c.flags(f)
	}
	err := f.parse(args)
	if errors.Is(err, flag.ErrHelp) {
		c.writeHelp(os.Stdout)
		return nil
	}
	if err == nil {
		err = c.count(f.set.NArg())
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "Incorrect Usage.\n\n")
		c.writeHelp(os.Stderr)
		return err
	}
	return c.action(&call{command: c, f: f})
}

// count looks at the number of arguments.
func (c *command) count(n int) error {
	switch {
	case n >= c.least && n <= c.most:
		return nil
	case c.least == c.most:
		return fmt.Errorf("creel: %q requires exactly %d argument(s)", c.name, c.least)
	case n < c.least:
		return fmt.Errorf("creel: %q requires a minimum of %d argument(s)", c.name, c.least)
	}
	return fmt.Errorf("creel: %q requires a maximum of %d argument(s)", c.name, c.most)
}

func (c *command) writeHelp(w io.Writer) {
	fmt.Fprintf(w, "NAME:\n   creel %s - %s\n\nUSAGE:\n   creel %s [command options] %s\n", c.name, c.usage, c.name, c.args)
	if c.description != "" {
		fmt.Fprintf(w, "\nDESCRIPTION:\n   %s\n", strings.ReplaceAll(c.description, "\n", "\n   "))
	}
	f := newFlags(c.name)
	if c.flags != nil {
		c.flags(f)
	}
	fmt.Fprintf(w, "\nOPTIONS:\n")
	f.writeHelp(w)
}
