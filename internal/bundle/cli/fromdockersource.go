package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/creel-project/creel/internal/bundle/docker/api"
	"github.com/creel-project/creel/internal/bundle/docker/inspect"
	"github.com/creel-project/creel/internal/bundle/docker/machine"
	"github.com/creel-project/creel/internal/bundle/docker/mapping"
	"github.com/creel-project/creel/internal/bundle/user"
	"github.com/urfave/cli/v3"
	"golang.org/x/sys/unix"
)

// hostFlag says where Docker is asked.
func hostFlag(aliases ...string) cli.Flag {
	return &cli.StringFlag{Name: "host", Aliases: aliases, Usage: "Docker's API, unix://PATH or tcp://HOST:PORT: `ADDRESS` (default: $DOCKER_HOST or unix:///var/run/docker.sock)"}
}

// defaultRoot is the root filesystem in the bundle.
const defaultRoot = "rootfs"

// A dockerSource is where a container's description comes from: an engine, or a file that is read.
type dockerSource struct {
	name   string
	engine *api.Engine
	io.Closer
	reader io.Reader
}

// openSource tells a file from a container by its slash, or because it is there.
func openSource(c *cli.Command) (*dockerSource, error) {
	name := c.Args().First()
	if name == "-" {
		return &dockerSource{name: "standard input", Closer: io.NopCloser(nil), reader: c.Root().Reader}, nil
	}
	info, err := os.Stat(name)
	if strings.Contains(name, "/") || err == nil && !info.IsDir() {
		f, err := os.Open(name)
		if err != nil {
			return nil, err
		}
		return &dockerSource{name: name, Closer: f, reader: f}, nil
	}
	engine, err := api.Connect(c.String("host"))
	if err != nil {
		return nil, err
	}
	return &dockerSource{name: name, Closer: engine, engine: engine}, nil
}

func (s *dockerSource) document(ctx context.Context) (*inspect.Document, error) {
	if s.engine != nil {
		return s.engine.Inspect(ctx, s.name)
	}
	return inspect.Read(s.reader)
}

// options are what the flags, the machine and the engine say beyond the description.
func (s *dockerSource) options(ctx context.Context, c *cli.Command, d *inspect.Document) (o mapping.Options, err error) {
	m := &machine.Machine{CDIDirs: c.StringSlice("cdi-dir"), Pids: map[string]int{}}
	if s.engine != nil {
		m.Ask = func(name string) (int, error) { return s.engine.Process(ctx, name) }
	}
	for _, j := range c.StringSlice("join") {
		name, text, _ := strings.Cut(j, "=")
		pid, err := strconv.Atoi(text)
		if err != nil || pid < 1 || name == "" {
			return o, fmt.Errorf("--join %q: want CONTAINER=PID", j)
		}
		m.Pids[name] = pid
	}
	o.Lookup = m
	if o.Facts, err = m.Facts(c.String("init-path")); err != nil {
		return o, err
	}
	if o.Userns, err = userNamespace(c); err != nil {
		return o, err
	}
	if o.IDMappedRoot = c.Bool("idmap"); o.IDMappedRoot && o.Userns.Empty() {
		return o, errors.New("--idmap: it wants a user namespace, --userns ROOT:LEN")
	}
	if o.Network, err = networkChoice(c); err != nil {
		return o, err
	}
	if o.Root, err = rootPath(c, d); err != nil {
		return o, err
	}
	o.Accounts, err = s.accounts(ctx, c, o.Root)
	return o, err
}

// rootPath is root.path of the config: relative to the bundle if it is in there.
func rootPath(c *cli.Command, d *inspect.Document) (string, error) {
	dir := c.String("rootfs")
	if c.Bool("merged") {
		if dir != "" {
			return "", errors.New("--merged and --rootfs: want one of them")
		}
		if d.GraphDriver == nil || d.GraphDriver.Data["MergedDir"] == "" {
			return "", errors.New("--merged: the description has no GraphDriver.Data.MergedDir")
		}
		return d.GraphDriver.Data["MergedDir"], nil
	}
	if dir == "" {
		return defaultRoot, nil
	}
	dir, err := filepath.Abs(dir)
	if err != nil || c.String("output") == "-" {
		return dir, err
	}
	bundle, err := filepath.Abs(c.String("output"))
	if err != nil {
		return "", err
	}
	if inside, err := filepath.Rel(bundle, dir); err == nil && filepath.IsLocal(inside) && inside != "." {
		return inside, nil
	}
	return dir, nil
}

// accounts are those of the root filesystem that was named, or else those that the engine shows, or else those of the
// root filesystem in the bundle, if it is there.
func (s *dockerSource) accounts(ctx context.Context, c *cli.Command, root string) (*user.Files, error) {
	dir := cmp.Or(c.String("rootfs"), root)
	switch {
	case c.String("rootfs") != "" || c.Bool("merged"):
	case s.engine != nil:
		return s.engine.Accounts(ctx, s.name)
	case c.String("output") == "-":
		return nil, nil
	default:
		dir = filepath.Join(c.String("output"), root)
		if info, err := os.Stat(dir); err != nil || !info.IsDir() {
			return nil, nil
		}
	}
	fd, err := unix.Open(dir, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, &os.PathError{Op: "open", Path: dir, Err: err}
	}
	defer unix.Close(fd)
	files, err := user.In(fd)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", dir, err)
	}
	return files, nil
}
