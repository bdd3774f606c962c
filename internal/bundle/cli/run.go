package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"

	"github.com/creel-project/creel/internal/spawn"
	"github.com/urfave/cli/v3"
	"golang.org/x/sys/unix"
)

func runCommand() *cli.Command {
	stop := 1
	return &cli.Command{
		Name:         "run",
		Usage:        "make a bundle of an image or a container, run it with creel, and remove it",
		ArgsUsage:    "IMAGE|docker:CONTAINER [ARG...]",
		StopOnNthArg: &stop,
		Flags: append(imageFlags("netns for root, host for others; of a container of Docker's as from-docker does"),
			&cli.StringFlag{Name: "id", Usage: "`ID` of the container (default: made up)"}),
		Action: func(ctx context.Context, c *cli.Command) error {
			if c.NArg() < 1 {
				return errors.New("run: want an argument: an image, or docker:CONTAINER")
			}
			return run(ctx, c)
		},
	}
}

func run(ctx context.Context, c *cli.Command) error {
	creel, _ := spawn.Beside("creel")
	if creel == "" {
		return errors.New("run: creel is neither beside creel-bundle nor in PATH")
	}
	s, err := openStore(ctx, c)
	if err != nil {
		return err
	}
	scratch, err := s.Scratch()
	s.Close() // garbage may be collected while the container runs
	if err != nil {
		return fmt.Errorf("store %s: %w", s.Dir(), err)
	}
	defer func() {
		if err := scratch.Close(); err != nil {
			warn(c, "remove %s: %v", scratch.Dir, err)
		}
	}()
	id := c.String("id")
	if id == "" {
		id = "run-" + filepath.Base(scratch.Dir)[:12]
	}
	bundle := filepath.Join(scratch.Dir, "bundle")
	terminal := isTerminal(os.Stdin)
	if name, ok := strings.CutPrefix(c.Args().First(), dockerPrefix); ok {
		err = unpackContainer(ctx, c, name, bundle, c.Args().Tail(), terminal)
	} else if err = usualNetwork(c); err == nil {
		err = unpack(ctx, c, c.Args().First(), bundle, c.Args().Tail(), terminal)
	}
	if err != nil {
		return err
	}
	status, err := start(creel, []string{"creel", "run", "--bundle", bundle, id}, terminal)
	if err != nil || status == 0 {
		return err
	}
	return cli.Exit("", status)
}

// start runs a program to its end, and hands it the signals that come meanwhile.
func start(path string, argv []string, terminal bool) (status int, err error) {
	signals := make(chan os.Signal, 8)
	signal.Notify(signals, unix.SIGINT, unix.SIGTERM, unix.SIGHUP, unix.SIGQUIT)
	defer signal.Stop(signals)
	p, err := os.StartProcess(path, argv, &os.ProcAttr{Files: []*os.File{os.Stdin, os.Stdout, os.Stderr}})
	if err != nil {
		return 0, fmt.Errorf("start %s: %w", strings.Join(argv, " "), err)
	}
	go func() {
		for s := range signals {
			// A terminal has sent these to the program as well.
			if terminal && (s == unix.SIGINT || s == unix.SIGQUIT) {
				continue
			}
			p.Signal(s)
		}
	}()
	state, err := p.Wait()
	if err != nil {
		return 0, err
	}
	if w, ok := state.Sys().(interface{ Signal() unix.Signal }); ok && !state.Exited() {
		return 128 + int(w.Signal()), nil
	}
	return state.ExitCode(), nil
}

func isTerminal(f *os.File) bool {
	_, err := unix.IoctlGetTermios(int(f.Fd()), unix.TCGETS)
	return err == nil
}
