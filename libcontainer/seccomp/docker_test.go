package seccomp

import (
	"strings"
	"testing"

	moby "github.com/moby/profiles/seccomp"
	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"

	"github.com/creel-project/creel/libcontainer/seccomp/oracle"
)

// capSets are capabilities by which Docker chooses its rules.
var capSets = map[string][]string{
	"none":    nil,
	"default": {"CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_NET_RAW", "CAP_SYS_CHROOT", "CAP_SETUID"},
	"many":    {"CAP_SYS_ADMIN", "CAP_SYS_PTRACE", "CAP_BPF", "CAP_PERFMON", "CAP_SYS_TIME", "CAP_SYSLOG"},
}

// docker is Docker's default profile for a container with these capabilities.
func docker(t testing.TB, caps ...string) *specs.LinuxSeccomp {
	t.Helper()
	p, err := moby.GetDefaultProfile(&specs.Spec{Process: &specs.Process{
		Capabilities: &specs.LinuxCapabilities{Bounding: caps}}})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestDockersDefaultProfileMeansTheSameOnOneArchitecture(t *testing.T) {
	for name, caps := range capSets {
		t.Run(name, func(t *testing.T) {
			p := docker(t, caps...)
			p.Architectures = nil
			agree(t, p, load(t, p).Program, native(t), nil)
		})
	}
}

// newest is the highest number that a profile mentions on the machine's own
// architecture.
func newest(t testing.TB, p *specs.LinuxSeccomp) uint32 {
	var top uint32
	a := native(t)
	for _, s := range p.Syscalls {
		for _, name := range s.Names {
			top = max(top, a.Numbers[name])
		}
	}
	return top
}

func TestCallsNewerThanTheProfileGetENOSYS(t *testing.T) {
	enosys := unix.SECCOMP_RET_ERRNO | uint32(unix.ENOSYS)
	for _, def := range allActions {
		if def == specs.ActNotify {
			continue
		}
		p := docker(t)
		p.DefaultAction, p.DefaultErrnoRet = def, nil
		want := enosys
		ownDefault, err := action(def, nil)
		if err != nil {
			t.Fatal(err)
		}
		if def == specs.ActAllow || def == specs.ActLog || def == specs.ActTrace {
			want = ownDefault
		}
		prog := load(t, p).Program
		for nr, want := range map[uint32]uint32{
			newest(t, p): unix.SECCOMP_RET_ALLOW, newest(t, p) + 1: want, 600: want, 5000: want,
			unix.SYS_KEXEC_LOAD: ownDefault,
		} {
			got, _, err := oracle.Run(prog, oracle.Call{Nr: nr, Arch: auditArch()})
			if err != nil || got != want {
				t.Errorf("%s: call %d: %#x, %v, want %#x", def, nr, got, err, want)
			}
		}
	}
}

func TestARuleCountsForENOSYSWhateverItsAction(t *testing.T) {
	p := &specs.LinuxSeccomp{DefaultAction: specs.ActErrno, DefaultErrnoRet: errno(uint(unix.EACCES)),
		Syscalls: []specs.LinuxSyscall{rule(specs.ActAllow, "read"), {
			Names: []string{"fchmodat2"}, Action: specs.ActErrno, ErrnoRet: errno(uint(unix.EACCES))}}}
	prog := load(t, p).Program
	for nr, want := range map[uint32]uint32{
		unix.SYS_CACHESTAT: uint32(unix.EACCES), unix.SYS_FCHMODAT2: uint32(unix.EACCES),
		unix.SYS_FCHMODAT2 + 1: uint32(unix.ENOSYS),
	} {
		got, _, err := oracle.Run(prog, oracle.Call{Nr: nr, Arch: auditArch()})
		if err != nil || got != unix.SECCOMP_RET_ERRNO|want {
			t.Errorf("call %d: %#x, %v, want errno %d", nr, got, err, want)
		}
	}
}

func TestProfilesThatMakeTooLargeAFilterAreRefused(t *testing.T) {
	p := &specs.LinuxSeccomp{DefaultAction: specs.ActErrno}
	for name := range native(t).Numbers {
		for v := range uint64(3) {
			p.Syscalls = append(p.Syscalls, specs.LinuxSyscall{Names: []string{name}, Action: specs.ActAllow,
				Args: []specs.LinuxSeccompArg{{Index: uint(v), Op: specs.OpEqualTo, Value: v<<33 + uint64(len(p.Syscalls))}}})
		}
	}
	_, err := Load(p, Options{CompilerPath: compilerPath})
	if err == nil || !strings.Contains(err.Error(), "but the kernel takes at most 4096") {
		t.Errorf("%v", err)
	}
}
