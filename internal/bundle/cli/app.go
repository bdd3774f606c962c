// Package cli is the command line of creel-bundle: one file a command.
package cli

import (
	"context"
	"fmt"
	"io"

	"github.com/creel-project/creel/internal/bundle/printable"
	"github.com/creel-project/creel/internal/version"
	"github.com/urfave/cli/v3"
)

// Main runs the command line args and returns the exit status.
func Main(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	app := &cli.Command{
		Name:           "creel-bundle",
		Usage:          "make bundles of containers, images and root filesystems",
		Version:        version.Version,
		Reader:         stdin,
		Writer:         stdout,
		ErrWriter:      stderr,
		Commands:       commands(),
		ExitErrHandler: func(context.Context, *cli.Command, error) {}, // Main does that
	}
	if err := app.Run(ctx, args); err != nil {
		if status, ok := err.(cli.ExitCoder); ok && err.Error() == "" { // of a program that it ran
			return status.ExitCode()
		}
		fmt.Fprintf(stderr, "creel-bundle: %s\n", printable.Text(err.Error()))
		return 1
	}
	return 0
}

// commands in the order of the help.
func commands() []*cli.Command {
	return []*cli.Command{
		fromDockerCommand(),
		rootfsCommand(),
		shiftCommand(),
		pullCommand(),
		unpackCommand(),
		mountCommand(),
		unmountCommand(),
		repackCommand(),
		pushCommand(),
		imagesCommand(),
		rmiCommand(),
		gcCommand(),
		runCommand(),
	}
}
