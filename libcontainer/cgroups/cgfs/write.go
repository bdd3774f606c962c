package cgfs

import (
	"fmt"
	"strings"

	"golang.org/x/sys/unix"
)

// Write writes value to a file of the cgroup, in one call as the kernel wants it.
func (d *Dir) Write(name, value string) error {
	fd, err := d.openFile(name, unix.O_WRONLY)
	if err == nil {
		err = writeFD(fd, value)
		unix.Close(fd)
	}
	if err != nil {
		return fmt.Errorf("write %q to %s: %w", value, d.join(name), err)
	}
	return nil
}

// WriteLines writes each line of value on its own, as files that take one device a call need it. An empty value is
// written as an empty line, which clears some files.
func (d *Dir) WriteLines(name, value string) error {
	if !strings.Contains(value, "\n") {
		if value == "" {
			value = "\n"
		}
		return d.Write(name, value)
	}
	for line := range strings.Lines(value) {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		if err := d.Write(name, line); err != nil {
			return err
		}
	}
	return nil
}

func writeFD(fd int, value string) error {
	for {
		// The kernel parses each write(2) by itself: a rest after a short write cannot be sent later.
		n, err := unix.Write(fd, []byte(value))
		if err == unix.EINTR {
			continue
		}
		if err == nil && n != len(value) {
			return fmt.Errorf("only %d of %d bytes were taken: %w", n, len(value), unix.EIO)
		}
		return err
	}
}
