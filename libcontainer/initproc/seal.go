// Package initproc is the Go side of init, the small static C program (csrc)
// that carries out plans inside containers: it seals and starts the program,
// and talks to it over a socket.
package initproc

import (
	"errors"
	"fmt"

	"golang.org/x/sys/unix"
)

const seals = unix.F_SEAL_SEAL | unix.F_SEAL_SHRINK | unix.F_SEAL_GROW | unix.F_SEAL_WRITE

// sealed returns a memory file with these contents that nobody can change any
// more (memfd_create(2), F_ADD_SEALS), so that no container can write to what
// the host executes or to a plan that is being read (CVE-2019-5736).
func sealed(name string, data []byte, flags int) (int, error) {
	fd, err := unix.MemfdCreate(name, unix.MFD_CLOEXEC|unix.MFD_ALLOW_SEALING|flags)
	if err != nil {
		return -1, fmt.Errorf("memory file %s: create: %w", name, err)
	}
	if err := writeAll(fd, data); err != nil {
		unix.Close(fd)
		return -1, fmt.Errorf("memory file %s: write %d bytes: %w", name, len(data), err)
	}
	if _, err := unix.FcntlInt(uintptr(fd), unix.F_ADD_SEALS, seals); err != nil {
		unix.Close(fd)
		return -1, fmt.Errorf("memory file %s: seal: %w", name, err)
	}
	return fd, nil
}

func writeAll(fd int, data []byte) error {
	for len(data) > 0 {
		n, err := unix.Write(fd, data)
		if err != nil {
			if errors.Is(err, unix.EINTR) {
				continue
			}
			return err
		}
		data = data[n:]
	}
	return nil
}

// executable returns an fd of the init program that can be executed and not be
// changed. A kernel before 6.3 does not know MFD_EXEC; where memory files may
// not be executed at all (vm.memfd_noexec=2), a private read-only tmpfs holds
// the program instead.
func executable() (int, error) {
	code, err := program()
	if err != nil {
		return -1, err
	}
	fd, err := sealed("creel-init", code, unix.MFD_EXEC)
	if errors.Is(err, unix.EINVAL) {
		fd, err = sealed("creel-init", code, 0)
	}
	if errors.Is(err, unix.EACCES) {
		return onTmpfs(code)
	}
	return fd, err
}

// onTmpfs writes the program into a new tmpfs that is mounted nowhere, makes
// that read-only, and opens the program.
func onTmpfs(code []byte) (int, error) {
	fs, err := unix.Fsopen("tmpfs", unix.FSOPEN_CLOEXEC)
	if err != nil {
		return -1, fmt.Errorf("init program: memory files may not be executed (vm.memfd_noexec); private tmpfs: %w", err)
	}
	defer unix.Close(fs)
	if err := unix.FsconfigCreate(fs); err != nil {
		return -1, fmt.Errorf("init program: private tmpfs: create: %w", err)
	}
	mnt, err := unix.Fsmount(fs, unix.FSMOUNT_CLOEXEC, unix.MOUNT_ATTR_NODEV|unix.MOUNT_ATTR_NOSUID)
	if err != nil {
		return -1, fmt.Errorf("init program: private tmpfs: mount: %w", err)
	}
	defer unix.Close(mnt)
	w, err := unix.Openat(mnt, "init", unix.O_WRONLY|unix.O_CREAT|unix.O_EXCL|unix.O_CLOEXEC, 0o500)
	if err != nil {
		return -1, fmt.Errorf("init program: private tmpfs: create file: %w", err)
	}
	err = writeAll(w, code)
	unix.Close(w)
	if err != nil {
		return -1, fmt.Errorf("init program: private tmpfs: write: %w", err)
	}
	attr := unix.MountAttr{Attr_set: unix.MOUNT_ATTR_RDONLY}
	if err := unix.MountSetattr(mnt, "", unix.AT_EMPTY_PATH, &attr); err != nil {
		return -1, fmt.Errorf("init program: private tmpfs: make read-only: %w", err)
	}
	fd, err := unix.Openat(mnt, "init", unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return -1, fmt.Errorf("init program: private tmpfs: open: %w", err)
	}
	return fd, nil
}
