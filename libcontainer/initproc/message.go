package initproc

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/creel-project/creel/internal/memfile"
	"golang.org/x/sys/unix"
)

// Kind is the kind of a message (csrc/init.h, enum msg_kind).
type Kind uint32

// The kinds of messages between init and this side.
const (
	kindPlan  Kind = 1
	kindGo    Kind = 2
	KindChild Kind = 3 // stage 2 exists: Value is its pid, FD its pidfd
	KindSync  Kind = 4 // init waits at op Op, FD may be part of it
	KindError Kind = 5 // op Op failed with errno Value
	KindExec  Kind = 6 // the process is about to be executed
)

// Message is one message of init.
type Message struct {
	Kind   Kind
	Op     uint32
	Value  int32
	Detail uint32
	Label  string // KindError: the op's label
	Note   string // KindError: what the kernel said besides the errno
	FD     int    // owned by the receiver, -1 for none
}

const (
	headSize = 16
	dataMax  = 8192
	noOp     = ^uint32(0) // Message.Op of an error that belongs to no op
)

// ErrClosed says that the other side ended without a word.
var ErrClosed = errors.New("init ended unexpectedly")

// Channel is a socket to an init: the pair of its start, or a connection to its
// start socket.
type Channel struct{ fd int }

// Channel returns the socket that init was started with.
func (p *Process) Channel() Channel { return Channel{p.sock} }

// NewChannel wraps a connected SOCK_SEQPACKET socket. The caller closes fd.
func NewChannel(fd int) Channel { return Channel{fd} }

// FD returns the socket, for poll(2).
func (c Channel) FD() int { return c.fd }

// SendPlan seals plan in a memory file and sends it, with the fds of its first
// slots. The fds stay the caller's.
func (c Channel) SendPlan(plan []byte, fds ...int) error {
	fd, err := memfile.Sealed("creel-plan", plan)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	if err := c.send(kindPlan, nil, append([]int{fd}, fds...)); err != nil {
		return fmt.Errorf("init: send the plan: %w", err)
	}
	return nil
}

// Go lets a waiting init go on, with the late value and fds that it asked for.
func (c Channel) Go(data []byte, fds ...int) error {
	if err := c.send(kindGo, data, fds); err != nil {
		return fmt.Errorf("init: let it go on: %w", err)
	}
	return nil
}

func (c Channel) send(k Kind, data []byte, fds []int) error {
	buf := make([]byte, headSize, headSize+len(data))
	binary.NativeEndian.PutUint32(buf, uint32(k))
	buf = append(buf, data...)
	var oob []byte
	if len(fds) > 0 {
		oob = unix.UnixRights(fds...)
	}
	for {
		err := unix.Sendmsg(c.fd, buf, oob, nil, unix.MSG_NOSIGNAL)
		if err != unix.EINTR {
			return err
		}
	}
}

// Recv waits for the next message. It returns io.EOF when init closed its end:
// by executing the process, or by dying.
func (c Channel) Recv() (Message, error) {
	var buf [headSize + dataMax]byte
	var oob [64]byte
	var n, oobn int
	var err error
	for {
		n, oobn, _, _, err = unix.Recvmsg(c.fd, buf[:], oob[:], unix.MSG_CMSG_CLOEXEC)
		if err != unix.EINTR {
			break
		}
	}
	if err != nil {
		if errors.Is(err, unix.ECONNRESET) {
			return Message{FD: -1}, io.EOF
		}
		return Message{FD: -1}, fmt.Errorf("init: receive: %w", err)
	}
	if n == 0 {
		return Message{FD: -1}, io.EOF
	}
	m := Message{FD: takeFD(oob[:oobn])}
	if n < headSize {
		return m, fmt.Errorf("init: a message of %d bytes: %w", n, unix.EPROTO)
	}
	m.Kind = Kind(binary.NativeEndian.Uint32(buf[0:]))
	m.Op = binary.NativeEndian.Uint32(buf[4:])
	m.Value = int32(binary.NativeEndian.Uint32(buf[8:]))
	m.Detail = binary.NativeEndian.Uint32(buf[12:])
	if m.Kind == KindError {
		m.Label, m.Note = splitReport(buf[headSize:n])
	}
	return m, nil
}

func takeFD(oob []byte) int {
	if len(oob) == 0 {
		return -1
	}
	msgs, err := unix.ParseSocketControlMessage(oob)
	if err != nil || len(msgs) == 0 {
		return -1
	}
	fds, err := unix.ParseUnixRights(&msgs[0])
	if err != nil || len(fds) == 0 {
		return -1
	}
	for _, fd := range fds[1:] {
		unix.Close(fd)
	}
	return fds[0]
}

// splitReport takes the two terminated strings of an error apart.
func splitReport(data []byte) (label, note string) {
	for i, b := range data {
		if b == 0 {
			label = string(data[:i])
			rest := data[i+1:]
			if n := len(rest); n > 0 {
				note = string(rest[:n-1])
			}
			return label, note
		}
	}
	return string(data), ""
}
