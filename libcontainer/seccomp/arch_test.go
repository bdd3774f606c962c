package seccomp

import (
	"strings"
	"testing"

	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"

	"github.com/creel-project/creel/libcontainer/seccomp/oracle"
	"github.com/creel-project/creel/libcontainer/seccomp/wire"
)

// sample is a profile with conditions, whose names exist nearly everywhere.
func sample(archs ...specs.Arch) *specs.LinuxSeccomp {
	small := []specs.LinuxSeccompArg{{Index: 0, Op: specs.OpLessThan, Value: 7}, {Index: 2, Op: specs.OpMaskedEqual, Value: 0xf0, ValueTwo: 0x30}}
	return &specs.LinuxSeccomp{DefaultAction: specs.ActErrno, Architectures: archs, Syscalls: []specs.LinuxSyscall{
		rule(specs.ActAllow, "read", "write", "exit", "exit_group", "execve", "clone3", "faccessat2"),
		{Names: []string{"ioctl", "fcntl", "prctl"}, Action: specs.ActAllow, Args: small},
		rule(specs.ActTrap, "kexec_load"),
	}}
}

// youngOn says which calls of other architectures are not judged: libseccomp
// may not know their names, and numbers count on the machine's own only.
func youngOn(a *oracle.Arch) func(uint32) bool {
	base := a.Numbers["set_mempolicy_home_node"]
	return func(nr uint32) bool { return nr > base && nr <= base+50 }
}

func TestEveryArchitectureOfThisByteOrderIsServed(t *testing.T) {
	self := native(t)
	for _, word := range []specs.Arch{
		specs.ArchX86_64, specs.ArchX86, specs.ArchARM, specs.ArchAARCH64, specs.ArchMIPSEL,
		specs.ArchMIPSEL64, specs.ArchPPC64LE, specs.ArchRISCV64,
	} {
		t.Run(string(word), func(t *testing.T) {
			p := sample(word)
			prog := load(t, p).Program
			agree(t, p, prog, self, nil)
			if a := numbers(t, word); a.Audit != self.Audit {
				agree(t, p, prog, a, youngOn(a))
			}
		})
	}
}

func TestManyArchitecturesAreServedTogether(t *testing.T) {
	words := []specs.Arch{specs.ArchRISCV64, specs.ArchX86, specs.ArchAARCH64, specs.ArchX86, specs.ArchMIPSEL64}
	p := sample(words...)
	prog := load(t, p).Program
	agree(t, p, prog, native(t), nil)
	for _, word := range words {
		if a := numbers(t, word); a.Audit != auditArch() {
			agree(t, p, prog, a, youngOn(a))
		}
	}
}

func TestCallsOfUnlistedArchitecturesAreKilled(t *testing.T) {
	for _, p := range []*specs.LinuxSeccomp{
		sample(), sample(specs.ArchARM),
		{DefaultAction: specs.ActAllow, Syscalls: []specs.LinuxSyscall{rule(specs.ActErrno, "read")}},
		{DefaultAction: specs.ActAllow, Architectures: []specs.Arch{specs.ArchARM}},
	} {
		prog := load(t, p).Program
		c := oracle.Call{Nr: 3, Arch: unix.AUDIT_ARCH_SPARC64}
		if got, _, err := oracle.Run(prog, c); err != nil || got != unix.SECCOMP_RET_KILL_THREAD {
			t.Errorf("%#x, %v", got, err)
		}
	}
}

func TestOrderAndRepetitionOfArchitecturesDoNotMatter(t *testing.T) {
	first, _, err := appendProfile(nil, sample(specs.ArchX86, specs.ArchARM, specs.ArchX86))
	if err != nil {
		t.Fatal(err)
	}
	second, _, err := appendProfile(nil, sample(specs.ArchARM, specs.ArchX86))
	if err != nil || string(first) != string(second) {
		t.Errorf("%q\n%q\n%v", first, second, err)
	}
}

func TestArchitecturesThatCannotBeServedAreNamed(t *testing.T) {
	// Every word of the specification either works or is refused by name.
	for _, word := range wire.ArchNames {
		_, err := Load(sample(specs.Arch(word)), Options{CompilerPath: compilerPath})
		if err == nil {
			continue
		}
		msg := err.Error()
		if !strings.HasPrefix(msg, "linux.seccomp.architectures: "+word+": not ") {
			t.Errorf("%s: %v", word, err)
		}
	}
	_, err := Load(sample(specs.ArchS390X), Options{CompilerPath: compilerPath})
	if err == nil || !strings.HasSuffix(err.Error(), "another byte order") {
		t.Errorf("SCMP_ARCH_S390X: %v", err)
	}
}
