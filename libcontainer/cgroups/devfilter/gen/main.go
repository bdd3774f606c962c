// Command gen writes templates_generated.go of package devfilter. It is run by go generate, offline.
package main

import (
	"fmt"
	"go/format"
	"os"

	"github.com/creel-project/creel/libcontainer/cgroups/devfilter/templates"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

func run() error {
	source, err := templates.Source()
	if err != nil {
		return err
	}
	if source, err = format.Source(source); err != nil {
		return fmt.Errorf("format templates_generated.go: %w", err)
	}
	return os.WriteFile("templates_generated.go", source, 0o644)
}
