package spawn

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// Command is a program that is run to its end, with the caller's environment.
type Command struct {
	Path  string
	Args  []string // without the program's name
	Stdin string
	Stays bool // stderr is the caller's; else it is a part of the error
}

// ExitError is a program that ran and was not content.
type ExitError struct {
	Program, Stderr string
	Status          unix.WaitStatus
}

func (e *ExitError) Error() string {
	if e.Status.Signaled() {
		return fmt.Sprintf("%s: signal: %s", e.Program, e.Status.Signal())
	}
	text := fmt.Sprintf("%s: exit status %d", e.Program, e.Status.ExitStatus())
	if said := strings.Join(strings.Fields(e.Stderr), " "); said != "" {
		text += ": " + said
	}
	return text
}

// Run returns what the program writes to stdout, also with an ExitError. Its streams are files in memory: no side waits
// for the other. When ctx ends the program is killed.
func (c Command) Run(ctx context.Context) (string, error) {
	var files [3]*os.File
	var fds []uintptr
	for i := range files {
		fd, err := unix.MemfdCreate("creel-run", unix.MFD_CLOEXEC)
		if err != nil {
			return "", fmt.Errorf("memory file: %w", err)
		}
		files[i] = os.NewFile(uintptr(fd), "memory file")
		defer files[i].Close()
		fds = append(fds, uintptr(fd))
	}
	if c.Stays {
		fds[2] = 2
	}
	if _, err := files[0].WriteString(c.Stdin); err != nil {
		return "", err
	}
	if _, err := files[0].Seek(0, io.SeekStart); err != nil {
		return "", err
	}
	pid, pidfd, err := Start(Child{Path: c.Path, Argv: append([]string{c.Path}, c.Args...), Env: os.Environ(), Files: fds, Cgroup: -1})
	if err != nil {
		return "", fmt.Errorf("%s: %w", c.Path, err)
	}
	if pidfd >= 0 {
		sent := make(chan struct{})
		stop := context.AfterFunc(ctx, func() {
			_ = unix.PidfdSendSignal(pidfd, unix.SIGKILL, nil, 0)
			close(sent)
		})
		defer func() {
			if !stop() {
				<-sent
			}
			unix.Close(pidfd)
		}()
	}
	status, err := Wait(pid)
	if err != nil {
		return "", fmt.Errorf("%s: %w", c.Path, err)
	}
	if ctx.Err() != nil {
		return "", fmt.Errorf("%s: %w", c.Path, context.Cause(ctx))
	}
	out, err := contents(files[1])
	if err == nil && status != 0 {
		said, _ := contents(files[2])
		err = &ExitError{c.Path, said, status}
	}
	return out, err
}

func contents(f *os.File) (string, error) {
	text, err := io.ReadAll(io.NewSectionReader(f, 0, 1<<24))
	return string(text), err
}
