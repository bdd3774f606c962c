// Package oracle is for tests: it runs filters as the kernel does, and reads
// profiles by the letter of the specification, without libseccomp and without
// the code under test.
package oracle

import (
	"encoding/binary"
	"fmt"

	"golang.org/x/sys/unix"
)

// Call is what the kernel shows a filter (struct seccomp_data).
type Call struct {
	Nr   uint32
	Arch uint32 // AUDIT_ARCH_*
	IP   uint64
	Args [6]uint64
}

// bytes lays the call out in memory as the kernel does.
func (c *Call) bytes() []byte {
	b := binary.NativeEndian.AppendUint32(nil, c.Nr)
	b = binary.NativeEndian.AppendUint32(b, c.Arch)
	b = binary.NativeEndian.AppendUint64(b, c.IP)
	for _, a := range c.Args {
		b = binary.NativeEndian.AppendUint64(b, a)
	}
	return b
}

// machine is the classic BPF machine of the kernel's networking/filter document.
type machine struct {
	a, x  uint32
	mem   [16]uint32
	data  []byte
	steps int
}

// Run returns what a filter (struct sock_filter, 8 bytes each) answers to a
// call, and how many instructions that took. It fails where the kernel would
// have refused to load the filter.
func Run(prog []byte, c Call) (ret uint32, steps int, err error) {
	m := machine{data: c.bytes()}
	for pc := 0; ; pc++ {
		if pc*8+8 > len(prog) {
			return 0, m.steps, fmt.Errorf("instruction %d of %d", pc, len(prog)/8)
		}
		in := prog[pc*8:]
		code := binary.NativeEndian.Uint16(in)
		k := binary.NativeEndian.Uint32(in[4:])
		m.steps++
		switch code & 0x07 {
		case unix.BPF_RET:
			if code&0x18 == unix.BPF_A {
				return m.a, m.steps, nil
			}
			return k, m.steps, nil
		case unix.BPF_JMP:
			step, err := m.jump(code, in[2], in[3], k)
			if err != nil {
				return 0, m.steps, fmt.Errorf("instruction %d: %w", pc, err)
			}
			pc += int(step)
		default:
			if err := m.step(code, k); err != nil {
				return 0, m.steps, fmt.Errorf("instruction %d: %w", pc, err)
			}
		}
	}
}

func (m *machine) operand(code uint16, k uint32) uint32 {
	if code&unix.BPF_X != 0 {
		return m.x
	}
	return k
}

func (m *machine) jump(code uint16, jt, jf uint8, k uint32) (uint32, error) {
	v := m.operand(code, k)
	var on bool
	switch code & 0xf0 {
	case unix.BPF_JA:
		return k, nil
	case unix.BPF_JEQ:
		on = m.a == v
	case unix.BPF_JGT:
		on = m.a > v
	case unix.BPF_JGE:
		on = m.a >= v
	case unix.BPF_JSET:
		on = m.a&v != 0
	default:
		return 0, fmt.Errorf("jump %#x", code)
	}
	if on {
		return uint32(jt), nil
	}
	return uint32(jf), nil
}

func (m *machine) step(code uint16, k uint32) error {
	switch code {
	case unix.BPF_LD | unix.BPF_W | unix.BPF_ABS:
		if k%4 != 0 || int(k)+4 > len(m.data) {
			return fmt.Errorf("load at %d", k)
		}
		m.a = binary.NativeEndian.Uint32(m.data[k:])
	case unix.BPF_LD | unix.BPF_IMM:
		m.a = k
	case unix.BPF_LDX | unix.BPF_IMM:
		m.x = k
	case unix.BPF_LD | unix.BPF_MEM:
		m.a = m.mem[k&15]
	case unix.BPF_LDX | unix.BPF_MEM:
		m.x = m.mem[k&15]
	case unix.BPF_ST:
		m.mem[k&15] = m.a
	case unix.BPF_STX:
		m.mem[k&15] = m.x
	case unix.BPF_MISC | unix.BPF_TAX:
		m.x = m.a
	case unix.BPF_MISC | unix.BPF_TXA:
		m.a = m.x
	case unix.BPF_ALU | unix.BPF_AND | unix.BPF_K, unix.BPF_ALU | unix.BPF_AND | unix.BPF_X:
		m.a &= m.operand(code, k)
	case unix.BPF_ALU | unix.BPF_OR | unix.BPF_K, unix.BPF_ALU | unix.BPF_OR | unix.BPF_X:
		m.a |= m.operand(code, k)
	default:
		return fmt.Errorf("code %#x", code)
	}
	return nil
}
