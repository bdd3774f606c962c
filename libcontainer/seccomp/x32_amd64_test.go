package seccomp

import (
	"slices"
	"testing"

	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"

	"github.com/creel-project/creel/libcontainer/seccomp/oracle"
)

func x32(t testing.TB) *oracle.Arch {
	t.Helper()
	a, err := oracle.X32("/usr/include/x86_64-linux-gnu/asm/unistd_x32.h")
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestX32IsToldFromX86_64(t *testing.T) {
	p := sample(specs.ArchX32, specs.ArchX86)
	prog := load(t, p).Program
	agree(t, p, prog, native(t), nil)
	agree(t, p, prog, x32(t), youngOn(x32(t)))
	agree(t, p, prog, numbers(t, specs.ArchX86), youngOn(numbers(t, specs.ArchX86)))
}

func TestX32IsKilledUnlessListed(t *testing.T) {
	for _, p := range []*specs.LinuxSeccomp{sample(), sample(specs.ArchX86)} {
		prog := load(t, p).Program
		for _, nr := range []uint32{x32Number(0), x32Number(39), x32Number(5000)} {
			got, _, err := oracle.Run(prog, oracle.Call{Nr: nr, Arch: unix.AUDIT_ARCH_X86_64})
			if err != nil || got != unix.SECCOMP_RET_KILL_THREAD {
				t.Errorf("call %#x: %#x, %v", nr, got, err)
			}
		}
	}
}

func x32Number(nr uint32) uint32 { return 0x40000000 + nr }

func TestMultiplexedCallsOfX86FollowTheRuleOfTheirName(t *testing.T) {
	p := &specs.LinuxSeccomp{DefaultAction: specs.ActErrno, Architectures: []specs.Arch{specs.ArchX86}, Syscalls: []specs.LinuxSyscall{
		rule(specs.ActAllow, "connect", "semget"), rule(specs.ActTrap, "listen"),
	}}
	prog := load(t, p).Program
	for _, tt := range []struct{ nr, sub, want uint32 }{
		{102, 3, unix.SECCOMP_RET_ALLOW}, // socketcall(SYS_CONNECT)
		{102, 4, unix.SECCOMP_RET_TRAP},  // socketcall(SYS_LISTEN)
		{102, 1, unix.SECCOMP_RET_ERRNO | 1},
		{117, 2, unix.SECCOMP_RET_ALLOW}, // ipc(SEMGET)
		{117, 3, unix.SECCOMP_RET_ERRNO | 1},
		{362, 0, unix.SECCOMP_RET_ALLOW}, // connect
	} {
		c := oracle.Call{Nr: tt.nr, Arch: unix.AUDIT_ARCH_I386, Args: [6]uint64{uint64(tt.sub)}}
		if got, _, err := oracle.Run(prog, c); err != nil || got != tt.want {
			t.Errorf("call %d(%d): %#x, %v, want %#x", tt.nr, tt.sub, got, err, tt.want)
		}
	}
}

func TestDockersDefaultProfileMeansTheSameOnAllItsArchitectures(t *testing.T) {
	for name, caps := range capSets {
		t.Run(name, func(t *testing.T) {
			p := docker(t, caps...)
			if want := []specs.Arch{specs.ArchX86_64, specs.ArchX86, specs.ArchX32}; !slices.Equal(p.Architectures, want) {
				t.Fatalf("architectures %v", p.Architectures)
			}
			prog := load(t, p).Program
			agree(t, p, prog, native(t), nil)
			agree(t, p, prog, x32(t), youngOn(x32(t)))
			x86 := numbers(t, specs.ArchX86)
			young := youngOn(x86)
			agree(t, p, prog, x86, func(nr uint32) bool {
				return young(nr) || nr == x86.Numbers["socketcall"] || nr == x86.Numbers["ipc"]
			})
		})
	}
}
