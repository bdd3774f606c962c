package cgfs

import (
	"strings"

	"golang.org/x/sys/unix"
)

// Peek reads the beginning of a short file at an absolute path, without its last newline. It is for commands that look at one
// file only: no directory is opened, and nothing is said beside the errno.
func Peek(path string) (string, error) {
	for {
		fd, err := unix.Open(path, unix.O_RDONLY|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
		if err == unix.EINTR {
			continue
		}
		if err != nil {
			return "", err
		}
		var buf [64]byte
		n, err := unix.Read(fd, buf[:])
		unix.Close(fd)
		if err == unix.EINTR {
			continue
		}
		if err != nil {
			return "", err
		}
		return strings.TrimSuffix(string(buf[:n]), "\n"), nil
	}
}
