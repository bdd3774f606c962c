package dbus

import (
	"errors"
	"fmt"
	"time"

	"golang.org/x/sys/unix"
)

// Conn is a connection to a bus, or to a service that listens by itself. It is not safe for concurrent use.
type Conn struct {
	fd      int
	serial  uint32
	read    []byte // received, not yet looked at
	signals []*Message
}

// Close ends the connection.
func (c *Conn) Close() {
	if c != nil && c.fd >= 0 {
		unix.Close(c.fd)
		c.fd = -1
	}
}

// Call calls a method and waits for its reply until the deadline. If the other end refuses, the error is an *Error.
func (c *Conn) Call(deadline time.Time, m Method, args ...Value) (*Message, error) {
	c.serial++
	if err := c.write(encodeCall(c.serial, m, args)); err != nil {
		return nil, err
	}
	for {
		reply, err := c.receive(deadline)
		if err != nil {
			return nil, err
		}
		switch {
		case reply.kind == signal:
			c.signals = append(c.signals, reply)
		case reply.replySerial == c.serial && (reply.kind == methodReturn || reply.kind == errorReply):
			return reply, reply.err()
		}
	}
}

// Signal waits until the deadline for a signal, of those that have come already first.
func (c *Conn) Signal(deadline time.Time) (*Message, error) {
	for len(c.signals) == 0 {
		m, err := c.receive(deadline)
		if err != nil {
			return nil, err
		}
		if m.kind == signal {
			return m, nil
		}
	}
	m := c.signals[0]
	c.signals = c.signals[1:]
	return m, nil
}

// receive reads the next message.
func (c *Conn) receive(deadline time.Time) (*Message, error) {
	if err := c.fill(headLength, deadline); err != nil {
		return nil, err
	}
	order, fields, body, err := lengths(c.read)
	if err != nil {
		return nil, err
	}
	offset := headLength + fields
	if err := c.fill(offset+body, deadline); err != nil {
		return nil, err
	}
	data := c.read[:offset+body]
	c.read = c.read[offset+body:]
	return decode(data, order, offset)
}

// fill reads until at least n bytes are there.
func (c *Conn) fill(n int, deadline time.Time) error {
	var buf [4096]byte
	for len(c.read) < n {
		if err := c.wait(deadline); err != nil {
			return err
		}
		got, err := unix.Read(c.fd, buf[:])
		switch {
		case errors.Is(err, unix.EINTR):
		case err != nil:
			return fmt.Errorf("read: %w", err)
		case got == 0:
			return fmt.Errorf("the other end hung up: %w", unix.ECONNRESET)
		}
		c.read = append(c.read, buf[:max(got, 0)]...)
	}
	return nil
}

// wait returns when there is something to read.
func (c *Conn) wait(deadline time.Time) error {
	for {
		p := []unix.PollFd{{Fd: int32(c.fd), Events: unix.POLLIN}}
		n, err := unix.Poll(p, int(max(time.Until(deadline), 0)/time.Millisecond))
		switch {
		case errors.Is(err, unix.EINTR):
		case err != nil:
			return fmt.Errorf("poll: %w", err)
		case n == 0:
			return unix.ETIMEDOUT
		default:
			return nil
		}
	}
}

func (c *Conn) write(data []byte) error {
	for len(data) > 0 {
		n, err := unix.SendmsgN(c.fd, data, nil, nil, unix.MSG_NOSIGNAL)
		if errors.Is(err, unix.EINTR) {
			continue
		}
		if err != nil {
			return fmt.Errorf("write: %w", err)
		}
		data = data[n:]
	}
	return nil
}
