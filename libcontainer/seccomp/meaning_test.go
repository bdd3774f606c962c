package seccomp

import (
	"fmt"
	"testing"

	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"

	"github.com/creel-project/creel/libcontainer/seccomp/oracle"
)

var allActions = []specs.LinuxSeccompAction{
	specs.ActKill, specs.ActKillThread, specs.ActKillProcess, specs.ActTrap,
	specs.ActErrno, specs.ActTrace, specs.ActAllow, specs.ActLog, specs.ActNotify,
}

func native(t testing.TB) *oracle.Arch {
	a, _ := nativeArch()
	return numbers(t, specs.Arch(a.String()))
}

func TestEveryActionIsTakenAsRuleAndAsDefault(t *testing.T) {
	for _, def := range allActions {
		for _, act := range allActions {
			if def == specs.ActNotify {
				continue
			}
			t.Run(fmt.Sprintf("%s under %s", act, def), func(t *testing.T) {
				p := &specs.LinuxSeccomp{DefaultAction: def, Syscalls: []specs.LinuxSyscall{rule(act, "getpid", "mkdirat")}}
				if act == specs.ActNotify {
					p.ListenerPath = "/run/agent.sock"
				}
				f := load(t, p)
				agree(t, p, f.Program, native(t), nil)
				if f.Notify != (act == specs.ActNotify) {
					t.Errorf("notify %v", f.Notify)
				}
			})
		}
	}
}

func TestErrnoRetIsReturned(t *testing.T) {
	for _, n := range []uint{0, 1, 38, 4094} {
		p := &specs.LinuxSeccomp{DefaultAction: specs.ActErrno, DefaultErrnoRet: errno(n), Syscalls: []specs.LinuxSyscall{
			{Names: []string{"getpid"}, Action: specs.ActErrno, ErrnoRet: errno(4094 - n)},
			{Names: []string{"getuid"}, Action: specs.ActTrace, ErrnoRet: errno(n * 16)},
			rule(specs.ActErrno, "getgid"), rule(specs.ActTrace, "getppid"),
		}}
		agree(t, p, load(t, p).Program, native(t), nil)
	}
}

func TestEveryOperatorComparesWholeArguments(t *testing.T) {
	ops := []specs.LinuxSeccompOperator{
		specs.OpNotEqual, specs.OpLessThan, specs.OpLessEqual, specs.OpEqualTo,
		specs.OpGreaterEqual, specs.OpGreaterThan, specs.OpMaskedEqual,
	}
	for _, op := range ops {
		for _, v := range []uint64{0, 1, 0x7e020000, 1<<31 - 1, 1 << 32, 0x1234_0000_5678, 1<<64 - 1} {
			t.Run(fmt.Sprintf("%s %#x", op, v), func(t *testing.T) {
				arg := specs.LinuxSeccompArg{Index: 1, Op: op, Value: v}
				if op == specs.OpMaskedEqual {
					arg.ValueTwo = v & 0x1200_7e00_5670
				}
				p := &specs.LinuxSeccomp{DefaultAction: specs.ActErrno, Syscalls: []specs.LinuxSyscall{
					{Names: []string{"openat", "ioctl"}, Action: specs.ActAllow, Args: []specs.LinuxSeccompArg{arg}},
					rule(specs.ActAllow, "close"),
				}}
				agree(t, p, load(t, p).Program, native(t), nil)
			})
		}
	}
}

func TestConditionsOnDifferentArgumentsMustAllHold(t *testing.T) {
	var args []specs.LinuxSeccompArg
	for i := range uint(6) {
		args = append(args, specs.LinuxSeccompArg{Index: i, Op: specs.OpGreaterEqual, Value: uint64(i)})
		p := &specs.LinuxSeccomp{DefaultAction: specs.ActKillProcess, Syscalls: []specs.LinuxSyscall{
			{Names: []string{"prctl", "mmap"}, Action: specs.ActErrno, Args: args}}}
		agree(t, p, load(t, p).Program, native(t), nil)
	}
}

