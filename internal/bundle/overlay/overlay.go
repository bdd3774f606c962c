// Package overlay mounts directories over each other (Documentation/filesystems/overlayfs.rst of Linux).
package overlay

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// Mount says what is mounted: absolute paths of directories.
type Mount struct {
	Lower       []string // the topmost first, one at least
	Upper, Work string   // where changes go, on one file system
}

// options are those of mount(2), for a caller in /proc/self/fd, who has the directories open as fds: the kernel takes one
// page of options only, and a path may hold the characters that part them. What the kernel's build decides otherwise is
// said, as all mounts of a layer have to agree about it. Renamed directories are all that layers need beyond the basics.
func options(fds []string) string {
	n := len(fds) - 2
	return "lowerdir=" + strings.Join(fds[:n], ":") + ",upperdir=" + fds[n] + ",workdir=" + fds[n+1] + ",redirect_dir=on,index=off,metacopy=off"
}

// On mounts on the directory target, which is absolute.
func (m Mount) On(target string) error {
	return inThread(unix.CLONE_FS, func() error { return m.mount(target) })
}

// Open mounts where nobody sees it, and returns the root. The mount ends with it. target is any directory.
func (m Mount) Open(target string) (root *os.File, err error) {
	err = inThread(unix.CLONE_NEWNS, func() error {
		if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
			return fmt.Errorf("make mounts private: %w", err)
		}
		if err := m.mount(target); err != nil {
			return err
		}
		root, err = os.OpenFile(target, os.O_RDONLY|unix.O_DIRECTORY, 0)
		return err
	})
	return root, err
}

// mount opens the directories itself: the kernel takes none of another mount namespace.
func (m Mount) mount(target string) error {
	var fds []string
	for _, path := range append(slices.Clone(m.Lower), m.Upper, m.Work) {
		fd, err := unix.Open(path, unix.O_PATH|unix.O_DIRECTORY|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
		if err != nil {
			return &os.PathError{Op: "open", Path: path, Err: err}
		}
		defer unix.Close(fd)
		fds = append(fds, strconv.Itoa(fd))
	}
	if err := unix.Chdir("/proc/self/fd"); err != nil {
		return fmt.Errorf("chdir /proc/self/fd: %w", err)
	}
	if err := unix.Mount("overlay", target, "overlay", 0, options(fds)); err != nil {
		return fmt.Errorf("mount an overlay of %d layers on %s: %w", len(m.Lower), target, err)
	}
	return nil
}

// inThread runs f in a thread with a working directory, and perhaps mounts, of its own. The thread ends with it.
func inThread(unshare int, f func() error) error {
	done := make(chan error)
	go func() {
		runtime.LockOSThread() // for good: Go ends such a thread
		err := unix.Unshare(unshare)
		if err == nil {
			err = f()
		} else {
			err = fmt.Errorf("unshare: %w", err)
		}
		done <- err
	}()
	return <-done
}

// Mounted says whether something is mounted on a directory (statx(2), Linux 5.8).
func Mounted(dir string) (bool, error) {
	var st unix.Statx_t
	err := unix.Statx(unix.AT_FDCWD, dir, unix.AT_SYMLINK_NOFOLLOW|unix.AT_NO_AUTOMOUNT, 0, &st)
	if err != nil {
		return false, &os.PathError{Op: "statx", Path: dir, Err: err}
	}
	return st.Attributes&unix.STATX_ATTR_MOUNT_ROOT != 0, nil
}

// Unmount ends the mount on a directory; who has files of it open keeps them. Without one it does nothing.
func Unmount(dir string) error {
	err := unix.Unmount(dir, unix.MNT_DETACH|unix.UMOUNT_NOFOLLOW)
	if err != nil && !errors.Is(err, unix.EINVAL) {
		return &os.PathError{Op: "unmount", Path: dir, Err: err}
	}
	return nil
}
