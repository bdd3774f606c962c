package devfilter

import (
	"testing"

	"github.com/creel-project/creel/libcontainer/cgroups/devrules"
)

// interpret runs a filter on a request. It knows the instructions of RFC 9669 that filters consist of and is
// written without a look at the templates.
func interpret(t *testing.T, code []insn, typ devrules.Types, major, minor int64, access devrules.Access) bool {
	t.Helper()
	var r [11]uint64
	ctx := [3]uint32{uint32(access)<<16 | uint32(typ), uint32(major), uint32(minor)}
	for i, in := range code {
		dst, src := in.regs&15, uint64(int64(in.imm))
		switch in.op {
		case 0x61: // 32-bit load through the context pointer
			r[dst] = uint64(ctx[in.off/4])
			continue
		case 0x95:
			if i != len(code)-1 {
				t.Fatalf("exit at instruction %d of %d", i, len(code))
			}
			return r[0] == 1
		}
		if in.op&0x08 != 0 {
			src = r[in.regs>>4]
		}
		switch in.op & 7 {
		case 7:
			r[dst] = alu64(t, in.op>>4, r[dst], src)
		case 4:
			r[dst] = uint64(uint32(alu64(t, in.op>>4, uint64(uint32(r[dst])), shiftCount(in.op>>4, src, 31))))
		default:
			t.Fatalf("instruction %d has class %d", i, in.op&7)
		}
	}
	t.Fatal("the program does not exit")
	return false
}

// shiftCount masks the operand of a 32-bit shift.
func shiftCount(op uint8, src, mask uint64) uint64 {
	if op == 6 || op == 7 || op == 12 {
		return src & mask
	}
	return src
}

func alu64(t *testing.T, op uint8, dst, src uint64) uint64 {
	switch op {
	case 0:
		return dst + src
	case 1:
		return dst - src
	case 2:
		return dst * src
	case 4:
		return dst | src
	case 5:
		return dst & src
	case 6:
		return dst << (src & 63)
	case 7:
		return dst >> (src & 63)
	case 8:
		return -dst
	case 10:
		return dst ^ src
	case 11:
		return src
	case 12:
		return uint64(int64(dst) >> (src & 63))
	}
	t.Fatalf("operation %d", op)
	return 0
}
