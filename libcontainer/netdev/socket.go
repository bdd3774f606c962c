package netdev

import (
	"encoding/binary"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// socket speaks rtnetlink(7) with the network namespace that it was opened in.
type socket struct {
	fd  int
	seq uint32
}

// open returns a socket of the caller's own network namespace.
func open() (*socket, error) {
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.NETLINK_ROUTE)
	if err != nil {
		return nil, fmt.Errorf("netlink socket: %w", err)
	}
	// without it an error has no words, from Linux 4.12
	_ = unix.SetsockoptInt(fd, unix.SOL_NETLINK, unix.NETLINK_EXT_ACK, 1)
	return &socket{fd: fd}, nil
}

// openIn returns a socket of the network namespace ns. A thread enters it for that,
// which ends if it cannot go back.
func openIn(ns int) (s *socket, err error) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread()
		own, e := unix.Open("/proc/thread-self/ns/net", unix.O_RDONLY|unix.O_CLOEXEC, 0)
		if e != nil {
			err = fmt.Errorf("open /proc/thread-self/ns/net: %w", e)
			return
		}
		defer unix.Close(own)
		if e := unix.Setns(ns, unix.CLONE_NEWNET); e != nil {
			err = fmt.Errorf("enter the container's network namespace: %w", e)
			return
		}
		s, err = open()
		if unix.Setns(own, unix.CLONE_NEWNET) == nil {
			runtime.UnlockOSThread()
		}
	}()
	<-done
	return s, err
}

func (s *socket) close() { unix.Close(s.fd) }

// request is one message to the kernel: a fixed header, then attributes.
type request struct {
	kind, flags uint16
	body        []byte
}

// attr appends an attribute; a text has its NUL in data.
func (r *request) attr(kind uint16, data []byte) {
	order := binary.NativeEndian
	r.body = order.AppendUint16(r.body, uint16(unix.SizeofRtAttr+len(data)))
	r.body = order.AppendUint16(r.body, kind)
	r.body = append(r.body, data...)
	for len(r.body)%unix.NLMSG_ALIGNTO != 0 {
		r.body = append(r.body, 0)
	}
}

func (r *request) u32(kind uint16, v uint32) {
	r.attr(kind, binary.NativeEndian.AppendUint32(nil, v))
}

func (r *request) text(kind uint16, v string) { r.attr(kind, append([]byte(v), 0)) }

// do sends a request and hands each message of the answer to got, which may be nil.
// It returns the kernel's error, with its words about it if it has any.
func (s *socket) do(r *request, got func(*syscall.NetlinkMessage) error) error {
	s.seq++
	order := binary.NativeEndian
	msg := order.AppendUint32(nil, uint32(unix.SizeofNlMsghdr+len(r.body)))
	msg = order.AppendUint16(msg, r.kind)
	msg = order.AppendUint16(msg, r.flags|unix.NLM_F_REQUEST)
	msg = order.AppendUint32(msg, s.seq)
	msg = order.AppendUint32(msg, 0)
	if err := unix.Sendto(s.fd, append(msg, r.body...), 0, &unix.SockaddrNetlink{Family: unix.AF_NETLINK}); err != nil {
		return err
	}
	buf := make([]byte, 32<<10) // what the kernel puts into one answer at most (rtnetlink_rcv, NLMSG_GOODSIZE)
	for {
		n, from, err := unix.Recvfrom(s.fd, buf, 0)
		if errors.Is(err, unix.EINTR) {
			continue
		}
		if err != nil {
			return err
		}
		if k, ok := from.(*unix.SockaddrNetlink); !ok || k.Pid != 0 {
			continue // not the kernel
		}
		done, err := s.answer(buf[:n], got)
		if done || err != nil {
			return err
		}
	}
}

// answer reads the messages of one datagram; done says that there will be no more.
func (s *socket) answer(data []byte, got func(*syscall.NetlinkMessage) error) (done bool, err error) {
	msgs, err := syscall.ParseNetlinkMessage(data)
	if err != nil {
		return true, err
	}
	for i := range msgs {
		m := &msgs[i]
		if m.Header.Seq != s.seq {
			continue
		}
		switch m.Header.Type {
		case unix.NLMSG_DONE:
			return true, nil
		case unix.NLMSG_ERROR:
			return true, failure(m)
		}
		if got != nil {
			if err := got(m); err != nil {
				return true, err
			}
		}
		if m.Header.Flags&unix.NLM_F_MULTI == 0 {
			done = true
		}
	}
	return done, nil
}

// failure is nil for an acknowledgement. The kernel's words follow the header of the
// request when the flags say so (struct nlmsgerr).
func failure(m *syscall.NetlinkMessage) error {
	if len(m.Data) < 4 {
		return unix.EPROTO
	}
	code := int32(binary.NativeEndian.Uint32(m.Data))
	if code == 0 {
		return nil
	}
	const head = 4 + unix.SizeofNlMsghdr
	if m.Header.Flags&unix.NLM_F_ACK_TLVS == 0 || len(m.Data) < head {
		return unix.Errno(-code)
	}
	rest := m.Data[head:]
	if m.Header.Flags&unix.NLM_F_CAPPED == 0 { // the whole request is repeated
		n := int(binary.NativeEndian.Uint32(m.Data[4:])) - unix.SizeofNlMsghdr
		rest = rest[min(max(n, 0), len(rest)):]
	}
	for _, a := range attributes(rest) {
		if a.kind == unix.NLMSGERR_ATTR_MSG {
			if words := strings.TrimRight(string(a.data), "\x00."); words != "" {
				return fmt.Errorf("%s: %w", words, unix.Errno(-code))
			}
		}
	}
	return unix.Errno(-code)
}

type attribute struct {
	kind uint16
	data []byte
}

// attributes takes a list of attributes apart; what is torn ends it.
func attributes(b []byte) (all []attribute) {
	for len(b) >= unix.SizeofRtAttr {
		n := int(binary.NativeEndian.Uint16(b))
		if n < unix.SizeofRtAttr || n > len(b) {
			return all
		}
		kind := binary.NativeEndian.Uint16(b[2:]) &^ (unix.NLA_F_NESTED | unix.NLA_F_NET_BYTEORDER)
		all = append(all, attribute{kind, b[unix.SizeofRtAttr:n]})
		b = b[min((n+3)&^3, len(b)):]
	}
	return all
}
