package seccomp

import (
	"encoding/binary"
	"errors"
	"fmt"

	"golang.org/x/sys/unix"
)

// A struct sock_filter takes 8 bytes, and the kernel takes 4096 of them (BPF_MAXINSNS).
const (
	insnSize = 8
	// MaxProgram is the size in bytes of the largest filter.
	MaxProgram = unix.BPF_MAXINSNS * insnSize
)

// insn is one classic BPF instruction (struct sock_filter).
type insn struct {
	code   uint16
	jt, jf uint8
	k      uint32
}

// decode returns the instruction at the front of prog.
func decode(prog []byte) insn {
	return insn{binary.NativeEndian.Uint16(prog), prog[2], prog[3], binary.NativeEndian.Uint32(prog[4:])}
}

// verify makes sure that a program cannot run off its end, whatever it reads:
// every jump lands inside, and the last instruction returns.
func verify(prog []byte) error {
	n := len(prog) / insnSize
	switch {
	case len(prog)%insnSize != 0:
		return fmt.Errorf("%d bytes are no whole number of instructions", len(prog))
	case n == 0:
		return errors.New("empty program")
	case n > unix.BPF_MAXINSNS:
		return fmt.Errorf("%d instructions, but the kernel takes at most %d", n, unix.BPF_MAXINSNS)
	}
	for pc := range n {
		i := decode(prog[pc*insnSize:])
		left := uint64(n - pc - 1)
		switch i.code & 0x07 {
		case unix.BPF_RET:
			continue
		case unix.BPF_JMP:
			if i.code&0xf0 == unix.BPF_JA {
				if uint64(i.k) >= left {
					return fmt.Errorf("instruction %d jumps out of the program", pc)
				}
				continue
			}
			if uint64(max(i.jt, i.jf)) >= left {
				return fmt.Errorf("instruction %d jumps out of the program", pc)
			}
		}
		if left == 0 {
			return errors.New("the last instruction does not return")
		}
	}
	return nil
}
