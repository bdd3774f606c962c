// Package devfilter makes cgroup v2 device filters: eBPF programs of type BPF_PROG_TYPE_CGROUP_DEVICE (Linux 4.15).
//
// It encodes programs from templates and calls bpf(2) itself, since a general eBPF library costs every
// command a quarter of a millisecond of start-up time. How a program works is told in package templates.
package devfilter

//go:generate go run ./gen

import (
	"slices"
	"unsafe"

	"github.com/creel-project/creel/libcontainer/cgroups/devrules"
)

// insn is struct bpf_insn of linux/bpf.h, with the registers as a little-endian machine keeps them: dst | src << 4.
type insn struct {
	op, regs uint8
	off      int16
	imm      int32
}

// encode returns the program for a policy. It need not be loaded if the policy allows everything.
func encode(l devrules.List) []insn {
	rules := l.Rules
	if !l.Ordered() {
		rules = slices.Clone(rules)
		slices.SortStableFunc(rules, func(a, b devrules.Rule) int { return int(a.Access) - int(b.Access) })
	}
	// The default filter takes 44 instructions; a rule of its own 6.
	p := make(program, 0, 32+6*len(rules))
	p.add(prologue[:])
	start, rules := atStart(l.Allow, rules)
	p.addImm(begin[:], int32(start))
	for len(rules) > 0 {
		n := 1
		for n < len(rules) && rules[n].Allow == rules[0].Allow && rules[n].Access == rules[0].Access {
			n++
		}
		p.clause(rules[:n])
		rules = rules[n:]
	}
	p.add(end[:])
	if bigEndian() {
		for i := range p {
			p[i].regs = swapNibbles(p[i].regs)
		}
	}
	return p
}

// bigEndian machines keep the two registers of an instruction the other way round (bit fields).
func bigEndian() bool {
	probe := uint16(1)
	return *(*byte)(unsafe.Pointer(&probe)) == 0
}

func swapNibbles(b uint8) uint8 { return b<<4 | b>>4 }

// atStart returns the access that every device begins with: a first rule for all devices is part of it.
func atStart(allow bool, rules []devrules.Rule) (devrules.Access, []devrules.Rule) {
	if allow {
		return devrules.All, rules
	}
	if len(rules) > 0 && rules[0].Allow {
		if _, mask := keyOf(&rules[0]); mask == 0 {
			return rules[0].Access, rules[1:]
		}
	}
	return 0, rules
}

type program []insn

func (p *program) add(t []insn) { *p = append(*p, t...) }

// addImm appends a template with its slot filled in.
func (p *program) addImm(t []insn, imm int32) {
	from := len(*p)
	p.add(t)
	for i := range (*p)[from:] {
		if in := &(*p)[from+i]; in.imm == slot {
			in.imm = imm
		}
	}
}
