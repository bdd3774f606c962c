package libcontainer

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/creel-project/creel/libcontainer/plan"
	"golang.org/x/sys/unix"
)

// copyUp collects the two fds of a copy-up, the new tmpfs and then the
// directory that it will hide, and copies. Ownership of fd passes to it.
func (b *boot) copyUp(fd int, op *plan.Op) error {
	if fd < 0 {
		return fmt.Errorf("%s: no directory came: %w", op.Label(), unix.EPROTO)
	}
	if b.copyTo < 0 {
		b.copyTo = fd
		return nil
	}
	to := b.copyTo
	b.copyTo = -1
	defer unix.Close(to)
	defer unix.Close(fd)
	if err := copyTree(fd, to); err != nil {
		return fmt.Errorf("%s: %w", op.Label(), err)
	}
	return nil
}

// copyTree copies the contents of the directory from into the directory to.
// Both are named by fds, and no link is followed: the tree may be an attacker's.
func copyTree(from, to int) error {
	dirfd, err := unix.Openat(from, ".", unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("open: %w", err)
	}
	dir := os.NewFile(uintptr(dirfd), "source")
	defer dir.Close()
	names, err := dir.Readdirnames(-1)
	if err != nil {
		return fmt.Errorf("read directory: %w", err)
	}
	for _, name := range names {
		if err := copyEntry(dirfd, to, name); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

func copyEntry(from, to int, name string) error {
	var st unix.Stat_t
	if err := unix.Fstatat(from, name, &st, unix.AT_SYMLINK_NOFOLLOW); err != nil {
		return err
	}
	var err error
	switch st.Mode & unix.S_IFMT {
	case unix.S_IFDIR:
		err = copyDir(from, to, name)
	case unix.S_IFREG:
		err = copyFile(from, to, name)
	case unix.S_IFLNK:
		err = copyLink(from, to, name)
	default:
		err = unix.Mknodat(to, name, st.Mode, int(st.Rdev))
	}
	if err != nil {
		return err
	}
	if err := unix.Fchownat(to, name, int(st.Uid), int(st.Gid), unix.AT_SYMLINK_NOFOLLOW); err != nil {
		return fmt.Errorf("chown to %d:%d: %w", st.Uid, st.Gid, err)
	}
	if st.Mode&unix.S_IFMT == unix.S_IFLNK {
		return nil
	}
	// what was made just now in a tmpfs that nobody else reaches is no link
	if err := unix.Fchmodat(to, name, st.Mode&0o7777, 0); err != nil {
		return fmt.Errorf("chmod to %#o: %w", st.Mode&0o7777, err)
	}
	return nil
}

func copyDir(from, to int, name string) error {
	if err := unix.Mkdirat(to, name, 0o700); err != nil {
		return err
	}
	const flags = unix.O_RDONLY | unix.O_DIRECTORY | unix.O_NOFOLLOW | unix.O_CLOEXEC
	in, err := unix.Openat(from, name, flags, 0)
	if err != nil {
		return err
	}
	defer unix.Close(in)
	out, err := unix.Openat(to, name, flags, 0)
	if err != nil {
		return err
	}
	defer unix.Close(out)
	return copyTree(in, out)
}

func copyFile(from, to int, name string) error {
	in, err := unix.Openat(from, name, unix.O_RDONLY|unix.O_NOFOLLOW|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		return err
	}
	src := os.NewFile(uintptr(in), name)
	defer src.Close()
	out, err := unix.Openat(to, name, unix.O_WRONLY|unix.O_CREAT|unix.O_EXCL|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0o600)
	if err != nil {
		return err
	}
	dst := os.NewFile(uintptr(out), name)
	_, err = io.Copy(dst, src)
	return errors.Join(err, dst.Close())
}

func copyLink(from, to int, name string) error {
	buf := make([]byte, unix.PathMax)
	n, err := unix.Readlinkat(from, name, buf)
	if err != nil {
		return err
	}
	return unix.Symlinkat(string(buf[:n]), to, name)
}
