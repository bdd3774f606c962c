package dbus

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// sendTimeout is how long the other end may leave what we write unread.
var sendTimeout = unix.Timeval{Sec: 30}

// Dial connects to the first of the server addresses in a list that answers ("unix:path=/run/dbus/system_bus_socket"; the
// transports are those of Unix sockets), and says who we are.
func Dial(list string, deadline time.Time) (*Conn, error) {
	var failures []error
	for text := range strings.SplitSeq(list, ";") {
		name, err := socketName(text)
		if err == nil {
			var c *Conn
			if c, err = dial(name, deadline); err == nil {
				return c, nil
			}
		}
		failures = append(failures, fmt.Errorf("%s: %w", text, err))
	}
	return nil, errors.Join(failures...)
}

func dial(name string, deadline time.Time) (*Conn, error) {
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("socket: %w", err)
	}
	c := &Conn{fd: fd}
	err = unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_SNDTIMEO, &sendTimeout)
	if err == nil {
		err = connect(fd, &unix.SockaddrUnix{Name: name})
	}
	if err != nil {
		err = fmt.Errorf("connect: %w", err)
	} else if err = c.authenticate(deadline); err != nil {
		err = fmt.Errorf("authenticate: %w", err)
	}
	if err != nil {
		c.Close()
		return nil, err
	}
	return c, nil
}

func connect(fd int, to unix.Sockaddr) error {
	for {
		if err := unix.Connect(fd, to); !errors.Is(err, unix.EINTR) {
			return err
		}
	}
}

// authenticate says all that there is to say at once. Who we are the other end sees for itself (EXTERNAL with no identity): inside
// a user namespace we would name the wrong id.
func (c *Conn) authenticate(deadline time.Time) error {
	if err := c.write([]byte("\x00AUTH EXTERNAL\r\nDATA\r\nBEGIN\r\n")); err != nil {
		return err
	}
	// The answers are to AUTH and to DATA. systemd before 242 says OK to both.
	for answers := 0; answers < 2; {
		line, rest, ok := bytes.Cut(c.read, []byte("\r\n"))
		if !ok {
			if len(c.read) > 4096 {
				return fmt.Errorf("the answer has no end: %w", unix.EPROTO)
			}
			if err := c.fill(len(c.read)+1, deadline); err != nil {
				return err
			}
			continue
		}
		c.read = rest
		word, _, _ := strings.Cut(string(line), " ")
		if answers++; word != "OK" && (word != "DATA" || answers == 2) {
			return fmt.Errorf("the other end answers %q: %w", line, unix.EACCES)
		}
	}
	return nil
}

// socketName reads one server address; the name of an abstract socket begins with "@", as package unix has it.
func socketName(text string) (string, error) {
	transport, options, _ := strings.Cut(text, ":")
	if transport != "unix" {
		return "", fmt.Errorf("transport %q: only Unix sockets are used here", transport)
	}
	for option := range strings.SplitSeq(options, ",") {
		key, value, _ := strings.Cut(option, "=")
		value, err := unescape(value)
		switch {
		case err != nil:
			return "", err
		case key == "path":
			return value, nil
		case key == "abstract":
			return "@" + value, nil
		}
	}
	return "", errors.New("the address names neither a path nor an abstract socket")
}

// SocketAddress is the server address of a socket in the file system. What an address cannot hold as it is, is escaped.
func SocketAddress(path string) string {
	var b strings.Builder
	for i := range len(path) {
		if c := path[i]; c == '/' || c == '-' || c == '_' || c == '.' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02x", c)
		}
	}
	return "unix:path=" + b.String()
}

// unescape reads %XX.
func unescape(s string) (string, error) {
	var b strings.Builder
	for {
		before, after, found := strings.Cut(s, "%")
		b.WriteString(before)
		if !found {
			return b.String(), nil
		}
		if len(after) < 2 {
			return "", fmt.Errorf("the address ends within %%%s", after)
		}
		c, err := strconv.ParseUint(after[:2], 16, 8)
		if err != nil {
			return "", fmt.Errorf("the address has %%%s, which are no hexadecimal digits", after[:2])
		}
		b.WriteByte(byte(c))
		s = after[2:]
	}
}
