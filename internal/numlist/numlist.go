// Package numlist reads the lists of numbers in which the kernel is told CPUs and
// memory nodes: 0-3,7 (cpuset(7), "List format").
package numlist

import (
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"
)

// The highest numbers that a Linux kernel can be built with, plus one.
const (
	CPUs  = 8192 // NR_CPUS with CONFIG_MAXSMP
	Nodes = 1024 // MAX_NUMNODES, with NODES_SHIFT of 10
)

// Mask is a set of numbers as system calls take it: bit n of the whole is number n,
// in words of the machine's own byte order. It is as short as its highest number allows.
type Mask []uint64

// Has says whether n is in the set.
func (m Mask) Has(n int) bool { return n/64 < len(m) && m[n/64]>>(n%64)&1 == 1 }

// Bytes returns the words of m behind each other, in memory's order.
func (m Mask) Bytes() []byte {
	out := make([]byte, 0, 8*len(m))
	for _, w := range m {
		out = binary.NativeEndian.AppendUint64(out, w)
	}
	return out
}

// Parse returns the set that a list names. Its numbers must be less than limit. An
// empty list is an error: whether it means none or all is the field's business. The kernel's
// strides are known, too: 0-31:1/4 is every fourth.
func Parse(list string, limit int) (Mask, error) {
	var m Mask
	for item := range strings.SplitSeq(strings.TrimSpace(list), ",") {
		r, ok := parseItem(strings.TrimSpace(item))
		if !ok {
			return nil, fmt.Errorf("%q is not a list of numbers and ranges like 0-3,7", list)
		}
		if r.last >= limit {
			return nil, fmt.Errorf("%q: %d is more than %d, the highest number that Linux knows", list, r.last, limit-1)
		}
		m = m.add(r)
	}
	return m, nil
}

// span is first to last, of which the first used of every group count.
type span struct{ first, last, used, group int }

func parseItem(item string) (span, bool) {
	item, stride, strided := strings.Cut(item, ":")
	low, high, ranged := strings.Cut(item, "-")
	first, ok := number(low)
	r := span{first, first, 1, 1}
	if ok && ranged {
		r.last, ok = number(high)
	}
	if ok && strided {
		used, group, _ := strings.Cut(stride, "/")
		var ok1, ok2 bool
		r.used, ok1 = number(used)
		r.group, ok2 = number(group)
		ok = ranged && ok1 && ok2 && r.group > 0 && r.used <= r.group
	}
	return r, ok && r.first <= r.last
}

func number(s string) (int, bool) {
	if s == "" || strings.Trim(s, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.ParseUint(s, 10, 30)
	return int(n), err == nil
}

func (m Mask) add(r span) Mask {
	for len(m) <= r.last/64 {
		m = append(m, 0)
	}
	for n := r.first; n <= r.last; n++ {
		if (n-r.first)%r.group < r.used {
			m[n/64] |= 1 << (n % 64)
		}
	}
	return m
}
