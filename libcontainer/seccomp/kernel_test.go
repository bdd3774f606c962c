package seccomp

import (
	"fmt"
	"slices"
	"testing"

	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

func call(nr uint, args ...uint64) string {
	s := fmt.Sprint(nr)
	for _, a := range args {
		s += fmt.Sprintf(":%#x", a)
	}
	return s
}

func TestTheKernelTakesEveryAction(t *testing.T) {
	const sigsys = "signal 31"
	p := &specs.LinuxSeccomp{DefaultAction: specs.ActAllow, Syscalls: []specs.LinuxSyscall{
		rule(specs.ActKill, "getpid"), rule(specs.ActKillThread, "getuid"), rule(specs.ActKillProcess, "getgid"),
		rule(specs.ActTrap, "geteuid"), rule(specs.ActErrno, "getegid"), rule(specs.ActTrace, "getppid"),
		rule(specs.ActLog, "sched_yield"),
		{Names: []string{"sync"}, Action: specs.ActErrno, ErrnoRet: errno(uint(unix.EILSEQ))},
	}}
	f := load(t, p)
	for nr, want := range map[uint]string{
		unix.SYS_GETPID: sigsys, unix.SYS_GETUID: sigsys, unix.SYS_GETGID: sigsys, unix.SYS_GETEUID: sigsys,
		unix.SYS_GETEGID: "Operation not permitted", unix.SYS_SCHED_YIELD: "ok", unix.SYS_GETTID: "ok",
		unix.SYS_GETPPID: "Function not implemented", // nobody traces
		unix.SYS_SYNC:    "Invalid or incomplete multibyte or wide character",
	} {
		if got := under(t, f, call(nr)); got[0] != want {
			t.Errorf("call %d: %s, want %s", nr, got[0], want)
		}
	}
}

func TestTheKernelRunsDockersDefaultProfile(t *testing.T) {
	f := load(t, docker(t))
	calls := []string{
		call(unix.SYS_GETPID), call(unix.SYS_KEXEC_LOAD), call(5000), call(unix.SYS_CLONE3),
		call(unix.SYS_PERSONALITY, 0xffffffff), call(unix.SYS_PERSONALITY, 1),
		call(unix.SYS_SOCKET, unix.AF_UNIX, unix.SOCK_STREAM), call(unix.SYS_SOCKET, unix.AF_VSOCK, unix.SOCK_STREAM),
	}
	const eperm, enosys = "Operation not permitted", "Function not implemented"
	want := []string{"ok", eperm, enosys, enosys, "ok", eperm, "ok", eperm}
	if got := under(t, f, calls...); !slices.Equal(got, want) {
		t.Errorf("%q\nwant %q", got, want)
	}
}

func TestTheKernelTakesEveryFlag(t *testing.T) {
	for _, word := range KnownFlags() {
		p := sample()
		p.Flags = []specs.LinuxSeccompFlag{specs.LinuxSeccompFlag(word)}
		p.Syscalls = append(p.Syscalls, rule(specs.ActAllow, "getpid"))
		if got := under(t, load(t, p), call(unix.SYS_GETPID)); got[0] != "ok" {
			t.Errorf("%s: %s", word, got[0])
		}
	}
}

func TestAnAgentAnswersNotifications(t *testing.T) {
	for _, flags := range [][]specs.LinuxSeccompFlag{
		nil, {}, {FlagTsync}, {specs.LinuxSeccompFlagWaitKillableRecv}, {FlagTsync, specs.LinuxSeccompFlagWaitKillableRecv, specs.LinuxSeccompFlagLog},
	} {
		p := &specs.LinuxSeccomp{DefaultAction: specs.ActAllow, Flags: flags, ListenerPath: "/run/agent.sock",
			Syscalls: []specs.LinuxSyscall{rule(specs.ActNotify, "mkdirat")}}
		got := under(t, load(t, p), "notify", call(unix.SYS_MKDIRAT))
		if got[0] != "No message of desired type" { // error 42
			t.Errorf("%v: %s", flags, got[0])
		}
	}
}
