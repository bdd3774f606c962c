package cli

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/creel-project/creel/spec"
)

const configName = "config.json"

func (p *program) specCommand() *command {
	return &command{
		name: "spec", usage: "create a new specification file",
		description: "spec writes a config.json that runs a shell in the root filesystem \"rootfs\". With\n" +
			"--rootless it is one for an ordinary user.",
		flags: func(f *flags) {
			f.text("", "path to the root of the bundle directory", "bundle", "b")
			f.yes("generate a configuration for a rootless container", "rootless")
		},
		action: p.spec,
	}
}

func (p *program) spec(c *call) error {
	data, err := spec.Render(spec.Default(c.Bool("rootless")))
	if err != nil {
		return err
	}
	path := filepath.Join(c.String("bundle"), configName)
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if errors.Is(err, os.ErrExist) {
		//lint:ignore ST1005 the words are runc's
		return fmt.Errorf("File %s exists. Remove it first", path)
	}
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	return errors.Join(err, f.Close())
}
