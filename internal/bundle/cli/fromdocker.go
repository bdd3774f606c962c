package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/creel-project/creel/internal/bundle/configfile"
	"github.com/creel-project/creel/internal/bundle/docker/mapping"
	"github.com/creel-project/creel/internal/bundle/docker/report"
	"github.com/creel-project/creel/internal/bundle/hookarg"
	"github.com/creel-project/creel/internal/bundle/network"
	"github.com/creel-project/creel/internal/bundle/override"
	"github.com/creel-project/creel/internal/bundle/userns"
	"github.com/creel-project/creel/spec"
	"github.com/opencontainers/runtime-spec/specs-go"
	"github.com/urfave/cli/v3"
)

func fromDockerCommand() *cli.Command {
	return &cli.Command{
		Name:      "from-docker",
		Usage:     "make the config.json of a container of Docker",
		ArgsUsage: "CONTAINER|FILE|-",
		Description: "The container is described by Docker's API, or by a file or the standard input with what\n" +
			"`docker inspect CONTAINER` prints. A name with a slash, or of a file that is there, is a file.",
		DisableSliceFlagSeparator: true, // values have commas
		Flags: append([]cli.Flag{
			&cli.StringFlag{Name: "output", Aliases: []string{"o"}, Value: ".", Usage: "bundle `DIR` to write config.json to, or - for the standard output"},
			&cli.BoolFlag{Name: "force", Aliases: []string{"f"}, Usage: "replace a config.json that is there"},
			hostFlag("H"),
			&cli.StringFlag{Name: "rootfs", Usage: "the container's root filesystem is the directory `DIR` (unless given, rootfs in the bundle)"},
			&cli.BoolFlag{Name: "merged", Usage: "the root filesystem is where Docker has mounted it (GraphDriver.Data.MergedDir)"},
			&cli.StringFlag{Name: "userns", Usage: "a user namespace of `ROOT:LEN`, the first id on the host and their number"},
			&cli.BoolFlag{Name: "idmap", Usage: "the root filesystem is not shifted to the user namespace: its mount is to map the ids"},
			&cli.StringSliceFlag{Name: "hook", Usage: "add a hook: `'STAGE:PATH ARGUMENTS…'` (may be repeated)"},
			&cli.StringSliceFlag{Name: "set", Usage: "change the config: `PATH=JSON`, PATH being a JSON pointer or dotted (may be repeated)"},
			&cli.StringSliceFlag{Name: "join", Usage: "`CONTAINER=PID` of one whose namespaces are joined (may be repeated)"},
			&cli.StringSliceFlag{Name: "cdi-dir", Usage: "`DIR` of CDI specifications in the place of /etc/cdi and /var/run/cdi (may be repeated)"},
			&cli.StringFlag{Name: "init-path", Usage: "`PATH` of the init for containers that want one (unless given, docker-init or tini-static)"},
			&cli.BoolFlag{Name: "strict", Usage: "what cannot be expressed is an error"},
			&cli.StringFlag{Name: "report", Usage: "report what became of each field, as `FORMAT` table or json"},
			&cli.StringFlag{Name: "report-file", Usage: "write the report to `FILE` (unless given, to the standard error)"},
		}, networkFlags("as the container's, without an interface")...),
		Action: fromDocker,
	}
}

func fromDocker(ctx context.Context, c *cli.Command) error {
	if c.Args().Len() != 1 {
		return fmt.Errorf("from-docker: %d arguments; want CONTAINER, FILE or -", c.Args().Len())
	}
	if f := c.String("report"); f != "" && f != "table" && f != "json" {
		return fmt.Errorf("--report %q: want table or json", f)
	}
	src, err := openSource(c)
	if err != nil {
		return err
	}
	defer src.Close()
	d, err := src.document(ctx)
	if err != nil {
		return fmt.Errorf("%s: %w", src.name, err)
	}
	o, err := src.options(ctx, c, d)
	if err != nil {
		return err
	}
	s, notes, err := mapping.Map(d, o)
	if err != nil {
		return fmt.Errorf("%s: %w", src.name, err)
	}
	if s, err = edit(c, s); err != nil {
		return err
	}
	r, err := report.Build(d.Fields, notes, s)
	if err != nil {
		return err
	}
	if err := writeReport(c, r); err != nil {
		return err
	}
	return writeConfig(c, s)
}

// edit applies --hook and --set.
func edit(c *cli.Command, s *specs.Spec) (*specs.Spec, error) {
	for _, h := range c.StringSlice("hook") {
		if err := hookarg.Add(s, h); err != nil {
			return nil, fmt.Errorf("--hook %w", err)
		}
	}
	s, err := override.Apply(s, c.StringSlice("set"))
	if err != nil {
		return nil, fmt.Errorf("--set %w", err)
	}
	return s, nil
}

// writeReport writes the whole report if one is wanted, otherwise what is lost; with --strict that is an error.
func writeReport(c *cli.Command, r *report.Report) (err error) {
	write := r.Table
	if c.String("report") == "json" {
		write = r.JSON
	}
	switch {
	case c.String("report-file") != "":
		err = reportFile(c.String("report-file"), write)
	case c.String("report") != "":
		err = write(c.Root().ErrWriter)
	}
	var lost []error
	for _, e := range r.Lost() {
		lost = append(lost, fmt.Errorf("%s is not expressed: %s", e.Field, e.Why))
	}
	if c.Bool("strict") {
		return errors.Join(append(lost, err)...)
	}
	if c.String("report") == "" {
		for _, e := range lost {
			warn(c, "%v", e)
		}
	}
	return err
}

func reportFile(name string, write func(io.Writer) error) error {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	return errors.Join(write(f), f.Close())
}

// writeConfig judges the config and writes it.
func writeConfig(c *cli.Command, s *specs.Spec) error {
	dir := c.String("output")
	bundle := dir
	if dir == "-" {
		bundle = "."
	}
	judged := *s
	if s.Root != nil && s.Root.Path == defaultRoot {
		if _, err := os.Stat(filepath.Join(bundle, defaultRoot)); err != nil {
			judged.Root = &specs.Root{Path: "/"} // it is made afterwards
		}
	}
	warnings, err := spec.Validate(&judged, bundle)
	for _, w := range warnings {
		warn(c, "%s", w)
	}
	if err != nil {
		return err
	}
	text, err := spec.Render(s)
	if err != nil {
		return err
	}
	if dir == "-" {
		for _, name := range network.Files(s) {
			warn(c, "the bundle must have a file %s, which may be empty, for the hook to write", name)
		}
		_, err = c.Root().Writer.Write(append(text, '\n'))
		return err
	}
	if err := configfile.Write(dir, text, c.Bool("force")); err != nil {
		return err
	}
	if err := network.MakeFiles(dir, s); err != nil {
		return errors.Join(err, os.Remove(filepath.Join(dir, spec.ConfigName)))
	}
	return nil
}

// userNamespace reads --userns.
func userNamespace(c *cli.Command) (r userns.Range, err error) {
	if text := c.String("userns"); text != "" {
		if r, err = userns.Parse(text); err != nil {
			err = fmt.Errorf("--userns %w", err)
		}
	}
	return r, err
}
