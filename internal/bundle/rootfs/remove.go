package rootfs

import (
	"os"
	"path/filepath"
	"strconv"

	"golang.org/x/sys/unix"
)

// Remove removes a file or tree, as os.RemoveAll does, but also one that is deeper than files can be open, and one with directories
// that their modes close to their owner: the modes of an image or a container.
func Remove(path string) error {
	dir, base := filepath.Split(filepath.Clean(path))
	parent, err := unix.Open(filepath.Clean(dir), unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err == unix.ENOENT {
		return nil
	}
	if err == nil {
		defer unix.Close(parent)
		err = removeAt(parent, base)
	}
	if err != nil {
		return &os.PathError{Op: "remove", Path: path, Err: err}
	}
	return nil
}

// removeAt removes what has that name in a directory, with all that is in it. No link is followed. A tree of any depth is
// removed with two open directories: what is deeper is moved up first.
func removeAt(parent int, name string) error {
	err := unix.Unlinkat(parent, name, 0)
	if err != unix.EISDIR {
		return ignore(err, unix.ENOENT)
	}
	top, err := openOwn(parent, name)
	if err != nil {
		return ignore(err, unix.ENOENT)
	}
	defer unix.Close(top)
	moved := 0
	for {
		names, err := readNames(top)
		if err != nil {
			return err
		}
		if len(names) == 0 {
			return ignore(unix.Unlinkat(parent, name, unix.AT_REMOVEDIR), unix.ENOENT)
		}
		for _, n := range names {
			if err := removeOrLift(top, n, &moved); err != nil {
				return err
			}
		}
	}
}

// removeOrLift removes a name in top. The directories in it, if it is one, come to lie in top.
func removeOrLift(top int, name string, moved *int) error {
	err := unix.Unlinkat(top, name, 0)
	if err != unix.EISDIR {
		return ignore(err, unix.ENOENT)
	}
	if unix.Unlinkat(top, name, unix.AT_REMOVEDIR) == nil {
		return nil
	}
	fd, err := openOwn(top, name)
	if err != nil {
		return ignore(err, unix.ENOENT)
	}
	defer unix.Close(fd)
	for {
		names, err := readNames(fd)
		if err != nil {
			return err
		}
		if len(names) == 0 {
			return ignore(unix.Unlinkat(top, name, unix.AT_REMOVEDIR), unix.ENOENT)
		}
		for _, n := range names {
			err := unix.Unlinkat(fd, n, 0)
			if err == unix.EISDIR {
				err = lift(fd, n, top, moved)
			}
			if ignore(err, unix.ENOENT) != nil {
				return err
			}
		}
	}
}

// lift moves a directory into top, under a name that is free there.
func lift(fd int, name string, top int, moved *int) error {
	if unix.Unlinkat(fd, name, unix.AT_REMOVEDIR) == nil {
		return nil
	}
	if own, err := openOwn(fd, name); err == nil { // its owner may write to it from here on, as a move wants it
		unix.Close(own)
	}
	for {
		*moved++
		err := unix.Renameat2(fd, name, top, ".removed-"+strconv.Itoa(*moved), unix.RENAME_NOREPLACE)
		if err != unix.EEXIST {
			return err
		}
	}
}

// openOwn opens a directory to empty it. The modes of an archive do not keep its owner out.
func openOwn(parent int, name string) (int, error) {
	const flags = unix.O_RDONLY | unix.O_DIRECTORY | unix.O_NOFOLLOW | unix.O_CLOEXEC
	fd, err := unix.Openat(parent, name, unix.O_PATH|flags, 0)
	if err != nil {
		return -1, err
	}
	defer unix.Close(fd)
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		return -1, err
	}
	if st.Mode&0o700 != 0o700 {
		if err := unix.Chmod(fdPath(fd), st.Mode&0o7777|0o700); err != nil {
			return -1, err
		}
	}
	return unix.Openat(fd, ".", flags, 0)
}

// ignore returns err, but nil for the one that does not matter.
func ignore(err, harmless error) error {
	if err == harmless {
		return nil
	}
	return err
}
