// Package sdnotify stands between a container's process and the service manager that
// started the runtime (sd_notify(3)): the process cannot reach the manager's socket,
// and the manager believes only processes that it knows.
package sdnotify

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"

	"golang.org/x/sys/unix"
)

// Name is the socket in the directory that the container sees.
const Name = "notify.sock"

// Socket is where the container's process says that it is ready.
type Socket struct {
	fd   int
	host string // address of the manager's socket
}

// Listen makes the socket in the directory dirfd. Its process may be any user.
// host is NOTIFY_SOCKET as the manager set it: a path, or with '@' an abstract name.
func Listen(dirfd int, host string) (*Socket, error) {
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("notify socket: %w", err)
	}
	if err = unix.Bind(fd, address(dirfd)); err != nil {
		err = fmt.Errorf("notify socket: bind: %w", err)
	} else if err = unix.Fchmodat(dirfd, Name, 0o777, 0); err != nil {
		err = fmt.Errorf("notify socket: chmod: %w", err)
	}
	if err != nil {
		unix.Close(fd)
		return nil, err
	}
	return &Socket{fd, host}, nil
}

// Heard says whether somebody listens at the socket in the directory dirfd.
func Heard(dirfd int) bool {
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return false
	}
	defer unix.Close(fd)
	return unix.Connect(fd, address(dirfd)) == nil
}

// address goes by the directory's fd, as a path has 108 bytes at most (unix(7)).
func address(dirfd int) *unix.SockaddrUnix {
	return &unix.SockaddrUnix{Name: "/proc/self/fd/" + strconv.Itoa(dirfd) + "/" + Name}
}

// Close closes the socket.
func (s *Socket) Close() {
	if s != nil && s.fd >= 0 {
		unix.Close(s.fd)
		s.fd = -1
	}
}

// Forward waits until the process says READY=…, or ends, which its pidfd tells. It
// tells the manager, and that main is the service's process, and waits until the
// manager has read that: it may not know the process any more that said so. What the
// process says from then on is refused; kept and unread it would block it some time.
func (s *Socket) Forward(pidfd, main int) error {
	line, err := s.ready(pidfd)
	s.Close()
	if err == nil && line != nil {
		err = s.tell(line, main)
	}
	if err != nil {
		return fmt.Errorf("NOTIFY_SOCKET=%s: %w", s.host, err)
	}
	return nil
}

// ready returns the line, or nil if the process ended without. What it said before
// its end comes first; without a pidfd it has ended.
func (s *Socket) ready(pidfd int) ([]byte, error) {
	timeout := -1
	if pidfd < 0 {
		timeout = 0
	}
	p := []unix.PollFd{{Fd: int32(s.fd), Events: unix.POLLIN}, {Fd: int32(pidfd), Events: unix.POLLIN}}
	buf := make([]byte, 4096)
	for {
		_, err := unix.Poll(p, timeout)
		if errors.Is(err, unix.EINTR) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if p[0].Revents == 0 {
			return nil, nil
		}
		n, _, err := unix.Recvfrom(s.fd, buf, unix.MSG_DONTWAIT)
		if errors.Is(err, unix.EINTR) || errors.Is(err, unix.EAGAIN) {
			continue
		}
		if err != nil {
			return nil, err
		}
		for line := range bytes.SplitSeq(buf[:n], []byte{'\n'}) {
			if bytes.HasPrefix(line, []byte("READY=")) {
				return line, nil
			}
		}
	}
}

// barrier is how long the manager may take to read what it was told, in milliseconds.
const barrier = 30_000

var errSlow = errors.New("the service manager does not answer BARRIER=1 within 30 s")

// tell sends what is to be told, and a pipe that the manager closes when it has
// read that far (sd_notify_barrier(3)).
func (s *Socket) tell(line []byte, main int) error {
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	if err := unix.Connect(fd, &unix.SockaddrUnix{Name: s.host}); err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	var p [2]int
	if err := unix.Pipe2(p[:], unix.O_CLOEXEC); err != nil {
		return err
	}
	defer unix.Close(p[0])
	rights := unix.UnixRights(p[1])
	err = send(fd, append(line[:len(line):len(line)], '\n'), nil)
	if err == nil {
		err = send(fd, []byte("MAINPID="+strconv.Itoa(main)+"\n"), nil)
	}
	if err == nil {
		err = send(fd, []byte("BARRIER=1"), rights)
	}
	unix.Close(p[1])
	if err != nil {
		return fmt.Errorf("send: %w", err)
	}
	return closed(p[0])
}

func send(fd int, text, rights []byte) error {
	for {
		err := unix.Sendmsg(fd, text, rights, nil, unix.MSG_NOSIGNAL)
		if !errors.Is(err, unix.EINTR) {
			return err
		}
	}
}

// closed waits until nobody has the other end of a pipe.
func closed(fd int) error {
	p := []unix.PollFd{{Fd: int32(fd)}}
	for {
		n, err := unix.Poll(p, barrier)
		switch {
		case errors.Is(err, unix.EINTR):
		case err != nil:
			return err
		case n == 0:
			return errSlow
		default:
			return nil
		}
	}
}
