package seccomp

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"

	"github.com/creel-project/creel/libcontainer/seccomp/oracle"
	"github.com/creel-project/creel/libcontainer/seccomp/wire"
)

func TestMistakesInAProfileAreNamed(t *testing.T) {
	arg := func(a specs.LinuxSeccompArg) specs.LinuxSyscall {
		return specs.LinuxSyscall{Names: []string{"read"}, Action: specs.ActAllow, Args: []specs.LinuxSeccompArg{a}}
	}
	base := func(s ...specs.LinuxSyscall) *specs.LinuxSeccomp {
		return &specs.LinuxSeccomp{DefaultAction: specs.ActErrno, Syscalls: s}
	}
	tests := []struct {
		name string
		p    *specs.LinuxSeccomp
		want string
	}{
		{"default action", &specs.LinuxSeccomp{DefaultAction: "ALLOW"}, `linux.seccomp.defaultAction: "ALLOW": unknown action`},
		{"no default action", &specs.LinuxSeccomp{Syscalls: []specs.LinuxSyscall{rule(specs.ActAllow, "read")}},
			`linux.seccomp.defaultAction: "": unknown action`},
		{"default errno where it means nothing", &specs.LinuxSeccomp{DefaultAction: specs.ActKill, DefaultErrnoRet: errno(1)},
			`linux.seccomp.defaultErrnoRet: "1": SCMP_ACT_KILL takes no error number`},
		{"default errno too large", &specs.LinuxSeccomp{DefaultAction: specs.ActErrno, DefaultErrnoRet: errno(4095)},
			`linux.seccomp.defaultErrnoRet: "4095": SCMP_ACT_ERRNO takes at most 4094`},
		{"default notify", &specs.LinuxSeccomp{DefaultAction: specs.ActNotify},
			`linux.seccomp.defaultAction: SCMP_ACT_NOTIFY: not possible, the process could not be started`},
		{"architecture", &specs.LinuxSeccomp{DefaultAction: specs.ActErrno, Architectures: []specs.Arch{specs.ArchX86, "x86"}},
			`linux.seccomp.architectures[1]: "x86": unknown architecture`},
		{"flag", &specs.LinuxSeccomp{DefaultAction: specs.ActErrno, Flags: []specs.LinuxSeccompFlag{"LOG"}},
			`linux.seccomp.flags[0]: "LOG": unknown flag`},
		{"action", base(rule("SCMP_ACT_DENY", "read")), `linux.seccomp.syscalls[0].action: "SCMP_ACT_DENY": unknown action`},
		{"errno where it means nothing", base(specs.LinuxSyscall{Names: []string{"read"}, Action: specs.ActAllow, ErrnoRet: errno(1)}),
			`linux.seccomp.syscalls[0].errnoRet: "1": SCMP_ACT_ALLOW takes no error number`},
		{"trace number too large", base(specs.LinuxSyscall{Names: []string{"read"}, Action: specs.ActTrace, ErrnoRet: errno(65536)}),
			`linux.seccomp.syscalls[0].errnoRet: "65536": SCMP_ACT_TRACE takes at most 65535`},
		{"operator", base(rule(specs.ActAllow, "read"), arg(specs.LinuxSeccompArg{Op: "=="})),
			`linux.seccomp.syscalls[1].args[0].op: "==": unknown operator`},
		{"argument", base(arg(specs.LinuxSeccompArg{Op: specs.OpEqualTo, Index: 6})),
			`linux.seccomp.syscalls[0].args[0].index: 6: a system call has arguments 0 to 5`},
		{"too many conditions", base(specs.LinuxSyscall{Names: []string{"read"}, Action: specs.ActAllow, Args: make([]specs.LinuxSeccompArg, 256)}),
			`linux.seccomp.syscalls[0].args: 256 conditions: at most 255 are possible`},
		{"no names", base(rule(specs.ActAllow)), `linux.seccomp.syscalls[0].names: empty: at least one system call is required`},
		{"empty name", base(rule(specs.ActAllow, "read", "")), `linux.seccomp.syscalls[0].names[1]: "": not the name of a system call`},
		{"notify without listener", base(rule(specs.ActNotify, "mkdir")),
			`linux.seccomp.listenerPath: empty, but SCMP_ACT_NOTIFY is used: nobody would answer the notifications`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Load(tt.p, Options{CompilerPath: compilerPath})
			if err == nil || err.Error() != tt.want {
				t.Errorf("%v\nwant %s", err, tt.want)
			}
		})
	}
}

func TestAllMistakesInAProfileAreToldTogether(t *testing.T) {
	_, err := Load(&specs.LinuxSeccomp{
		DefaultAction: "ALLOW", Architectures: []specs.Arch{"x86", "x87"}, Flags: []specs.LinuxSeccompFlag{"LOG", "SPEC"},
		Syscalls: []specs.LinuxSyscall{
			{Names: []string{"", "read"}, Action: "DENY", Args: []specs.LinuxSeccompArg{{Op: "=="}, {Op: specs.OpEqualTo, Index: 6}}},
			rule(specs.ActAllow),
		},
	}, Options{CompilerPath: compilerPath})
	want := []string{"defaultAction", "architectures[0]", "architectures[1]", "syscalls[0].action", "syscalls[0].args[0].op", "syscalls[0].args[1].index",
		"syscalls[0].names[0]", "syscalls[1].names", "flags[0]", "flags[1]"}
	lines := strings.Split(fmt.Sprint(err), "\n")
	for i, line := range lines {
		if len(lines) != len(want) || !strings.HasPrefix(line, "linux.seccomp."+want[i]+": ") {
			t.Fatalf("%v\nwant one line about each of %q", err, want)
		}
	}
}

