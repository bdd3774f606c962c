// Command creel-netns gives containers a network, as a hook of the runtime, and manages the bridges that they are at.
package main

import (
	"context"
	"os"

	"github.com/creel-project/creel/hooks/netns/cli"
)

func main() {
	os.Exit(cli.Main(context.Background(), os.Args, os.Stdin, os.Stdout, os.Stderr))
}
