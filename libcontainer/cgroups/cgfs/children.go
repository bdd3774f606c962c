package cgfs

import (
	"errors"
	"fmt"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Children returns the names of the sub-cgroups.
func (d *Dir) Children() ([]string, error) {
	fd, err := d.openFile(".", unix.O_RDONLY|unix.O_DIRECTORY)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", d.path, err)
	}
	defer unix.Close(fd)
	var names []string
	buf := make([]byte, 8192)
	for {
		n, err := unix.Getdents(fd, buf)
		if err == unix.EINTR {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("list %s: %w", d.path, err)
		}
		if n == 0 {
			return names, nil
		}
		names = appendDirs(names, buf[:n])
	}
}

// appendDirs adds the names of the directories among raw getdents64 entries.
func appendDirs(names []string, buf []byte) []string {
	const nameOffset = int(unsafe.Offsetof(unix.Dirent{}.Name))
	for len(buf) > nameOffset {
		entry := (*unix.Dirent)(unsafe.Pointer(&buf[0]))
		name := unix.ByteSliceToString(buf[nameOffset:entry.Reclen])
		if entry.Type == unix.DT_DIR && name != "." && name != ".." {
			names = append(names, name)
		}
		buf = buf[entry.Reclen:]
	}
	return names
}

// Gone tells the errors of a cgroup that was removed while it was looked at.
func Gone(err error) bool {
	return errors.Is(err, unix.ENOENT) || errors.Is(err, unix.ENODEV)
}
