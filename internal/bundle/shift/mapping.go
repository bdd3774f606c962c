// Package shift changes whose ids the files of a root filesystem have, in place: exactly, once for each file, and so
// that it can be killed at any instant and be run again.
package shift

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// A Mapping moves the ids From … From+Length-1 to To … To+Length-1, of users and groups alike. Other ids stay.
type Mapping struct {
	From, To, Length uint32
}

// Parse reads FROM:TO:LEN, three decimal numbers.
func Parse(text string) (Mapping, error) {
	parts := strings.Split(text, ":")
	if len(parts) != 3 {
		return Mapping{}, fmt.Errorf("%q: want FROM:TO:LEN, the first id, what becomes of it, and how many follow", text)
	}
	var n [3]uint64
	for i, name := range []string{"FROM", "TO", "LEN"} {
		var err error
		if n[i], err = strconv.ParseUint(parts[i], 10, 32); err != nil {
			return Mapping{}, fmt.Errorf("%q: %s: %w", text, name, err)
		}
	}
	if first := max(n[0], n[1]); n[2] == 0 || first+n[2] > math.MaxUint32 {
		return Mapping{}, fmt.Errorf("%q: LEN is to be 1 to %d", text, math.MaxUint32-first)
	}
	if n[0] == n[1] {
		return Mapping{}, fmt.Errorf("%q: FROM and TO are the same", text)
	}
	return Mapping{uint32(n[0]), uint32(n[1]), uint32(n[2])}, nil
}

func (m Mapping) String() string { return fmt.Sprintf("%d:%d:%d", m.From, m.To, m.Length) }

// Reverse undoes the mapping.
func (m Mapping) Reverse() Mapping { return Mapping{m.To, m.From, m.Length} }

// ID is what becomes of an id.
func (m Mapping) ID(id uint32) uint32 {
	if id-m.From < m.Length { // also true of no id below From: the difference wraps
		return id - m.From + m.To
	}
	return id
}

// Shifted says whether an id is one that the mapping makes.
func (m Mapping) Shifted(id uint32) bool { return id-m.To < m.Length }

// overlaps says that an id does not tell whether it was mapped.
func (m Mapping) overlaps() bool { return m.From-m.To < m.Length || m.To-m.From < m.Length }
