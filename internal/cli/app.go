// Package cli is creel's command line: one file a command, each of which turns
// flags into one call of libcontainer. Flags, statuses and output are runc's.
package cli

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"runtime"
	"strings"

	"github.com/creel-project/creel/internal/log"
	"github.com/creel-project/creel/internal/version"
	"github.com/creel-project/creel/libcontainer"
	"github.com/creel-project/creel/libcontainer/seccomp"
	"github.com/opencontainers/runtime-spec/specs-go"
	"github.com/urfave/cli/v2"
)

// program is what every command works with.
type program struct {
	log   *slog.Logger
	toLog bool // the log is a file, so errors go to stderr as well
	rt    *libcontainer.Runtime
}

// exitStatus ends the program with a container's own status.
type exitStatus int

func (e exitStatus) Error() string { return fmt.Sprintf("exit status %d", int(e)) }

// Main runs the command line args and returns the exit status.
func Main(args []string) int {
	p := &program{log: slog.Default()}
	p.log, _ = log.Open("", log.Text, false)
	cli.VersionPrinter = func(*cli.Context) { fmt.Println("creel version " + versionText()) }
	err := p.app().Run(args)
	var status exitStatus
	switch {
	case err == nil:
		return 0
	case errors.As(err, &status):
		return int(status)
	}
	p.log.Error(err.Error())
	if p.toLog {
		fmt.Fprintln(os.Stderr, err)
	}
	return 1
}

func (p *program) app() *cli.App {
	return &cli.App{
		Name:     "creel",
		Usage:    "run OCI bundles as isolated processes",
		Version:  versionText(),
		Flags:    globalFlags(),
		Commands: p.commands(),
		Before:   p.before,
		CommandNotFound: func(_ *cli.Context, name string) {
			p.log.Error(fmt.Sprintf("unknown command %q: `creel help` lists them", name))
			os.Exit(3)
		},
		ExitErrHandler: func(*cli.Context, error) {}, // Main decides
		OnUsageError: func(c *cli.Context, err error, _ bool) error {
			return fmt.Errorf("%s: %w", c.Command.Name, err)
		},
	}
}

func (p *program) commands() []*cli.Command {
	return []*cli.Command{
		p.createCommand(), p.deleteCommand(), p.featuresCommand(), p.killCommand(), p.listCommand(),
		p.planCommand(), p.runCommand(), p.specCommand(), p.startCommand(), p.stateCommand(),
	}
}

func globalFlags() []cli.Flag {
	return []cli.Flag{
		&cli.BoolFlag{Name: "debug", Usage: "enable debug logging"},
		&cli.StringFlag{Name: "log", Usage: "set the log file to write creel logs to (default is '/dev/stderr')"},
		&cli.StringFlag{Name: "log-format", Value: "text", Usage: "set the log format ('text' (default), or 'json')"},
		&cli.StringFlag{Name: "root", Usage: "root directory for storage of container state (this should be located in tmpfs) (default: \"" + defaultRoot + "\", or \"$XDG_RUNTIME_DIR/creel\" for an ordinary user)"},
		&cli.BoolFlag{Name: "systemd-cgroup", Usage: "enable systemd cgroup support, expects cgroupsPath to be of form \"slice:prefix:name\" for e.g. \"system.slice:creel:434234\""},
		&cli.StringFlag{Name: "rootless", Value: "auto", Usage: "ignore cgroup permission errors ('true', 'false', or 'auto')"},
	}
}

// before reads the global flags. The log is opened first, so that every later
// mistake is written where the engine looks.
func (p *program) before(c *cli.Context) error {
	format, err := log.ParseFormat(c.String("log-format"))
	if err != nil {
		return err
	}
	path := c.String("log")
	l, err := log.Open(path, format, c.Bool("debug"))
	if err != nil {
		return err
	}
	p.log, p.toLog = l, path != ""
	if c.Bool("systemd-cgroup") {
		return errors.New("--systemd-cgroup: this build drives cgroups through their file system only")
	}
	rootless, err := rootlessFlag(c.String("rootless"))
	if err != nil {
		return err
	}
	root, err := rootDir(c.String("root"), rootless)
	if err != nil {
		return err
	}
	p.rt = &libcontainer.Runtime{
		Root: root, Rootless: rootless,
		Warn: func(msg string) { p.log.Warn(msg) },
	}
	return nil
}

// versionText is the text behind "creel version ": engines read its lines.
func versionText() string {
	var b strings.Builder
	b.WriteString(version.Version)
	if version.Commit != "" {
		b.WriteString("\ncommit: " + version.Commit)
	}
	b.WriteString("\nspec: " + specs.Version)
	b.WriteString("\ngo: " + runtime.Version())
	if v, err := seccomp.LibseccompVersion(seccomp.Options{}); err == nil {
		b.WriteString("\nlibseccomp: " + v)
	}
	return b.String()
}

// oneID returns the container id, the only argument of most commands.
func oneID(c *cli.Context) (string, error) {
	if err := argCount(c, 1, 1); err != nil {
		return "", err
	}
	return c.Args().First(), nil
}

// argCount checks the number of arguments; with a wrong one it prints the usage.
func argCount(c *cli.Context, least, most int) error {
	n := c.NArg()
	if n >= least && n <= most {
		return nil
	}
	fmt.Fprintf(os.Stderr, "Incorrect Usage.\n\n")
	c.App.Writer = io.Writer(os.Stderr)
	_ = cli.ShowCommandHelp(c, c.Command.Name)
	if least == most {
		return fmt.Errorf("creel: %q requires exactly %d argument(s)", c.Command.Name, least)
	}
	if n < least {
		return fmt.Errorf("creel: %q requires a minimum of %d argument(s)", c.Command.Name, least)
	}
	return fmt.Errorf("creel: %q requires a maximum of %d argument(s)", c.Command.Name, most)
}
