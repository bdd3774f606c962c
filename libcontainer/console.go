package libcontainer

import (
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// Streams is who has the other end of a process's streams.
type Streams struct {
	Stdin, Stdout, Stderr *os.File // nil: the caller's own
	PreserveFDs           int      // fds 3 … 3+n-1 of the caller go to the process with the same numbers

	ConsoleSocket string         // path of the AF_UNIX socket that receives the pty master
	Console       func(*os.File) // receives the pty master instead, when the caller is the terminal's user (run in the foreground)
	ConsoleSize   *unix.Winsize  // overrides process.consoleSize when set
}

// console gives the pty master to whoever wants it. Ownership of fd passes to it.
func (o *Streams) console(fd int) error {
	if fd < 0 {
		return fmt.Errorf("process.terminal: no pty master came: %w", unix.EPROTO)
	}
	if o.Console != nil {
		o.Console(os.NewFile(uintptr(fd), "/dev/ptmx"))
		return nil
	}
	defer unix.Close(fd)
	if o.ConsoleSocket == "" {
		return errors.New("process.terminal: there is neither a console socket nor a terminal to give the pty to")
	}
	if err := sendFD(o.ConsoleSocket, "/dev/ptmx", fd); err != nil {
		return fmt.Errorf("process.terminal: console socket %s: %w", o.ConsoleSocket, err)
	}
	return nil
}

func sendPidfd(path string, pidfd int) error {
	if err := sendFD(path, "pidfd", pidfd); err != nil {
		return fmt.Errorf("pidfd socket %s: %w", path, err)
	}
	return nil
}

// sendFD connects to the stream socket at path and sends one message, name,
// with fd attached.
func sendFD(path, name string, fd int) error {
	s, err := connectStream(path)
	if err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	defer unix.Close(s)
	if err := sendAll(s, []byte(name), fd); err != nil {
		return fmt.Errorf("send: %w", err)
	}
	return nil
}

// connectStream connects to the stream socket at path.
func connectStream(path string) (int, error) {
	s, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return -1, err
	}
	for {
		err = unix.Connect(s, &unix.SockaddrUnix{Name: path})
		if !errors.Is(err, unix.EINTR) {
			break
		}
	}
	if err != nil {
		unix.Close(s)
		return -1, err
	}
	return s, nil
}

// sendAll sends text, with fd attached to its first byte.
func sendAll(s int, text []byte, fd int) error {
	rights := unix.UnixRights(fd)
	for len(text) > 0 {
		n, err := unix.SendmsgN(s, text, rights, nil, unix.MSG_NOSIGNAL)
		if errors.Is(err, unix.EINTR) {
			continue
		}
		if err != nil {
			return err
		}
		text, rights = text[n:], nil
	}
	return nil
}
