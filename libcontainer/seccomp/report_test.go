package seccomp

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"

	"github.com/creel-project/creel/libcontainer/seccomp/oracle"
)

func refusals(t *testing.T, p *specs.LinuxSeccomp) string {
	t.Helper()
	list, err := CheckReporting(load(t, p).Program)
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprint(list)
}

func TestAFilterThatLetsInitReportIsFine(t *testing.T) {
	p := sample()
	p.Syscalls = append(p.Syscalls, rule(specs.ActLog, "sendmsg"))
	for _, p := range []*specs.LinuxSeccomp{p, docker(t), {DefaultAction: specs.ActAllow}} {
		if got := refusals(t, p); got != "[]" {
			t.Error(got)
		}
	}
}

func TestCallsThatInitMissesAreReported(t *testing.T) {
	only := func(def specs.LinuxSeccompAction, names ...string) *specs.LinuxSeccomp {
		return &specs.LinuxSeccomp{DefaultAction: def, Syscalls: []specs.LinuxSyscall{rule(specs.ActAllow, names...)}}
	}
	some := only(specs.ActErrno, "execve", "exit_group")
	some.Syscalls = append(some.Syscalls, specs.LinuxSyscall{Names: []string{"sendmsg"}, Action: specs.ActAllow,
		Args: []specs.LinuxSeccompArg{{Index: 0, Op: specs.OpLessThan, Value: 3}}})
	several := only(specs.ActKillProcess, "execve", "sendmsg")
	several.Syscalls = append(several.Syscalls, specs.LinuxSyscall{Names: []string{"exit_group"}, Action: specs.ActErrno,
		Args: []specs.LinuxSeccompArg{{Index: 0, Op: specs.OpEqualTo}}})
	for want, p := range map[string]*specs.LinuxSeccomp{
		"[sendmsg gets SCMP_ACT_KILL_PROCESS exit_group gets SCMP_ACT_KILL_PROCESS]": only(specs.ActKillProcess, "execve", "mkdirat"),
		"[execve gets SCMP_ACT_ERRNO]":                      only(specs.ActErrno, "sendmsg", "exit_group"),
		"[exit_group gets SCMP_ACT_TRACE]":                  only(specs.ActTrace, "sendmsg", "execve"),
		"[sendmsg gets SCMP_ACT_ERRNO with some arguments]": some,
		"[exit_group gets SCMP_ACT_KILL_PROCESS]":           several,
	} {
		if got := refusals(t, p); got != want {
			t.Errorf("%s\nwant %s", got, want)
		}
	}
}

func TestABadProgramIsNotInspected(t *testing.T) {
	if _, err := CheckReporting([]byte("12345678")); err == nil {
		t.Error("it was")
	}
}

// Whatever a filter answers to a call must be among the outcomes that are
// foreseen for it.
func TestEveryAnswerIsForeseen(t *testing.T) {
	p := docker(t)
	p.Syscalls = append(p.Syscalls, sample().Syscalls[2], specs.LinuxSyscall{Names: []string{"sync"}, Action: specs.ActTrap,
		Args: []specs.LinuxSeccompArg{{Index: 3, Op: specs.OpMaskedEqual, Value: 0xf0, ValueTwo: 0x30}, {Index: 4, Op: specs.OpGreaterThan, Value: 1 << 35}}})
	prog := load(t, p).Program
	rnd := rand.New(rand.NewPCG(3, 4))
	values := interesting(p)
	for _, nr := range callsOf(p, native(t)) {
		foreseen := outcomes(prog, nr)
		var met []uint32
		for range 200 {
			c := oracle.Call{Nr: nr, Arch: auditArch(), IP: rnd.Uint64()}
			for i := range c.Args {
				c.Args[i] = values[rnd.IntN(len(values))]
			}
			got, _, err := oracle.Run(prog, c)
			if err != nil || !slices.Contains(foreseen, got) {
				t.Fatalf("call %d: %#x, %v; foreseen %#x", nr, got, err, foreseen)
			}
			met = append(met, got)
		}
		slices.Sort(met)
		if slices.Sort(foreseen); nr == unix.SYS_GETPID && !slices.Equal(slices.Compact(foreseen), slices.Compact(met)) {
			t.Errorf("call %d: foreseen %#x, met %#x", nr, foreseen, met)
		}
	}
}
