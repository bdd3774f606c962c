package devfilter

import "github.com/creel-project/creel/libcontainer/cgroups/devrules"

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
