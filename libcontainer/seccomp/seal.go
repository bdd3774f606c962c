package seccomp

import (
	"errors"
	"fmt"

	"golang.org/x/sys/unix"
)

// memfile returns a memory file with these contents, to be read or written
// from its beginning. It is not sealed and lives as long as the compiler runs.
func memfile(name string, data []byte) (int, error) {
	fd, err := unix.MemfdCreate(name, unix.MFD_CLOEXEC|unix.MFD_NOEXEC_SEAL)
	if errors.Is(err, unix.EINVAL) { // before Linux 6.3
		fd, err = unix.MemfdCreate(name, unix.MFD_CLOEXEC)
	}
	if err != nil {
		return -1, fmt.Errorf("memory file %s: %w", name, err)
	}
	if len(data) == 0 {
		return fd, nil
	}
	if err = writeAll(fd, data); err == nil {
		_, err = unix.Seek(fd, 0, unix.SEEK_SET)
	}
	if err != nil {
		unix.Close(fd)
		return -1, fmt.Errorf("memory file %s: write %d bytes: %w", name, len(data), err)
	}
	return fd, nil
}

// executable returns a file with this program that can be executed and that
// nobody can change: a sealed memory file (MFD_EXEC since Linux 6.3), or where
// memory files may not be executed (vm.memfd_noexec=2) a tmpfs of its own.
func executable(code []byte) (int, error) {
	fd, err := sealed(code, unix.MFD_EXEC)
	if errors.Is(err, unix.EINVAL) {
		fd, err = sealed(code, 0)
	}
	if errors.Is(err, unix.EACCES) {
		fd, err = onTmpfs(code)
	}
	if err != nil {
		return -1, fmt.Errorf("seccomp profile compiler: %w", err)
	}
	return fd, nil
}

func sealed(code []byte, flags int) (int, error) {
	fd, err := unix.MemfdCreate("creel-seccomp", unix.MFD_CLOEXEC|unix.MFD_ALLOW_SEALING|flags)
	if err != nil {
		return -1, fmt.Errorf("memory file: %w", err)
	}
	if err = writeAll(fd, code); err == nil {
		_, err = unix.FcntlInt(uintptr(fd), unix.F_ADD_SEALS,
			unix.F_SEAL_SEAL|unix.F_SEAL_SHRINK|unix.F_SEAL_GROW|unix.F_SEAL_WRITE)
	}
	if err != nil {
		unix.Close(fd)
		return -1, fmt.Errorf("memory file: write and seal %d bytes: %w", len(code), err)
	}
	return fd, nil
}

// onTmpfs writes the program into a tmpfs that is mounted nowhere and opens it
// there read-only: only who holds the fd can reach it.
func onTmpfs(code []byte) (int, error) {
	fs, err := unix.Fsopen("tmpfs", unix.FSOPEN_CLOEXEC)
	if err != nil {
		return -1, fmt.Errorf("memory files may not be executed (vm.memfd_noexec), private tmpfs: %w", err)
	}
	defer unix.Close(fs)
	if err := unix.FsconfigCreate(fs); err != nil {
		return -1, fmt.Errorf("private tmpfs: create: %w", err)
	}
	mnt, err := unix.Fsmount(fs, unix.FSMOUNT_CLOEXEC, unix.MOUNT_ATTR_NODEV|unix.MOUNT_ATTR_NOSUID)
	if err != nil {
		return -1, fmt.Errorf("private tmpfs: mount: %w", err)
	}
	defer unix.Close(mnt)
	w, err := unix.Openat(mnt, "creel-seccomp", unix.O_WRONLY|unix.O_CREAT|unix.O_EXCL|unix.O_CLOEXEC, 0o500)
	if err != nil {
		return -1, fmt.Errorf("private tmpfs: create file: %w", err)
	}
	err = writeAll(w, code)
	unix.Close(w) // a file that is open for writing cannot be executed
	if err != nil {
		return -1, fmt.Errorf("private tmpfs: write: %w", err)
	}
	attr := unix.MountAttr{Attr_set: unix.MOUNT_ATTR_RDONLY}
	if err := unix.MountSetattr(mnt, "", unix.AT_EMPTY_PATH, &attr); err != nil {
		return -1, fmt.Errorf("private tmpfs: make read-only: %w", err)
	}
	fd, err := unix.Openat(mnt, "creel-seccomp", unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return -1, fmt.Errorf("private tmpfs: open: %w", err)
	}
	return fd, nil
}
