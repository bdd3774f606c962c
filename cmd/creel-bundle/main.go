// Command creel-bundle makes OCI bundles of what people have: a container's description, its root filesystem, an image.
package main

import (
	"context"
	"os"
	"os/signal"
	"time"

	"github.com/creel-project/creel/internal/bundle/cli"
	"golang.org/x/sys/unix"
)

func main() {
	// What is half made is removed before the program ends. A second signal ends it at once: it may wait for input that never comes.
	// But one cause may send two: a shell that ends, and its terminal.
	ctx, stop := signal.NotifyContext(context.Background(), unix.SIGINT, unix.SIGTERM, unix.SIGHUP)
	context.AfterFunc(ctx, func() {
		time.Sleep(time.Second)
		stop()
	})
	status := cli.Main(ctx, os.Args, os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(status)
}
