package foreign

import (
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/creel-project/creel/internal/spawn"
	"golang.org/x/sys/unix"
)

// exitError is a program that ran and was not content.
type exitError struct {
	program, stderr string
	status          unix.WaitStatus
}

func (e *exitError) Error() string {
	if e.status.Signaled() {
		return fmt.Sprintf("%s: signal: %s", e.program, e.status.Signal())
	}
	said := strings.Join(strings.Fields(e.stderr), " ")
	return fmt.Sprintf("%s: exit status %d: %s", e.program, e.status.ExitStatus(), said)
}

// run runs a program to its end and returns what it wrote to stdout. Its streams are files in memory: no side waits
// for the other.
func run(path string, args []string, stdin string) (string, error) {
	var files [3]*os.File
	var fds []uintptr
	for i := range files {
		fd, err := unix.MemfdCreate("creel-netns", unix.MFD_CLOEXEC)
		if err != nil {
			return "", fmt.Errorf("memory file: %w", err)
		}
		files[i] = os.NewFile(uintptr(fd), "memory file")
		defer files[i].Close()
		fds = append(fds, uintptr(fd))
	}
	if _, err := files[0].WriteString(stdin); err != nil {
		return "", err
	}
	if _, err := files[0].Seek(0, io.SeekStart); err != nil {
		return "", err
	}
	pid, pidfd, err := spawn.Start(spawn.Child{Path: path, Argv: append([]string{path}, args...), Env: os.Environ(), Files: fds, Cgroup: -1})
	if err != nil {
		return "", fmt.Errorf("%s: %w", path, err)
	}
	unix.Close(pidfd)
	status, err := spawn.Wait(pid)
	if err != nil {
		return "", fmt.Errorf("%s: %w", path, err)
	}
	out, err := contents(files[1])
	if err == nil && (status.Signaled() || status.ExitStatus() != 0) {
		said, _ := contents(files[2])
		err = &exitError{path, said, status}
	}
	return out, err
}

func contents(f *os.File) (string, error) {
	text, err := io.ReadAll(io.NewSectionReader(f, 0, 1<<24))
	return string(text), err
}
