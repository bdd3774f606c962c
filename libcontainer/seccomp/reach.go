package seccomp

import "golang.org/x/sys/unix"

// Offsets in struct seccomp_data, what a filter reads.
const (
	offNr   = 0
	offArch = 4
)

// value is what is known about the accumulator: with arguments unknown, often nothing.
type value struct {
	seen, known bool
	v           uint32
}

// outcomes returns every action that a program can take on a system call of
// the native architecture, whatever its arguments are. Jumps only go forward,
// so that one pass in order suffices; where paths meet with different
// accumulators, their value counts as unknown. The answer can therefore name an
// action too many, never one too few. The program must have passed verify.
func outcomes(prog []byte, nr uint32) []uint32 {
	n := len(prog) / insnSize
	states := make([]value, n)
	states[0].seen = true
	var found []uint32
	for pc := range n {
		s := states[pc]
		if !s.seen {
			continue
		}
		i := decode(prog[pc*insnSize:])
		switch i.code & 0x07 {
		case unix.BPF_RET:
			found = append(found, i.k)
		case unix.BPF_JMP:
			yes, no := branches(i, s)
			if yes {
				step := uint32(i.jt)
				if i.code&0xf0 == unix.BPF_JA {
					step = i.k
				}
				meet(&states[pc+1+int(step)], s)
			}
			if no {
				meet(&states[pc+1+int(i.jf)], s)
			}
		default:
			meet(&states[pc+1], compute(i, s, nr))
		}
	}
	return found
}

// branches says which ways a jump can go.
func branches(i insn, s value) (yes, no bool) {
	op := i.code & 0xf0
	if op == unix.BPF_JA {
		return true, false
	}
	if !s.known || i.code&unix.BPF_X != 0 {
		return true, true
	}
	switch op {
	case unix.BPF_JEQ:
		yes = s.v == i.k
	case unix.BPF_JGT:
		yes = s.v > i.k
	case unix.BPF_JGE:
		yes = s.v >= i.k
	case unix.BPF_JSET:
		yes = s.v&i.k != 0
	default:
		return true, true
	}
	return yes, !yes
}

// compute is the accumulator after an instruction that neither jumps nor returns.
func compute(i insn, s value, nr uint32) value {
	switch {
	case i.code == unix.BPF_LD|unix.BPF_W|unix.BPF_ABS && i.k == offNr:
		return value{true, true, nr}
	case i.code == unix.BPF_LD|unix.BPF_W|unix.BPF_ABS && i.k == offArch:
		return value{true, true, auditArch()}
	case i.code == unix.BPF_LD|unix.BPF_IMM:
		return value{true, true, i.k}
	case i.code == unix.BPF_ALU|unix.BPF_AND|unix.BPF_K:
		return value{true, s.known, s.v & i.k}
	case i.code&0x07 == unix.BPF_ST, i.code&0x07 == unix.BPF_STX, i.code&0x07 == unix.BPF_LDX,
		i.code == unix.BPF_MISC|unix.BPF_TAX:
		return s // these leave the accumulator alone
	}
	return value{seen: true}
}

func meet(at *value, s value) {
	if at.seen && (at.known != s.known || at.v != s.v) {
		s = value{seen: true}
	}
	*at = s
}
