package cgfs

import (
	"fmt"
	"strings"

	"golang.org/x/sys/unix"
)

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

// WithFile opens a file for reading and calls use with its fd, which is closed afterwards.
func (d *Dir) WithFile(name string, use func(fd int) error) error {
	fd, err := d.openFile(name, unix.O_RDONLY)
	if err != nil {
		return fmt.Errorf("open %s: %w", d.join(name), err)
	}
	defer unix.Close(fd)
	return use(fd)
}
