package state

import (
	"errors"
	"fmt"

	"golang.org/x/sys/unix"
)

// Make makes a directory in the container's and returns its fd. It has mode 0755
// whatever the umask, for it is the container's users who look into it.
func (d *Dir) Make(name string) (fd int, err error) {
	if err := unix.Mkdirat(d.fd, name, 0o755); err != nil {
		return -1, fmt.Errorf("state directory of %s: make %s: %w", d.id, name, err)
	}
	if fd, err = d.Sub(name); err != nil {
		return -1, err
	}
	if err := unix.Fchmod(fd, 0o755); err != nil {
		unix.Close(fd)
		return -1, fmt.Errorf("state directory of %s: chmod %s: %w", d.id, name, err)
	}
	return fd, nil
}

// Sub opens a directory that Make made.
func (d *Dir) Sub(name string) (fd int, err error) {
	fd, err = unix.Openat(d.fd, name, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
	if err != nil {
		return -1, fmt.Errorf("state directory of %s: open %s: %w", d.id, name, err)
	}
	return fd, nil
}

// removeDir removes a directory of Make's, in which there are files only.
func (d *Dir) removeDir(name string) error {
	fd, err := d.Sub(name)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	files, err := names(fd)
	if err != nil {
		return err
	}
	for _, n := range files {
		if err := unix.Unlinkat(fd, n, 0); err != nil && !errors.Is(err, unix.ENOENT) {
			return err
		}
	}
	return unix.Unlinkat(d.fd, name, unix.AT_REMOVEDIR)
}
