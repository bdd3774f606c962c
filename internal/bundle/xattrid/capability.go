package xattrid

import (
	"encoding/binary"
	"fmt"
)

// Revisions of file capabilities (linux/capability.h): a word with revision and flags, two pairs of words, and from
// revision 3 (Linux 4.14) the user who is root of the user namespace in which they count.
const (
	revisionMask = 0xff000000
	revision2    = 0x02000000
	revision3    = 0x03000000
	size2        = 20
	size3        = 24
)

// Capabilities maps the root id of file capabilities: 0 where the value has none. One that becomes 0 is written without
// an id, as revision 2. The value that it returns is a new one.
func Capabilities(value []byte, root Map) ([]byte, error) {
	if len(value) < size2 {
		return nil, fmt.Errorf("file capabilities of %d bytes: want %d or %d", len(value), size2, size3)
	}
	word := binary.LittleEndian.Uint32(value)
	old := uint32(0)
	switch rev := word & revisionMask; {
	case rev == revision2 && len(value) == size2:
	case rev == revision3 && len(value) == size3:
		old = binary.LittleEndian.Uint32(value[size2:])
	default:
		return nil, fmt.Errorf("file capabilities of %d bytes and revision %d: want revision 2 with %d, or 3 with %d",
			len(value), rev>>24, size2, size3)
	}
	id, err := root(old)
	if err != nil {
		return nil, fmt.Errorf("root of the file capabilities: %w", err)
	}
	out := append([]byte(nil), value[:size2]...)
	flags := word &^ revisionMask
	if id == 0 {
		binary.LittleEndian.PutUint32(out, revision2|flags)
		return out, nil
	}
	binary.LittleEndian.PutUint32(out, revision3|flags)
	return binary.LittleEndian.AppendUint32(out, id), nil
}
