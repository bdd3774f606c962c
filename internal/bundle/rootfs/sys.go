package rootfs

import (
	"strconv"

	"golang.org/x/sys/unix"
)

// inRoot resolves names as a process does whose root directory is that of the fd (openat2(2), Linux 5.6).
const inRoot = unix.RESOLVE_IN_ROOT | unix.RESOLVE_NO_MAGICLINKS

// open2 repeats openat2(2) where the kernel saw a rename meanwhile and cannot tell whether a .. led out.
func open2(fd int, name string, flags int, resolve uint64) (int, error) {
	how := unix.OpenHow{Flags: uint64(flags) | unix.O_CLOEXEC, Resolve: resolve}
	for try := 0; ; try++ {
		got, err := unix.Openat2(fd, name, &how)
		if err != unix.EINTR && (err != unix.EAGAIN || try == 1000) {
			return got, err
		}
	}
}

// fdPath names an open file, even one that was opened with O_PATH, for the calls that want a path.
func fdPath(fd int) string { return "/proc/self/fd/" + strconv.Itoa(fd) }

// readNames lists an open directory from its beginning, without . and ...
func readNames(fd int) ([]string, error) {
	if _, err := unix.Seek(fd, 0, 0); err != nil {
		return nil, err
	}
	var names []string
	buf := make([]byte, 32<<10)
	for {
		n, err := unix.ReadDirent(fd, buf)
		if err == unix.EINTR {
			continue
		}
		if err != nil || n == 0 {
			return names, err
		}
		_, _, names = unix.ParseDirent(buf[:n], -1, names)
	}
}

// writeAll writes to a regular file.
func writeAll(fd int, data []byte) error {
	for len(data) > 0 {
		n, err := unix.Write(fd, data)
		if err == unix.EINTR {
			continue
		}
		if err != nil {
			return err
		}
		data = data[n:]
	}
	return nil
}

// setTimes sets when an open file was read and written last; it may be open with O_PATH (utimensat(2), Linux 5.8).
func setTimes(fd int, times *[2]unix.Timespec) error {
	return unix.UtimesNanoAt(fd, "", times[:], unix.AT_EMPTY_PATH)
}
