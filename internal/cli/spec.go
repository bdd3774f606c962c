package cli

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/creel-project/creel/spec"
	"github.com/urfave/cli/v2"
)

const configName = "config.json"

func (p *program) specCommand() *cli.Command {
	return &cli.Command{
		Name:  "spec",
		Usage: "create a new specification file",
		Description: "spec writes a config.json that runs a shell in the root filesystem \"rootfs\". With\n" +
			"--rootless it is one for an ordinary user.",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "bundle", Aliases: []string{"b"}, Usage: "path to the root of the bundle directory"},
			&cli.BoolFlag{Name: "rootless", Usage: "generate a configuration for a rootless container"},
		},
		Action: p.spec,
	}
}

func (p *program) spec(c *cli.Context) error {
	if err := argCount(c, 0, 0); err != nil {
		return err
	}
	data, err := spec.Render(spec.Default(c.Bool("rootless")))
	if err != nil {
		return err
	}
	path := filepath.Join(c.String("bundle"), configName)
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if errors.Is(err, os.ErrExist) {
		return fmt.Errorf("File %s exists. Remove it first", path) //nolint:staticcheck // runc's words
	}
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	return errors.Join(err, f.Close())
}
