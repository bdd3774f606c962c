package hooks

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// Files are where the output of hooks goes, absolute paths. Without one stdout goes
// to /dev/null, and the end of stderr into the error of a hook that fails.
type Files struct{ Stdout, Stderr string }

// OpenStdout opens what becomes the stdout of a hook.
func (f Files) OpenStdout() (fd int, err error) {
	if f.Stdout != "" {
		return openAppend(f.Stdout)
	}
	if fd, err = unix.Open("/dev/null", unix.O_WRONLY|unix.O_CLOEXEC, 0); err != nil {
		return -1, fmt.Errorf("open /dev/null: %w", err)
	}
	return fd, nil
}

// OpenStderr opens what becomes the stderr of a hook, and what is to be read of it meanwhile.
func (f Files) OpenStderr() (*Output, int, error) {
	if f.Stderr == "" {
		return newOutput()
	}
	fd, err := openAppend(f.Stderr)
	if err != nil {
		return nil, -1, err
	}
	return &Output{r: -1, file: f.Stderr}, fd, nil
}

// openAppend opens a file for more output, and makes it if it is not there. A FIFO
// that nobody reads is an error and not a reason to wait.
func openAppend(path string) (int, error) {
	fd, err := unix.Open(path, unix.O_WRONLY|unix.O_APPEND|unix.O_CREAT|unix.O_NOCTTY|unix.O_NONBLOCK|unix.O_CLOEXEC, 0o600)
	if err != nil {
		return -1, fmt.Errorf("open %s for the output of hooks: %w", path, err)
	}
	if err := unix.SetNonblock(fd, false); err != nil {
		unix.Close(fd)
		return -1, fmt.Errorf("open %s for the output of hooks: %w", path, err)
	}
	return fd, nil
}
