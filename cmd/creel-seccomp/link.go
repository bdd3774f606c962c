package main

import (
	"encoding/binary"

	"github.com/seccomp/libseccomp-golang"
	"golang.org/x/sys/unix"

	"github.com/creel-project/creel/libcontainer/seccomp/wire"
)

const (
	insnSize = 8 // bytes of a struct sock_filter

	offNr   = 0 // in struct seccomp_data
	offArch = 4

	x32Bit = 0x40000000 // __X32_SYSCALL_BIT: x32 shares its AUDIT_ARCH with x86_64

	retENOSYS = unix.SECCOMP_RET_ERRNO | uint32(unix.ENOSYS)
)

var machineLittleEndian = binary.NativeEndian.Uint16([]byte{1, 0}) == 1

// part is the program for one architecture.
type part struct {
	arch    wire.Arch
	audit   uint32
	last    seccomp.ScmpSyscall // highest number that the profile mentions; 0 for none
	program []byte
}

// link joins the parts. In front it puts what finds the part for a call, and,
// if newer is set, gives ENOSYS to calls whose numbers are above all that the
// profile mentions: programs probe for new calls and fall back on ENOSYS only,
// whereas the default action would break them (as glibc and clone3).
func link(parts []part, newer bool) []byte {
	if len(parts) == 1 && !newer {
		return parts[0].program
	}
	l := linker{code: []insn{{code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, k: offArch}}}
	for i := range parts {
		if parts[i].arch != wire.X32 {
			l.section(parts, i, newer)
		}
	}
	// What libseccomp does with architectures that the profile does not list.
	l.emit(unix.BPF_RET|unix.BPF_K, unix.SECCOMP_RET_KILL_THREAD)
	at := make([]int, len(parts))
	size := len(l.code)
	for i := range parts {
		at[i] = size
		size += len(parts[i].program) / insnSize
	}
	program := make([]byte, 0, size*insnSize)
	for pc, in := range l.code {
		if in.part > 0 {
			in.k = uint32(at[in.part-1] - pc - 1)
		}
		program = in.append(program)
	}
	for i := range parts {
		program = append(program, parts[i].program...)
	}
	return program
}

// linker writes the instructions before the parts.
type linker struct{ code []insn }

// insn is a struct sock_filter; with part n+1 its k becomes the way to part n.
type insn struct {
	code   uint16
	jt, jf uint8
	k      uint32
	part   int
}

func (i insn) append(b []byte) []byte {
	b = binary.NativeEndian.AppendUint16(b, i.code)
	b = append(b, i.jt, i.jf)
	return binary.NativeEndian.AppendUint32(b, i.k)
}

func (l *linker) emit(code uint16, k uint32) { l.code = append(l.code, insn{code: code, k: k}) }

// unless makes the instructions that body emits conditional.
func (l *linker) unless(jump uint16, k uint32, body func()) { l.branch(jump, k, body, false) }
func (l *linker) when(jump uint16, k uint32, body func())   { l.branch(jump, k, body, true) }

func (l *linker) branch(jump uint16, k uint32, body func(), on bool) {
	at := len(l.code)
	l.emit(unix.BPF_JMP|jump|unix.BPF_K, k)
	body()
	over := uint8(len(l.code) - at - 1)
	if on {
		l.code[at].jf = over
	} else {
		l.code[at].jt = over
	}
}

// section leads calls of one AUDIT_ARCH to their part.
func (l *linker) section(parts []part, i int, newer bool) {
	x32 := -1
	for j := range parts {
		if parts[j].arch == wire.X32 && parts[i].arch == wire.X86_64 {
			x32 = j
		}
	}
	l.when(unix.BPF_JEQ, parts[i].audit, func() {
		l.emit(unix.BPF_LD|unix.BPF_W|unix.BPF_ABS, offNr)
		switch {
		case parts[i].arch == wire.X86_64 && x32 >= 0:
			l.when(unix.BPF_JGE, x32Bit, func() { l.enter(parts, x32, newer) })
			l.enter(parts, i, newer)
		case parts[i].arch == wire.X86_64:
			// x32 is not in the profile: that is for libseccomp's part to refuse.
			l.unless(unix.BPF_JGE, x32Bit, func() { l.newer(&parts[i], newer) })
			l.enter(parts, i, false)
		default:
			l.enter(parts, i, newer)
		}
	})
}

func (l *linker) enter(parts []part, i int, newer bool) {
	l.newer(&parts[i], newer)
	l.code = append(l.code, insn{code: unix.BPF_JMP | unix.BPF_JA, part: i + 1})
}

func (l *linker) newer(p *part, wanted bool) {
	if !wanted || p.last <= 0 {
		return
	}
	if p.arch == wire.S390 || p.arch == wire.S390X {
		// Call 0 carries the numbers above 255 there; a number that the kernel
		// does not know stays 0 when the filter sees it.
		l.when(unix.BPF_JEQ, 0, func() { l.emit(unix.BPF_RET|unix.BPF_K, retENOSYS) })
	}
	l.when(unix.BPF_JGT, uint32(p.last), func() { l.emit(unix.BPF_RET|unix.BPF_K, retENOSYS) })
}
