package cgfs

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// Max is what the kernel writes and reads for "no limit" on cgroup v2.
const Max = "max"

// openFile opens a file by its name alone: a name from config.json must not lead anywhere else.
func (d *Dir) openFile(name string, flags int) (int, error) {
	if strings.Contains(name, "/") {
		return -1, unix.EINVAL
	}
	for {
		fd, err := unix.Openat(d.fd, name, flags|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
		if err != unix.EINTR {
			return fd, err
		}
	}
}

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

// Read returns the whole text of a file without its last newline.
func (d *Dir) Read(name string) (string, error) {
	fd, err := d.openFile(name, unix.O_RDONLY)
	if err != nil {
		return "", fmt.Errorf("open %s: %w", d.join(name), err)
	}
	defer unix.Close(fd)
	text, err := readFD(fd)
	if err != nil {
		return "", fmt.Errorf("read %s: %w", d.join(name), err)
	}
	return strings.TrimSuffix(text, "\n"), nil
}

func readFD(fd int) (string, error) {
	var (
		first [4096]byte
		text  = first[:0]
	)
	for {
		if len(text) == cap(text) {
			text = append(text, 0)[:len(text)]
		}
		n, err := unix.Read(fd, text[len(text):cap(text)])
		if err == unix.EINTR {
			continue
		}
		if err != nil {
			return "", err
		}
		if n == 0 {
			return string(text), nil
		}
		text = text[:len(text)+n]
	}
}

// Has reports whether the cgroup has a file of that name.
func (d *Dir) Has(name string) bool {
	return unix.Faccessat(d.fd, name, unix.F_OK, unix.AT_SYMLINK_NOFOLLOW) == nil
}

// Uint reads a file that holds one number; "max" reads as limited = false.
func (d *Dir) Uint(name string) (value uint64, limited bool, err error) {
	text, err := d.Read(name)
	if err != nil {
		return 0, false, err
	}
	if text == Max {
		return 0, false, nil
	}
	value, err = strconv.ParseUint(strings.TrimSpace(text), 10, 64)
	if err != nil {
		return 0, false, fmt.Errorf("read %s: %q is no number: %w", d.join(name), text, errors.Unwrap(err))
	}
	return value, true, nil
}

// Field returns the value behind a key in a flat keyed file such as cgroup.events, "" when the key is not there.
func (d *Dir) Field(name, key string) (string, error) {
	text, err := d.Read(name)
	if err != nil {
		return "", err
	}
	return Field(text, key), nil
}

// Field returns the value behind a key in the text of a flat keyed file, "" when the key is not there.
func Field(text, key string) string {
	for line := range strings.Lines(text) {
		if k, v, ok := strings.Cut(strings.TrimSuffix(line, "\n"), " "); ok && k == key {
			return v
		}
	}
	return ""
}
