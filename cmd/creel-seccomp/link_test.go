package main

import (
	"encoding/binary"
	"testing"

	"github.com/seccomp/libseccomp-golang"
	"golang.org/x/sys/unix"

	"github.com/creel-project/creel/libcontainer/seccomp/oracle"
	"github.com/creel-project/creel/libcontainer/seccomp/wire"
)

// answering is a part whose program has n instructions and answers with ret.
func answering(arch wire.Arch, last seccomp.ScmpSyscall, ret uint32, n int) part {
	p := part{arch: arch, audit: auditArchs[arch], last: last}
	for range n - 1 {
		p.program = insn{code: unix.BPF_LD | unix.BPF_IMM}.append(p.program)
	}
	p.program = insn{code: unix.BPF_RET, k: ret}.append(p.program)
	return p
}

func TestEachCallReachesItsPart(t *testing.T) {
	// The parts are longer than a conditional jump can skip.
	parts := []part{
		answering(wire.X86, 400, 1, 1000), answering(wire.X86_64, 300, 2, 300),
		answering(wire.X32, x32Bit+200, 3, 2000), answering(wire.S390X, 350, 4, 10),
		answering(wire.S390, 340, 5, 1), answering(wire.RISCV64, 0, 6, 1),
	}
	tests := []struct {
		name         string
		audit, nr    uint32
		newer, older uint32 // the answers with and without ENOSYS for newer calls
	}{
		{"x86", unix.AUDIT_ARCH_I386, 400, 1, 1},
		{"x86, newer", unix.AUDIT_ARCH_I386, 401, retENOSYS, 1},
		{"x86_64", unix.AUDIT_ARCH_X86_64, 300, 2, 2},
		{"x86_64, newer", unix.AUDIT_ARCH_X86_64, 301, retENOSYS, 2},
		{"x86_64, last before x32", unix.AUDIT_ARCH_X86_64, x32Bit - 1, retENOSYS, 2},
		{"x32", unix.AUDIT_ARCH_X86_64, x32Bit, 3, 3},
		{"x32, last", unix.AUDIT_ARCH_X86_64, x32Bit + 200, 3, 3},
		{"x32, newer", unix.AUDIT_ARCH_X86_64, x32Bit + 201, retENOSYS, 3},
		{"minus one", unix.AUDIT_ARCH_X86_64, 0xffffffff, retENOSYS, 3},
		{"s390x", unix.AUDIT_ARCH_S390X, 1, 4, 4},
		{"s390x, multiplexer of unknown calls", unix.AUDIT_ARCH_S390X, 0, retENOSYS, 4},
		{"s390, multiplexer of unknown calls", unix.AUDIT_ARCH_S390, 0, retENOSYS, 5},
		{"s390, newer", unix.AUDIT_ARCH_S390, 341, retENOSYS, 5},
		{"an architecture without any known call", unix.AUDIT_ARCH_RISCV64, 9999, 6, 6},
		{"unlisted", unix.AUDIT_ARCH_ARM, 1, unix.SECCOMP_RET_KILL_THREAD, unix.SECCOMP_RET_KILL_THREAD},
	}
	for _, tt := range tests {
		for newer, want := range map[bool]uint32{true: tt.newer, false: tt.older} {
			got, _, err := oracle.Run(link(parts, newer), oracle.Call{Nr: tt.nr, Arch: tt.audit})
			if err != nil || got != want {
				t.Errorf("%s (newer: %v): %#x, %v, want %#x", tt.name, newer, got, err, want)
			}
		}
	}
}

func TestWithoutX32ItsNumbersReachTheOnlyPart(t *testing.T) {
	prog := link([]part{answering(wire.X86_64, 300, 2, 5)}, true)
	for nr, want := range map[uint32]uint32{300: 2, 301: retENOSYS, x32Bit: 2, x32Bit + 1000: 2, 0xffffffff: 2} {
		if got, _, err := oracle.Run(prog, oracle.Call{Nr: nr, Arch: unix.AUDIT_ARCH_X86_64}); err != nil || got != want {
			t.Errorf("call %#x: %#x, %v, want %#x", nr, got, err, want)
		}
	}
}

func TestOnePartThatNeedsNothingBeforeItStaysAsItIs(t *testing.T) {
	p := answering(wire.X86_64, 300, 2, 5)
	if got := link([]part{p}, false); string(got) != string(p.program) {
		t.Errorf("%x", got)
	}
}

func TestInstructionsAreWrittenInTheMachinesByteOrder(t *testing.T) {
	b := insn{code: 0x15, jt: 1, jf: 2, k: 0x01020304}.append(nil)
	if len(b) != insnSize || binary.NativeEndian.Uint16(b) != 0x15 || b[2] != 1 || b[3] != 2 || binary.NativeEndian.Uint32(b[4:]) != 0x01020304 {
		t.Errorf("%x", b)
	}
}
