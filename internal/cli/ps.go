package cli

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/creel-project/creel/internal/lazyjson"
	"github.com/creel-project/creel/internal/spawn"
	"golang.org/x/sys/unix"
)

func (p *program) psCommand() *command {
	return &command{
		name: "ps", usage: "ps displays the processes running inside a container",
		args: "<container-id> [ps options]", least: 1, most: math.MaxInt,
		description: "The options are those of ps(1), -ef unless there are any.",
		flags: func(f *flags) {
			f.ordered = true
			f.text("table", "select one of: table or json", "format", "f")
		},
		action: p.ps,
	}
}

func (p *program) ps(c *call) error {
	id := c.arg(0)
	ctr, err := p.rt.Load(id)
	if err != nil {
		return err
	}
	defer ctr.Close()
	pids, err := ctr.Processes()
	if err != nil {
		return fmt.Errorf("ps %s: %w", id, err)
	}
	switch format := c.String("format"); format {
	case "table":
		if err := writeProcesses(pids, c.f.set.Args()[1:]); err != nil {
			return fmt.Errorf("ps %s: %w", id, err)
		}
		return nil
	case "json":
		data, err := lazyjson.Marshal(pids)
		if err != nil {
			return err
		}
		_, err = os.Stdout.Write(append(data, '\n'))
		return err
	default:
		return fmt.Errorf("--format %q: invalid format option", format)
	}
}

// writeProcesses prints those lines of ps(1) that are about some processes. A process has as many lines as the
// options give it: one for each thread with -L.
func writeProcesses(pids []int, options []string) error {
	if len(options) == 0 {
		options = []string{"-ef"}
	}
	out, err := hostPS(options)
	if err != nil {
		return err
	}
	table, err := linesOf(out, pids)
	if err != nil {
		return err
	}
	_, err = os.Stdout.WriteString(table)
	return err
}

// linesOf leaves of a table its heading and the lines that have one of the pids under PID.
func linesOf(table string, pids []int) (string, error) {
	var b strings.Builder
	column := -1
	for line := range strings.Lines(table) {
		words := strings.Fields(line)
		if b.Len() == 0 {
			if column = slices.Index(words, "PID"); column < 0 {
				return "", errors.New("couldn't find PID field in ps output")
			}
			b.WriteString(line)
			continue
		}
		if len(words) == 0 {
			continue
		}
		if column >= len(words) {
			return "", fmt.Errorf("no PID in the line %q of ps output", line)
		}
		pid, err := strconv.Atoi(words[column])
		if err != nil {
			return "", fmt.Errorf("unable to parse pid in the line %q of ps output: %w", line, err)
		}
		if slices.Contains(pids, pid) {
			b.WriteString(line)
		}
	}
	if b.Len() == 0 {
		return "", errors.New("couldn't find PID field in ps output")
	}
	return b.String(), nil
}

// hostPS runs ps(1) of the host and returns its output. What it says when it fails is part of the error.
func hostPS(options []string) (string, error) {
	path, err := spawn.Find("ps")
	if err != nil {
		return "", err
	}
	null, err := os.Open(os.DevNull)
	if err != nil {
		return "", err
	}
	defer null.Close()
	var ends [2]int
	if err := unix.Pipe2(ends[:], unix.O_CLOEXEC); err != nil {
		return "", fmt.Errorf("pipe for ps: %w", err)
	}
	defer unix.Close(ends[0])
	pid, pidfd, err := spawn.Start(spawn.Child{
		Path: path, Argv: append([]string{"ps"}, options...), Env: os.Environ(), Cgroup: -1,
		Files: []uintptr{null.Fd(), uintptr(ends[1]), uintptr(ends[1])},
	})
	unix.Close(ends[1])
	if err != nil {
		return "", fmt.Errorf("start %s: %w", path, err)
	}
	if pidfd >= 0 {
		unix.Close(pidfd)
	}
	out, err := readToEnd(ends[0])
	ws, werr := spawn.Wait(pid)
	if err = errors.Join(err, werr); err == nil && ws != 0 {
		err = fmt.Errorf("exit status %d: %s", statusOf(ws), strings.TrimSpace(out))
	}
	return out, err
}

func readToEnd(fd int) (string, error) {
	var out bytes.Buffer
	buf := make([]byte, 32<<10)
	for {
		n, err := unix.Read(fd, buf)
		switch {
		case errors.Is(err, unix.EINTR):
		case err != nil:
			return "", fmt.Errorf("read what ps says: %w", err)
		case n == 0:
			return out.String(), nil
		default:
			out.Write(buf[:n])
		}
	}
}