func TestOfConditionsOnOneArgumentAnySuffices(t *testing.T) {
	p := &specs.LinuxSeccomp{DefaultAction: specs.ActErrno, Syscalls: []specs.LinuxSyscall{{
		Names: []string{"personality"}, Action: specs.ActAllow, Args: []specs.LinuxSeccompArg{
			{Index: 0, Op: specs.OpEqualTo, Value: 0}, {Index: 0, Op: specs.OpEqualTo, Value: 8},
			{Index: 0, Op: specs.OpEqualTo, Value: 0x20008}, {Index: 1, Op: specs.OpGreaterThan, Value: 1 << 40},
		}}}}
	agree(t, p, load(t, p).Program, native(t), nil)
}

func TestRulesThatRepeatTheDefaultChangeNothing(t *testing.T) {
	p := &specs.LinuxSeccomp{DefaultAction: specs.ActErrno, Syscalls: []specs.LinuxSyscall{
		rule(specs.ActErrno, "getpid"), rule(specs.ActAllow, "getuid"),
		{Names: []string{"mseal"}, Action: specs.ActErrno, ErrnoRet: errno(1)},
	}}
	agree(t, p, load(t, p).Program, native(t), nil)
}

func TestUnknownNamesAreIgnored(t *testing.T) {
	p := &specs.LinuxSeccomp{DefaultAction: specs.ActErrno, Syscalls: []specs.LinuxSyscall{
		rule(specs.ActAllow, "no_such_call", "getpid", "NtCreateFile", "getuid\x00x", "0"),
	}}
	f := load(t, p)
	agree(t, p, f.Program, native(t), nil)
	c := oracle.Call{Nr: unix.SYS_GETUID, Arch: auditArch()}
	if got, _, err := oracle.Run(f.Program, c); err != nil || got&0xffff0000 != unix.SECCOMP_RET_ERRNO {
		t.Errorf("a name that only begins like getuid: %#x, %v", got, err)
	}
}

func TestCallsThatLibseccompDoesNotKnowAreAddedByNumber(t *testing.T) {
	p := &specs.LinuxSeccomp{DefaultAction: specs.ActErrno, Syscalls: []specs.LinuxSyscall{
		rule(specs.ActAllow, "read", "listns", "statmount"),
		{Names: []string{"mseal"}, Action: specs.ActTrap, Args: []specs.LinuxSeccompArg{{Index: 2, Op: specs.OpNotEqual}}},
	}}
	f := load(t, p)
	agree(t, p, f.Program, native(t), nil)
	for nr, want := range map[uint32]uint32{
		unix.SYS_LISTNS:           unix.SECCOMP_RET_ALLOW,
		unix.SYS_FILE_SETATTR:     unix.SECCOMP_RET_ERRNO | uint32(unix.EPERM),
		unix.SYS_RSEQ_SLICE_YIELD: unix.SECCOMP_RET_ERRNO | uint32(unix.ENOSYS),
	} {
		if got, _, err := oracle.Run(f.Program, oracle.Call{Nr: nr, Arch: auditArch()}); err != nil || got != want {
			t.Errorf("call %d: %#x, %v, want %#x", nr, got, err, want)
		}
	}
}

func TestFarJumpsLandWhereTheyShould(t *testing.T) {
	p := &specs.LinuxSeccomp{DefaultAction: specs.ActErrno}
	for name := range native(t).Numbers {
		if len(p.Syscalls) == 250 {
			break
		}
		p.Syscalls = append(p.Syscalls, specs.LinuxSyscall{Names: []string{name}, Action: specs.ActAllow, Args: []specs.LinuxSeccompArg{
			{Index: 0, Op: specs.OpGreaterThan, Value: uint64(len(p.Syscalls)) << 30}, {Index: 1, Op: specs.OpMaskedEqual, Value: 0xff00ff00ff, ValueTwo: 0x1200340056},
		}})
	}
	f := load(t, p)
	if longJumps(f.Program) == 0 {
		t.Fatalf("%d instructions and no far jump: nothing to prove", insns(f.Program))
	}
	agree(t, p, f.Program, native(t), nil)
}
