// Command creel is an OCI runtime: it runs bundles as isolated processes.
package main

import (
	"os"

	"github.com/creel-project/creel/internal/cli"
	_ "github.com/creel-project/creel/internal/stack"
)

func main() {

	os.Exit(cli.Main(os.Args))
}