func TestOfRulesThatContradictEachOtherTheFirstWins(t *testing.T) {
	p := &specs.LinuxSeccomp{DefaultAction: specs.ActErrno, Syscalls: []specs.LinuxSyscall{
		rule(specs.ActAllow, "read"), rule(specs.ActKill, "write", "read"),
		{Names: []string{"read"}, Action: specs.ActTrap, Args: []specs.LinuxSeccompArg{{Index: 0, Op: specs.OpEqualTo, Value: 3}}},
	}}
	prog := load(t, p).Program
	for nr, want := range map[uint32]uint32{unix.SYS_READ: unix.SECCOMP_RET_ALLOW, unix.SYS_WRITE: unix.SECCOMP_RET_KILL} {
		got, _, err := oracle.Run(prog, oracle.Call{Nr: nr, Arch: auditArch(), Args: [6]uint64{3}})
		if err != nil || got != want {
			t.Errorf("call %d: %#x, %v, want %#x", nr, got, err, want)
		}
	}
}

func TestRulesWithTheSameConditionsMustAgree(t *testing.T) {
	with := func(act specs.LinuxSeccompAction) specs.LinuxSyscall {
		return specs.LinuxSyscall{Names: []string{"close"}, Action: act, Args: []specs.LinuxSeccompArg{{Op: specs.OpEqualTo, Value: 3}}}
	}
	p := &specs.LinuxSeccomp{DefaultAction: specs.ActErrno, Syscalls: []specs.LinuxSyscall{with(specs.ActLog), with(specs.ActLog)}}
	agree(t, p, load(t, p).Program, native(t), nil)
	p.Syscalls[1] = with(specs.ActTrap)
	_, err := Load(p, Options{CompilerPath: compilerPath})
	if err == nil || !strings.HasPrefix(err.Error(), "linux.seccomp.syscalls[1]: close: ") ||
		!strings.HasSuffix(err.Error(), ": an earlier rule gives the same call another action: file exists") {
		t.Errorf("%v", err)
	}
}

func TestCallsThatInitMakesMayBeNotified(t *testing.T) {
	for _, c := range reporting {
		p := &specs.LinuxSeccomp{DefaultAction: specs.ActErrno, ListenerPath: "/run/agent.sock",
			Syscalls: []specs.LinuxSyscall{rule(specs.ActNotify, c.name)}}
		if c.name != "execve" {
			p.Syscalls = append(p.Syscalls, rule(specs.ActAllow, "execve"))
		}
		f := load(t, p)
		if !f.Notify {
			t.Errorf("%s: no listener", c.name)
		}
		if got := outcomes(f.Program, c.nr); len(got) != 1 || got[0] != unix.SECCOMP_RET_USER_NOTIF {
			t.Errorf("%s gets %#x", c.name, got)
		}
	}
}

func TestNoProfileMeansNoFilter(t *testing.T) {
	for _, p := range []*specs.LinuxSeccomp{nil, {}, {Architectures: []specs.Arch{specs.ArchX86}}} {
		if f, err := Load(p, Options{CompilerPath: "/nonexistent"}); f != nil || err != nil {
			t.Errorf("%v, %v", f, err)
		}
	}
}

func TestWhatTheKernelLacksIsNamedAndSaysSince(t *testing.T) {
	u := uses{}
	u.add(unix.SECCOMP_RET_LOG)
	err := u.check(&specs.LinuxSeccomp{}, 0)
	if err == nil || err.Error() != "linux.seccomp: SCMP_ACT_LOG: not available here, needs Linux 4.14" || !errors.Is(err, unix.EOPNOTSUPP) {
		t.Errorf("%v", err)
	}
	if err := u.check(&specs.LinuxSeccomp{}, 2); err != nil {
		t.Errorf("with the action: %v", err)
	}
}

func TestTheCanonicalFormLeavesOutWhatMeansNothing(t *testing.T) {
	a, b := sample(), sample()
	b.Flags = []specs.LinuxSeccompFlag{specs.LinuxSeccompFlagLog}
	b.ListenerPath = "/run/agent.sock"
	b.DefaultErrnoRet = errno(uint(unix.EPERM))
	b.Syscalls[1].Args[0].ValueTwo = 99 // only SCMP_CMP_MASKED_EQ has two
	x, _, err1 := appendProfile(nil, a)
	y, _, err2 := appendProfile(nil, b)
	if err1 != nil || err2 != nil || string(x) != string(y) {
		t.Errorf("%q\n%q\n%v %v", x, y, err1, err2)
	}
	b.Syscalls[1].Args[1].ValueTwo++
	if y, _, _ = appendProfile(nil, b); string(x) == string(y) {
		t.Error("a different mask has the same form")
	}
}

func TestTheCompilerReadsWhatIsWritten(t *testing.T) {
	p := docker(t)
	b, _, err := appendProfile(nil, p)
	if err != nil {
		t.Fatal(err)
	}
	got, err := wire.Read(b)
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Rules) != len(p.Syscalls) {
		t.Fatalf("%d rules, want %d", len(got.Rules), len(p.Syscalls))
	}
	for i, r := range got.Rules {
		s := p.Syscalls[i]
		if strings.Join(r.Names, " ") != strings.Join(s.Names, " ") || len(r.Args) != len(s.Args) {
			t.Errorf("rule %d: %+v, want %+v", i, r, s)
		}
		for k, a := range r.Args {
			want := wire.Arg{Index: uint8(s.Args[k].Index), Op: a.Op, Value: s.Args[k].Value, ValueTwo: s.Args[k].ValueTwo}
			if a != want || a.Op.String() != string(s.Args[k].Op) {
				t.Errorf("rule %d argument %d: %+v, want %+v", i, k, a, s.Args[k])
			}
		}
	}
}
