package memfile

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// onTmpfs writes a program into a tmpfs that is mounted nowhere, makes that read-only, and opens the program: only who
// holds the fd can reach it.
func onTmpfs(name string, code []byte) (int, error) {
	fail := func(what string, err error) (int, error) {
		return -1, fmt.Errorf("%s: memory files may not be executed (vm.memfd_noexec); private tmpfs: %s: %w", name, what, err)
	}
	fs, err := unix.Fsopen("tmpfs", unix.FSOPEN_CLOEXEC)
	if err != nil {
		return fail("open", err)
	}
	defer unix.Close(fs)
	if err := unix.FsconfigCreate(fs); err != nil {
		return fail("create", err)
	}
	mnt, err := unix.Fsmount(fs, unix.FSMOUNT_CLOEXEC, unix.MOUNT_ATTR_NODEV|unix.MOUNT_ATTR_NOSUID)
	if err != nil {
		return fail("mount", err)
	}
	defer unix.Close(mnt)
	w, err := unix.Openat(mnt, name, unix.O_WRONLY|unix.O_CREAT|unix.O_EXCL|unix.O_CLOEXEC, 0o500)
	if err != nil {
		return fail("create file", err)
	}
	err = WriteAll(w, code)
	unix.Close(w) // a file that is open for writing cannot be executed
	if err != nil {
		return fail("write", err)
	}
	attr := unix.MountAttr{Attr_set: unix.MOUNT_ATTR_RDONLY}
	if err := unix.MountSetattr(mnt, "", unix.AT_EMPTY_PATH, &attr); err != nil {
		return fail("make read-only", err)
	}
	fd, err := unix.Openat(mnt, name, unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return fail("open file", err)
	}
	return fd, nil
}
