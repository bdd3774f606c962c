package dbus

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// Decoder reads basic values behind each other out of a message's body. After the first that is not there it stays at its
// end, and Err says so.
type Decoder struct {
	data  []byte
	at    int
	order binary.ByteOrder
	err   error
}

var errShort = errors.New("the message is shorter than its types")

// Err is what went wrong.
func (d *Decoder) Err() error { return d.err }

// take returns the next n bytes, at a multiple of align.
func (d *Decoder) take(n, align int) []byte {
	at := (d.at + align - 1) / align * align
	if d.err != nil || n < 0 || at > len(d.data) || n > len(d.data)-at {
		d.err = errShort
		return nil
	}
	d.at = at + n
	return d.data[at:d.at]
}

// Uint32 reads a u, i or b.
func (d *Decoder) Uint32() uint32 {
	if b := d.take(4, 4); b != nil {
		return d.order.Uint32(b)
	}
	return 0
}

func (d *Decoder) byte() byte {
	if b := d.take(1, 1); b != nil {
		return b[0]
	}
	return 0
}

// String reads an s or o.
func (d *Decoder) String() string { return d.text(int(d.Uint32())) }

// Signature reads a g.
func (d *Decoder) Signature() string { return d.text(int(d.byte())) }

func (d *Decoder) text(n int) string {
	if n < 0 { // on a machine of 32 bits
		d.err = errShort
		return ""
	}
	b := d.take(n+1, 1)
	if b == nil || b[n] != 0 {
		d.err = errShort
		return ""
	}
	return string(b[:n])
}

// skip reads a value of the header's, whose types are basic.
func (d *Decoder) skip(signature string) {
	switch signature {
	case "s", "o":
		_ = d.String()
	case "g":
		_ = d.Signature()
	case "u":
		_ = d.Uint32()
	default:
		if d.err == nil {
			d.err = fmt.Errorf("a field of the header has the type %q", signature)
		}
	}
}
