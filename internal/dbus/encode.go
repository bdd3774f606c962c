package dbus

import "encoding/binary"

// alignment is that of a type's values, in bytes, by the first letter of its signature.
func alignment(c byte) int {
	switch c {
	case 'y', 'g', 'v':
		return 1
	case 'n', 'q':
		return 2
	case 'x', 't', 'd', '(', '{':
		return 8
	}
	return 4
}

// pad appends zeros up to a multiple of n.
func pad(b []byte, n int) []byte {
	for len(b)%n != 0 {
		b = append(b, 0)
	}
	return b
}

// appendValue appends a value where b begins a message or its body, in little-endian order.
func appendValue(b []byte, v Value) []byte {
	kind := v.Signature[0]
	b = pad(b, alignment(kind))
	switch kind {
	case 'y':
		return append(b, byte(v.Bits))
	case 'n', 'q':
		return binary.LittleEndian.AppendUint16(b, uint16(v.Bits))
	case 'b', 'i', 'u':
		return binary.LittleEndian.AppendUint32(b, uint32(v.Bits))
	case 'x', 't', 'd':
		return binary.LittleEndian.AppendUint64(b, v.Bits)
	case 's', 'o':
		b = binary.LittleEndian.AppendUint32(b, uint32(len(v.Text)))
		return append(append(b, v.Text...), 0)
	case 'g':
		return appendSignature(b, v.Text)
	case 'a':
		return appendArray(b, v)
	case 'v':
		b = appendSignature(b, v.Items[0].Signature)
	}
	for _, item := range v.Items {
		b = appendValue(b, item)
	}
	return b
}

func appendSignature(b []byte, s string) []byte {
	return append(append(append(b, byte(len(s))), s...), 0)
}

// appendArray appends the length in bytes, which leaves out the padding before the first element.
func appendArray(b []byte, v Value) []byte {
	at := len(b)
	b = pad(append(b, 0, 0, 0, 0), alignment(v.Signature[1]))
	first := len(b)
	for _, item := range v.Items {
		b = appendValue(b, item)
	}
	binary.LittleEndian.PutUint32(b[at:], uint32(len(b)-first))
	return b
}

// AppendBody appends values behind each other, as a message's body has them. b is empty or ends at a multiple of 8.
func AppendBody(b []byte, values ...Value) []byte {
	for _, v := range values {
		b = appendValue(b, v)
	}
	return b
}
