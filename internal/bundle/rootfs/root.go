package rootfs

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// A Root is a directory that is, or becomes, a root filesystem.
type Root struct {
	fd     int
	parent int    // directory in which temp is to be renamed, -1 for one that was there
	temp   string // name in parent until Commit
	name   string // name in parent after Commit
	dir    string // as the caller names it, for errors
}

// Open takes a directory that exists, and keeps what is in it.
func Open(dir string) (*Root, error) {
	fd, err := unix.Open(dir, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, &fs.PathError{Op: "open root", Path: dir, Err: err}
	}
	return &Root{fd: fd, parent: -1, dir: dir}, nil
}

// Make begins the directory dir, which may not exist yet unless it is empty. It is made beside its place, readable for the
// caller only, and gets its name with Commit.
func Make(dir string) (*Root, error) {
	path := filepath.Clean(dir)
	base := filepath.Base(path)
	if base == "." || base == ".." || base == "/" {
		return nil, fmt.Errorf("make root %q: it wants a name of its own", dir)
	}
	r := &Root{fd: -1, name: base, dir: dir}
	var err error
	if r.parent, err = unix.Open(filepath.Dir(path), unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0); err != nil {
		return nil, &fs.PathError{Op: "make root in", Path: filepath.Dir(path), Err: err}
	}
	if err := r.begin(); err != nil {
		return nil, errors.Join(fmt.Errorf("make root %s: %w", dir, err), r.Close())
	}
	return r, nil
}

func (r *Root) begin() error {
	if err := vacant(r.parent, r.name); err != nil {
		return err
	}
	prefix := r.name
	if len(prefix) > 200 { // a name has at most 255 bytes
		prefix = prefix[:200]
	}
	prefix += ".tmp-"
	if err := sweep(r.parent, prefix); err != nil {
		return err
	}
	temp := prefix + rand.Text()
	if err := unix.Mkdirat(r.parent, temp, 0o700); err != nil {
		return err
	}
	r.temp = temp
	var err error
	if r.fd, err = unix.Openat(r.parent, temp, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0); err != nil {
		return err
	}
	// The lock says that somebody is at work: see sweep.
	if err := unix.Flock(r.fd, unix.LOCK_EX|unix.LOCK_NB); err != nil {
		return err
	}
	return dropACLs(r.fd)
}

// vacant says whether a directory can be renamed to name: it is not there, or an empty directory.
func vacant(parent int, name string) error {
	fd, err := unix.Openat(parent, name, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
	switch err {
	case nil:
	case unix.ENOENT:
		return nil
	case unix.ENOTDIR, unix.ELOOP:
		return unix.EEXIST
	default:
		return err
	}
	defer unix.Close(fd)
	names, err := readNames(fd)
	if err == nil && len(names) > 0 {
		err = unix.ENOTEMPTY
	}
	return err
}

// FD is the open directory. It is the Root's until Close.
func (r *Root) FD() int { return r.fd }

// Commit gives a directory that was made its name. For one that was opened it does nothing.
func (r *Root) Commit() error {
	if r.temp == "" {
		return nil
	}
	// This replaces an empty directory, and nothing else (rename(2)).
	if err := unix.Renameat(r.parent, r.temp, r.parent, r.name); err != nil {
		return &fs.PathError{Op: "make root", Path: r.dir, Err: err}
	}
	r.temp = ""
	return nil
}

// Close closes the directory. One that was made and not committed is removed.
func (r *Root) Close() error {
	var err error
	if r.temp != "" {
		if err = removeAt(r.parent, r.temp); err != nil {
			err = fmt.Errorf("remove %s: %w", filepath.Join(filepath.Dir(r.dir), r.temp), err)
		}
		r.temp = ""
	}
	for _, fd := range []*int{&r.fd, &r.parent} {
		if *fd >= 0 {
			unix.Close(*fd)
			*fd = -1
		}
	}
	return err
}
