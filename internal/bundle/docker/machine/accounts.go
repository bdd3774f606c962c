package machine

import (
	"errors"
	"fmt"
	"io"

	"github.com/creel-project/creel/internal/bundle/docker/mapping"
	"github.com/creel-project/creel/internal/bundle/rootfs"
	"golang.org/x/sys/unix"
)

// maxAccounts is the size in bytes of the largest passwd or group that is read.
const maxAccounts = 16 << 20

// Accounts reads passwd and group of the root filesystem dir, whose links lead nowhere else (openat2(2), RESOLVE_IN_ROOT).
// A file that is missing is empty.
func Accounts(dir string) (a mapping.Accounts, err error) {
	fd, err := unix.Open(dir, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return a, fmt.Errorf("open %s: %w", dir, err)
	}
	defer unix.Close(fd)
	if a.Passwd, err = fileInRoot(fd, "etc/passwd"); err != nil {
		return a, fmt.Errorf("%s: %w", dir, err)
	}
	if a.Group, err = fileInRoot(fd, "etc/group"); err != nil {
		return a, fmt.Errorf("%s: %w", dir, err)
	}
	a.Known = true
	return a, nil
}

// fileInRoot reads a regular file below a root filesystem.
func fileInRoot(root int, name string) ([]byte, error) {
	f, err := rootfs.OpenRegular(root, name)
	switch {
	case errors.Is(err, unix.ENOENT), errors.Is(err, unix.ENOTDIR):
		return nil, nil
	case errors.Is(err, rootfs.ErrNotRegular):
		return nil, fmt.Errorf("%s: it is not a regular file", name)
	case err != nil:
		return nil, fmt.Errorf("open %s: %w", name, err)
	}
	defer f.Close()
	return Limited(f, name)
}

// Limited reads what is called name to its end, unless it is too long.
func Limited(r io.Reader, name string) ([]byte, error) {
	text, err := io.ReadAll(io.LimitReader(r, maxAccounts+1))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	if len(text) > maxAccounts {
		return nil, fmt.Errorf("%s: it has more than %d bytes", name, maxAccounts)
	}
	return text, nil
}
