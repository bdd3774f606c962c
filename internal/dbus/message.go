// Package dbus is a client of D-Bus (the D-Bus Specification, version 0.43) as far as one talks to systemd: method calls, their
// replies, and signals, over a Unix socket. It does its work when it is called and starts nothing, which no library does
// that there is: a command of creel cannot afford the start of one.
package dbus

import (
	"encoding/binary"
	"fmt"

	"golang.org/x/sys/unix"
)

// Types of messages.
const (
	methodCall = 1 + iota
	methodReturn
	errorReply
	signal
)

// Fields of a message's header.
const (
	fieldPath = 1 + iota
	fieldInterface
	fieldMember
	fieldErrorName
	fieldReplySerial
	fieldDestination
	fieldSender
	fieldSignature
)

// maxMessage is the largest message that is read, in bytes. systemd's are small.
const maxMessage = 1 << 20

// headLength is that of a header up to the length of its fields.
const headLength = 16

// Message is one that was received.
type Message struct {
	kind        byte
	replySerial uint32
	// Interface and Member name a signal.
	Interface, Member string
	// Sender is who sent it, on a bus.
	Sender string
	// Signature is the types of the body.
	Signature string
	errorName string
	body      []byte
	order     binary.ByteOrder
}

// Body reads the values of the message.
func (m *Message) Body() *Decoder { return &Decoder{data: m.body, order: m.order} }

// Error is an answer that a method failed.
type Error struct {
	Name string // "org.freedesktop.DBus.Error.AccessDenied"
	Text string
}

func (e *Error) Error() string { return e.Text }

// err is the error that a reply is.
func (m *Message) err() error {
	if m.kind != errorReply {
		return nil
	}
	e := &Error{Name: m.errorName, Text: m.errorName}
	if len(m.Signature) > 0 && m.Signature[0] == 's' {
		e.Text = m.Body().String()
	}
	return e
}

// Method names a method of an object.
type Method struct {
	Destination, Path, Interface, Member string
}

// encodeCall writes a method call.
func encodeCall(serial uint32, m Method, args []Value) []byte {
	body := AppendBody(nil, args...)
	fields := []Value{
		field(fieldPath, Value{Signature: "o", Text: m.Path}), field(fieldInterface, String(m.Interface)),
		field(fieldMember, String(m.Member)), field(fieldDestination, String(m.Destination)),
	}
	if len(args) > 0 {
		fields = append(fields, field(fieldSignature, Value{Signature: "g", Text: Signature(args)}))
	}
	out := []byte{'l', methodCall, 0, 1}
	out = binary.LittleEndian.AppendUint32(out, uint32(len(body)))
	out = binary.LittleEndian.AppendUint32(out, serial)
	out = appendValue(out, Array("(yv)", fields...))
	return append(pad(out, 8), body...)
}

func field(code byte, v Value) Value {
	return Struct(Value{Signature: "y", Bits: uint64(code)}, Variant(v))
}

// lengths reads from the first 16 bytes how long the fields, with their padding, and the body are.
func lengths(head []byte) (order binary.ByteOrder, fields, body int, err error) {
	switch head[0] {
	case 'l':
		order = binary.LittleEndian
	case 'B':
		order = binary.BigEndian
	default:
		return nil, 0, 0, fmt.Errorf("a message begins with %#x: %w", head[0], unix.EPROTO)
	}
	b, f := order.Uint32(head[4:]), order.Uint32(head[12:])
	if b > maxMessage || f > maxMessage {
		return nil, 0, 0, fmt.Errorf("a message of %d bytes: %w", uint64(b)+uint64(f), unix.EMSGSIZE)
	}
	return order, (int(f) + 7) / 8 * 8, int(b), nil
}

// decode reads a message whose body begins at offset.
func decode(data []byte, order binary.ByteOrder, offset int) (*Message, error) {
	m := &Message{kind: data[1], order: order, body: data[offset:]}
	end := headLength + int(order.Uint32(data[12:]))
	d := &Decoder{data: data[:end], at: headLength, order: order}
	for d.at < end && d.err == nil {
		d.take(0, 8)
		code, signature := d.byte(), d.Signature()
		switch {
		case code == fieldReplySerial && signature == "u":
			m.replySerial = d.Uint32()
		case code == fieldInterface && signature == "s":
			m.Interface = d.String()
		case code == fieldMember && signature == "s":
			m.Member = d.String()
		case code == fieldSender && signature == "s":
			m.Sender = d.String()
		case code == fieldErrorName && signature == "s":
			m.errorName = d.String()
		case code == fieldSignature && signature == "g":
			m.Signature = d.Signature()
		default:
			d.skip(signature)
		}
	}
	if d.err != nil {
		return nil, fmt.Errorf("the header of a message: %w", d.err)
	}
	return m, nil
}
