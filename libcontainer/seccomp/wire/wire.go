// Package wire is the compact form in which creel hands a seccomp profile to
// its profile compiler, and under which it remembers the compiled filter. Two
// profiles with the same bytes mean the same, so the bytes are the cache's key.
//
// All numbers are little-endian:
//
//	magic   "CSP1"
//	u32     default action, a SECCOMP_RET_* with its data (seccomp(2))
//	u8      number of architectures, one byte each, ascending
//	u32     number of rules, each:
//	        u32  action
//	        u8   number of conditions, each: u8 argument, u8 operator, u64 value, u64 second value
//	        u32  number of names, each: u8 length, bytes
package wire

import "encoding/binary"

// Magic starts every profile; it changes whenever the form or its meaning does.
const Magic = "CSP1"

// MaxName is the length in bytes of the longest name that the form can carry.
const MaxName = 255

// AppendHead appends everything that stands before the rules. The
// architectures must be sorted and without repetition.
func AppendHead(dst []byte, action uint32, archs []Arch, rules int) []byte {
	dst = append(dst, Magic...)
	dst = binary.LittleEndian.AppendUint32(dst, action)
	dst = append(dst, byte(len(archs)))
	for _, a := range archs {
		dst = append(dst, byte(a))
	}
	return binary.LittleEndian.AppendUint32(dst, uint32(rules))
}

// AppendRule begins a rule: its conditions follow.
func AppendRule(dst []byte, action uint32, args int) []byte {
	dst = binary.LittleEndian.AppendUint32(dst, action)
	return append(dst, byte(args))
}

// AppendArg appends one condition.
func AppendArg(dst []byte, a Arg) []byte {
	dst = append(dst, a.Index, byte(a.Op))
	dst = binary.LittleEndian.AppendUint64(dst, a.Value)
	return binary.LittleEndian.AppendUint64(dst, a.ValueTwo)
}

// AppendNames appends the names that end a rule, each at most MaxName long.
func AppendNames(dst []byte, names []string) []byte {
	dst = binary.LittleEndian.AppendUint32(dst, uint32(len(names)))
	for _, n := range names {
		dst = append(append(dst, byte(len(n))), n...)
	}
	return dst
}
