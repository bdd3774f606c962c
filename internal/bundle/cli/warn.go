package cli

import (
	"fmt"

	"github.com/creel-project/creel/internal/bundle/printable"
	"github.com/urfave/cli/v3"
)

// warn says what the user should know, in one line.
func warn(c *cli.Command, format string, args ...any) {
	fmt.Fprintf(c.Root().ErrWriter, "creel-bundle: warning: %s\n", printable.Line(fmt.Sprintf(format, args...)))
}
