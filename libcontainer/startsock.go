package libcontainer

import (
	"fmt"
	"strconv"

	"golang.org/x/sys/unix"
)

// startName is the socket in the container's directory on which its init waits
// for start. A socket rather than a fifo: of two callers exactly one wins, and
// a dead init refuses at once.
const startName = "start.sock"

// socketPath reaches name in the directory dirfd: a socket's own address takes
// 108 bytes at most (unix(7)), whatever the length of --root.
func socketPath(dirfd int) string {
	return "/proc/self/fd/" + strconv.Itoa(dirfd) + "/" + startName
}

func listenStart(dirfd int) (int, error) {
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_SEQPACKET|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return -1, fmt.Errorf("start socket: %w", err)
	}
	// bind(2) makes the file with the socket's own mode, less the umask: who may
	// connect may start
	if err := unix.Fchmod(fd, 0o600); err != nil {
		unix.Close(fd)
		return -1, fmt.Errorf("start socket: chmod: %w", err)
	}
	if err := unix.Bind(fd, &unix.SockaddrUnix{Name: socketPath(dirfd)}); err != nil {
		unix.Close(fd)
		return -1, fmt.Errorf("start socket: bind: %w", err)
	}
	if err := unix.Listen(fd, 16); err != nil {
		unix.Close(fd)
		return -1, fmt.Errorf("start socket: listen: %w", err)
	}
	return fd, nil
}

func connectStart(dirfd int) (int, error) {
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_SEQPACKET|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return -1, err
	}
	for {
		err = unix.Connect(fd, &unix.SockaddrUnix{Name: socketPath(dirfd)})
		if err != unix.EINTR {
			break
		}
	}
	if err != nil {
		unix.Close(fd)
		return -1, err
	}
	return fd, nil
}
