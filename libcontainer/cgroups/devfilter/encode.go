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

// The parts of the key that a comparison looks at; see package templates.
const (
	typeShift  = 28
	majorShift = 16
	blockShift = 5 // log2 of the minors in a set
	typeMask   = int32(0x3) << typeShift
	majorMask  = int32(0xfff) << majorShift
	blockMask  = int32(0x7fff)
	wholeKey   = typeMask | majorMask | blockMask
)

// Encode returns the program for a policy. It need not be loaded if the policy allows everything.
func Encode(l devrules.List) []insn {
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

// clause encodes rules with the same verdict and access, whose order does not matter therefore.
func (p *program) clause(rules []devrules.Rule) {
	var sets int
	for i := range rules {
		if rules[i].Minor == devrules.Any {
			p.wide(&rules[i])
		} else {
			sets++
		}
	}
	if sets == 0 {
		return
	}
	p.add(setBegin[:])
	for i := range rules {
		if rules[i].Minor != devrules.Any {
			p.set(rules, i)
		}
	}
	p.add(setEnd[:])
	if rules[0].Access != devrules.All {
		p.addImm(setSome[:], int32(rules[0].Access))
	}
	if rules[0].Allow {
		p.add(setAllow[:])
	} else {
		p.add(setDeny[:])
	}
}

// wide encodes a rule for all minors.
func (p *program) wide(r *devrules.Rule) {
	key, mask := keyOf(r)
	switch {
	case mask == 0 && r.Allow:
		p.addImm(allowAll[:], int32(r.Access))
		return
	case mask == 0:
		p.addImm(denyAll[:], int32(devrules.All&^r.Access))
		return
	}
	p.compare(key, mask)
	p.add(wideHit[:])
	if r.Access != devrules.All {
		p.addImm(wideSome[:], int32(r.Access))
	}
	if r.Allow {
		p.add(wideAllow[:])
	} else {
		p.add(wideDeny[:])
	}
}

// set encodes the minors of rule i and of the later rules that lie in the same set, unless an earlier rule
// has done so.
func (p *program) set(rules []devrules.Rule, i int) {
	key, mask := keyOf(&rules[i])
	var minors uint32
	for j := range rules {
		if rules[j].Minor == devrules.Any {
			continue
		}
		if k, m := keyOf(&rules[j]); k != key || m != mask {
			continue
		}
		if j < i {
			return
		}
		minors |= 1 << (rules[j].Minor & (1<<blockShift - 1))
	}
	p.compare(key, mask)
	p.addImm(setHit[:], int32(minors))
}

func (p *program) compare(key, mask int32) {
	p.add(takeKey[:])
	if mask != wholeKey {
		p.addImm(maskKey[:], mask)
	}
	p.addImm(compare[:], key)
}

// keyOf returns what the key of a request must be under a mask for the rule, or the set that it is in, to apply.
func keyOf(r *devrules.Rule) (key, mask int32) {
	if r.Types != devrules.Both {
		key, mask = int32(r.Types)<<typeShift, typeMask
	}
	if r.Major != devrules.Any {
		key |= int32(r.Major) << majorShift
		mask |= majorMask
	}
	if r.Minor != devrules.Any {
		key |= int32(r.Minor) >> blockShift
		mask |= blockMask
	}
	return key, mask
}
