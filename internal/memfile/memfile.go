// Package memfile keeps data and programs in files that have no name (memfd_create(2)).
package memfile

import (
	"errors"
	"fmt"

	"golang.org/x/sys/unix"
)

const seals = unix.F_SEAL_SEAL | unix.F_SEAL_SHRINK | unix.F_SEAL_GROW | unix.F_SEAL_WRITE

// New returns a file with these contents, to be read or written from its beginning. The name is for who looks at the fd.
func New(name string, data []byte) (int, error) {
	fd, err := create(name, unix.MFD_NOEXEC_SEAL, unix.MFD_CLOEXEC)
	if err != nil || len(data) == 0 {
		return fd, err
	}
	if err = WriteAll(fd, data); err == nil {
		_, err = unix.Seek(fd, 0, unix.SEEK_SET)
	}
	if err != nil {
		unix.Close(fd)
		return -1, fmt.Errorf("memory file %s: write %d bytes: %w", name, len(data), err)
	}
	return fd, nil
}

// Sealed returns a file with these contents that nobody can change or execute.
func Sealed(name string, data []byte) (int, error) { return sealed(name, data, unix.MFD_NOEXEC_SEAL) }

// Program returns a file that can be executed and that nobody can change, so that no container can write to what the
// host executes (CVE-2019-5736). Where memory files may not be executed (vm.memfd_noexec=2), it lies on a tmpfs of its own.
func Program(name string, code []byte) (int, error) {
	fd, err := sealed(name, code, unix.MFD_EXEC)
	if errors.Is(err, unix.EACCES) {
		return onTmpfs(name, code)
	}
	return fd, err
}

func sealed(name string, data []byte, flag int) (int, error) {
	fd, err := create(name, flag, unix.MFD_CLOEXEC|unix.MFD_ALLOW_SEALING)
	if err != nil {
		return -1, err
	}
	if err = WriteAll(fd, data); err == nil {
		_, err = unix.FcntlInt(uintptr(fd), unix.F_ADD_SEALS, seals)
	}
	if err != nil {
		unix.Close(fd)
		return -1, fmt.Errorf("memory file %s: write and seal %d bytes: %w", name, len(data), err)
	}
	return fd, nil
}

// create makes a file with flags, and with one that a kernel before 6.3 does not know if this one does.
func create(name string, newer, flags int) (int, error) {
	fd, err := unix.MemfdCreate(name, flags|newer)
	if errors.Is(err, unix.EINVAL) {
		fd, err = unix.MemfdCreate(name, flags)
	}
	if err != nil {
		return -1, fmt.Errorf("memory file %s: create: %w", name, err)
	}
	return fd, nil
}

// WriteAll writes data to a file, however often the kernel takes only a part.
func WriteAll(fd int, data []byte) error {
	for len(data) > 0 {
		n, err := unix.Write(fd, data)
		if errors.Is(err, unix.EINTR) {
			continue
		}
		if err != nil {
			return err
		}
		data = data[n:]
	}
	return nil
}
