// Package cli is the command line of creel-netns: one file a command.
package cli

import (
	"context"
	"fmt"
	"io"
	"os"

	"github.com/creel-project/creel/hooks/netns"
	"github.com/creel-project/creel/internal/version"
	"github.com/urfave/cli/v3"
)

// Main runs the command line args and returns the exit status.
func Main(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	// A hook's environment is what its config says, often nothing.
	if os.Getenv("PATH") == "" {
		os.Setenv("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")
	}
	app := &cli.Command{
		Name:           "creel-netns",
		Usage:          "give containers a network, as a hook, and manage their bridges",
		Version:        version.Version,
		Reader:         stdin,
		Writer:         stdout,
		ErrWriter:      stderr,
		Commands:       commands(),
		OnUsageError:   usage,
		ExitErrHandler: func(context.Context, *cli.Command, error) {}, // below
		Action: func(_ context.Context, c *cli.Command) error {
			if c.Args().Present() {
				return fmt.Errorf("there is no command %q", c.Args().First())
			}
			return cli.ShowAppHelp(c)
		},
	}
	for _, c := range app.Commands {
		c.OnUsageError = usage
	}
	if err := app.Run(ctx, args); err != nil {
		fmt.Fprintf(stderr, "creel-netns: %v\n", err)
		return 1
	}
	return 0
}

// commands in the order of the help.
func commands() []*cli.Command {
	return []*cli.Command{hookCommand(), releaseCommand(), createCommand(), listCommand(), removeCommand(), inspectCommand()}
}

// usage keeps a wrong flag from being answered with all the help.
func usage(_ context.Context, c *cli.Command, err error, _ bool) error { return named(c, err) }

func named(c *cli.Command, err error) error { return fmt.Errorf("%s: %w", c.Name, err) }

// action refuses superfluous arguments, and puts the command's name in front of its errors.
func action(most int, f func(*cli.Command) error) cli.ActionFunc {
	return func(_ context.Context, c *cli.Command) error {
		var err error
		if n := c.Args().Len(); n > most {
			err = fmt.Errorf("superfluous argument %q", c.Args().Get(most))
		} else {
			err = f(c)
		}
		if err != nil {
			return named(c, err)
		}
		return nil
	}
}

func stateDirFlag() cli.Flag {
	return &cli.StringFlag{Name: "state-dir", Usage: "where it is remembered who has what; it must not outlive the machine's boot", Value: netns.StateDir}
}

func jsonFlag() cli.Flag { return &cli.BoolFlag{Name: "json", Usage: "print JSON"} }

// stateDir is the flag's value, which must be an absolute path.
func stateDir(c *cli.Command) (string, error) {
	dir := c.String("state-dir")
	if len(dir) == 0 || dir[0] != '/' {
		return "", fmt.Errorf("--state-dir: %q is not an absolute path", dir)
	}
	return dir, nil
}
