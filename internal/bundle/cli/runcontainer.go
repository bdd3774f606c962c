package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/urfave/cli/v3"
)

// dockerPrefix begins what is a container of Docker's, not an image.
const dockerPrefix = "docker:"

// unpackContainer makes a bundle of a container of Docker's, as the commands rootfs and from-docker do one after the other.
func unpackContainer(ctx context.Context, c *cli.Command, name, bundle string, args []string, terminal bool) error {
	for _, flag := range []string{"platform", "pull", "overlay", "user", "entrypoint"} {
		if c.IsSet(flag) {
			return fmt.Errorf("run: --%s is for images, and %s%s is a container", flag, dockerPrefix, name)
		}
	}
	if err := os.Mkdir(bundle, 0o700); err != nil {
		return err
	}
	var userns []string
	if c.IsSet("userns") {
		userns = []string{"--userns", c.String("userns")}
	}
	limits := []string{fmt.Sprint("--max-bytes=", c.Int64("max-bytes")), fmt.Sprint("--max-entries=", c.Int64("max-files"))}
	config := []string{"--output", bundle, "--set", fmt.Sprint("process.terminal=", terminal)}
	for _, flag := range []string{"network", "cni", "netns-program"} {
		if c.IsSet(flag) {
			config = append(config, "--"+flag, c.String(flag))
		}
	}
	for _, flag := range []string{"publish", "dns"} {
		for _, value := range c.StringSlice(flag) {
			config = append(config, "--"+flag, value)
		}
	}
	if len(args) > 0 {
		text, err := json.Marshal(args)
		if err != nil {
			return err
		}
		config = append(config, "--set", "process.args="+string(text))
	}
	rootfs := append(append(userns, limits...), dockerPrefix+name, filepath.Join(bundle, defaultRoot))
	if err := inside(ctx, c, rootfsCommand(), rootfs); err != nil {
		return err
	}
	return inside(ctx, c, fromDockerCommand(), append(append(userns, config...), name))
}

// inside runs another command, whose report nobody asked for.
func inside(ctx context.Context, c, other *cli.Command, args []string) error {
	root := c.Root()
	other.Reader, other.Writer, other.ErrWriter, other.ExitErrHandler = root.Reader, io.Discard, root.ErrWriter, root.ExitErrHandler
	return other.Run(alone{ctx}, append([]string{other.Name}, args...))
}

// alone is a context that ends with another one and has none of its values: a command finds its parent there.
type alone struct{ context.Context }

func (alone) Value(any) any { return nil }
