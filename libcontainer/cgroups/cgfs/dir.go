// Package cgfs reads and writes cgroup directories: a directory is opened by its path once, every access then
// goes through its fd and one fixed name, and every error names the file and the value.
package cgfs

import (
	"fmt"
	"strings"

	"golang.org/x/sys/unix"
)

// Dir is an open cgroup directory, or a plain directory that stands for one in a test.
type Dir struct {
	fd   int
	path string
}

const openDir = unix.O_PATH | unix.O_DIRECTORY | unix.O_NOFOLLOW | unix.O_CLOEXEC

// Open opens the directory at an absolute path.
func Open(path string) (*Dir, error) {
	return openAt(unix.AT_FDCWD, path, path)
}

// openAt opens name below dirfd; path is what messages call it.
func openAt(dirfd int, name, path string) (*Dir, error) {
	for {
		fd, err := unix.Openat(dirfd, name, openDir, 0)
		if err == nil {
			return &Dir{fd: fd, path: path}, nil
		}
		if err != unix.EINTR {
			return nil, fmt.Errorf("open %s: %w", path, err)
		}
	}
}

// FD returns the O_PATH fd of the directory, which stays the Dir's own.
func (d *Dir) FD() int { return d.fd }

// Path returns the absolute path by which messages call the directory.
func (d *Dir) Path() string { return d.path }

// Close releases the fd. A nil or closed Dir may be closed again.
func (d *Dir) Close() {
	if d != nil && d.fd >= 0 {
		unix.Close(d.fd)
		d.fd = -1
	}
}

// Child opens the sub-cgroup of that name, one path element. It never follows a symbolic link.
func (d *Dir) Child(name string) (*Dir, error) {
	return openAt(d.fd, name, d.join(name))
}

// Descend opens the directory at a cleaned path below d ("/a/b"); "/" opens d again.
func (d *Dir) Descend(path string) (*Dir, error) {
	cur, err := d.Child(".")
	if err != nil {
		return nil, err
	}
	cur.path = d.path
	for name := range Elements(path) {
		next, err := cur.Child(name)
		cur.Close()
		if err != nil {
			return nil, err
		}
		cur = next
	}
	return cur, nil
}

// Mkdir makes the sub-cgroup of that name. It reports whether there was one already.
func (d *Dir) Mkdir(name string) (existed bool, err error) {
	for {
		err = unix.Mkdirat(d.fd, name, 0o755)
		switch err {
		case nil:
			return false, nil
		case unix.EEXIST:
			return true, nil
		case unix.EINTR:
		default:
			return false, fmt.Errorf("mkdir %s: %w", d.join(name), err)
		}
	}
}

// Rmdir removes the sub-cgroup of that name. One that is not there is no error.
func (d *Dir) Rmdir(name string) error {
	for {
		err := unix.Unlinkat(d.fd, name, unix.AT_REMOVEDIR)
		switch err {
		case nil, unix.ENOENT, unix.ENODEV:
			return nil
		case unix.EINTR:
		default:
			return fmt.Errorf("rmdir %s: %w", d.join(name), err)
		}
	}
}

// join is used for messages only, so a path of endless depth may stop growing.
func (d *Dir) join(name string) string {
	if len(d.path) > unix.PathMax {
		return d.path
	}
	return strings.TrimSuffix(d.path, "/") + "/" + name
}

// IsCgroup2 says whether the directory lies on a cgroup v2 filesystem.
func (d *Dir) IsCgroup2() bool {
	var fs unix.Statfs_t
	return unix.Fstatfs(d.fd, &fs) == nil && fs.Type == unix.CGROUP2_SUPER_MAGIC
}
