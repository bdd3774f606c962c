package rootfs

import (
	"os"
	"path/filepath"
	"strconv"

	"golang.org/x/sys/unix"
)

// Remove removes a file or tree, as os.RemoveAll does, but also one that is deeper than files can be open, and one with directories
// that their modes close to their owner: the modes of an image or a container. What is mounted in it is an error (EXDEV), and stays
// as it is.
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
// removed with a few open directories: what is very deep is moved up first.
func removeAt(parent int, name string) error {
	return (&remover{top: -1}).remove(parent, name, 0)
}

type remover struct {
	top   int // the directory that is removed
	moved int // how many were moved up into it
}

// maxLevels is how many levels of a tree are removed with their directories open. It is more than files for people have: moving takes
// longer, and fails between quotas and on an overlay without redirect_dir.
const maxLevels = 64

// remove removes a name at a depth below what is removed as a whole.
func (r *remover) remove(parent int, name string, depth int) error {
	err := unix.Unlinkat(parent, name, 0)
	if err != unix.EISDIR {
		return ignore(err, unix.ENOENT)
	}
	if unix.Unlinkat(parent, name, unix.AT_REMOVEDIR) == nil {
		return nil
	}
	if depth == maxLevels {
		return ignore(r.lift(parent, name), unix.ENOENT)
	}
	fd, err := openOwn(parent, name)
	if err != nil {
		return ignore(err, unix.ENOENT)
	}
	defer unix.Close(fd)
	if depth == 0 {
		r.top = fd
	}
	for {
		names, err := readNames(fd)
		if err != nil {
			return err
		}
		if len(names) == 0 {
			return ignore(unix.Unlinkat(parent, name, unix.AT_REMOVEDIR), unix.ENOENT)
		}
		for _, n := range names {
			if err := r.remove(fd, n, depth+1); err != nil {
				return err
			}
		}
	}
}

// lift moves a directory up, under a name that is free there, or that of an empty directory.
func (r *remover) lift(parent int, name string) error {
	if own, err := openOwn(parent, name); err == nil { // its owner may write to it from here on, as a move wants it
		unix.Close(own)
	}
	for {
		r.moved++
		// Without RENAME_NOREPLACE, which ZFS before 2.2, NFS, Ceph and some of FUSE refuse.
		err := unix.Renameat(parent, name, r.top, ".removed-"+strconv.Itoa(r.moved))
		if err != unix.EEXIST && err != unix.ENOTEMPTY && err != unix.ENOTDIR {
			return err
		}
	}
}

// openOwn opens a directory to empty it. The modes of an archive do not keep its owner out.
func openOwn(parent int, name string) (int, error) {
	const flags = unix.O_RDONLY | unix.O_DIRECTORY | unix.O_NOFOLLOW | unix.O_CLOEXEC
	fd, err := open2(parent, name, unix.O_PATH|flags, unix.RESOLVE_NO_XDEV)
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
