package wire

import (
	"encoding/binary"
	"errors"
)

// ErrMalformed says that bytes are not a profile in this form.
var ErrMalformed = errors.New("malformed profile")

// maxArg is the number of the last argument that a system call can have.
const maxArg = 5

// Rule gives the system calls in Names an action where all of Args hold.
type Rule struct {
	Action uint32 // SECCOMP_RET_* with its data
	Args   []Arg
	Names  []string
}

// Arg is one condition on an argument of a system call.
type Arg struct {
	Index           uint8 // 0 to 5
	Op              Op
	Value, ValueTwo uint64 // ValueTwo is 0 unless Op is MaskedEQ
}

// Profile is what the bytes say.
type Profile struct {
	Default uint32 // SECCOMP_RET_* with its data
	Archs   []Arch // ascending
	Rules   []Rule
}

// Read decodes a profile. What it accepts, and nothing else, is what the
// Append functions write.
func Read(b []byte) (*Profile, error) {
	r := reader{rest: b}
	if string(r.take(len(Magic))) != Magic {
		return nil, ErrMalformed
	}
	p := &Profile{Default: r.u32()}
	last := -1
	for range r.u8() {
		a := Arch(r.u8())
		if a >= archEnd || int(a) <= last {
			return nil, ErrMalformed
		}
		last = int(a)
		p.Archs = append(p.Archs, a)
	}
	for n := r.u32(); n > 0 && !r.bad; n-- {
		p.Rules = append(p.Rules, r.rule())
	}
	if r.bad || len(r.rest) > 0 {
		return nil, ErrMalformed
	}
	return p, nil
}

// reader takes values off the front; once the bytes ran out, or made no sense,
// bad is set and everything reads as zero.
type reader struct {
	rest []byte
	bad  bool
}

func (r *reader) take(n int) []byte {
	if r.bad || n > len(r.rest) {
		r.bad = true
		return nil
	}
	b := r.rest[:n]
	r.rest = r.rest[n:]
	return b
}

func (r *reader) u8() uint8 {
	if b := r.take(1); b != nil {
		return b[0]
	}
	return 0
}

func (r *reader) u32() uint32 {
	if b := r.take(4); b != nil {
		return binary.LittleEndian.Uint32(b)
	}
	return 0
}

func (r *reader) u64() uint64 {
	if b := r.take(8); b != nil {
		return binary.LittleEndian.Uint64(b)
	}
	return 0
}

func (r *reader) rule() Rule {
	rule := Rule{Action: r.u32()}
	for n := r.u8(); n > 0 && !r.bad; n-- {
		a := Arg{r.u8(), Op(r.u8()), r.u64(), r.u64()}
		if a.Index > maxArg || a.Op >= opEnd || (a.ValueTwo != 0 && a.Op != MaskedEQ) {
			r.bad = true
		}
		rule.Args = append(rule.Args, a)
	}
	for n := r.u32(); n > 0 && !r.bad; n-- {
		name := string(r.take(int(r.u8())))
		if name == "" {
			r.bad = true
		}
		rule.Names = append(rule.Names, name)
	}
	return rule
}
