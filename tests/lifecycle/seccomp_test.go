package lifecycle

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/creel-project/creel/tests/harness"
	"github.com/moby/profiles/seccomp"
	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

// filter gives a config a profile that does something else with some calls.
func filter(action specs.LinuxSeccompAction, names ...string) harness.Mutate {
	return func(s *specs.Spec) {
		s.Linux.Seccomp = &specs.LinuxSeccomp{
			DefaultAction: specs.ActAllow, Syscalls: []specs.LinuxSyscall{{Names: names, Action: action}},
		}
	}
}

// privilege runs a test with and without no_new_privs, as root and as a user.
func privilege(t *testing.T, test func(t *testing.T, m harness.Mutate)) {
	for name, m := range map[string]harness.Mutate{
		"root":                   func(*specs.Spec) {},
		"root who may gain more": func(s *specs.Spec) { s.Process.NoNewPrivileges = false },
		"user":                   func(s *specs.Spec) { s.Process.User = specs.User{UID: 1000, GID: 1000} },
		"user who may gain more": func(s *specs.Spec) {
			s.Process.NoNewPrivileges, s.Process.User = false, specs.User{UID: 1000, GID: 1000}
		},
		"user namespace": func(s *specs.Spec) { s.Process.NoNewPrivileges = false; harness.UserNS(0, 65536)(s) },
	} {
		t.Run(name, func(t *testing.T) { test(t, m) })
	}
}

func TestAFilterRefusesWithTheErrnoOfTheProfile(t *testing.T) {
	privilege(t, func(t *testing.T, m harness.Mutate) {
		h := harness.New(t)
		got := h.Sh("mkdir /dev/shm/d 2>&1; grep -E '^(Seccomp|CapEff)' /proc/self/status", filter(specs.ActErrno, "mkdir", "mkdirat"), m)
		has(t, got, "can't create directory '/dev/shm/d': Operation not permitted\n", "Seccomp:\t2")
		capEff := h.Sh("grep ^CapEff /proc/self/status", m)
		has(t, got, capEff) // what loading the filter needed is gone
		got = h.Sh("mkdir /dev/shm/d 2>&1 || true", filter(specs.ActErrno, "mkdir", "mkdirat"), m, func(s *specs.Spec) {
			s.Linux.Seccomp.Syscalls[0].ErrnoRet = harness.Ptr(uint(unix.ENOLINK))
		})
		has(t, got, "Link has been severed")
	})
}

func TestEachActionOfAFilterActs(t *testing.T) {
	for action, want := range map[specs.LinuxSeccompAction]int{
		specs.ActKill: 128 + 31, specs.ActKillProcess: 128 + 31, specs.ActKillThread: 128 + 31, specs.ActTrap: 128 + 31,
		specs.ActAllow: 0, specs.ActLog: 0, specs.ActErrno: 1, specs.ActTrace: 1,
	} {
		t.Run(string(action), func(t *testing.T) {
			h := harness.New(t)
			// in a pid namespace the first process survives SIGSYS that is sent, but not that of a filter
			if r := h.Run(h.Bundle(harness.Args("mkdir", "/dev/shm/d"), filter(action, "mkdir", "mkdirat"))); r.Status != want {
				t.Error(r)
			}
		})
	}
}

func TestAFilterMayLookAtArguments(t *testing.T) {
	h := harness.New(t)
	arg := func(op specs.LinuxSeccompOperator, value, two uint64) harness.Mutate {
		return func(s *specs.Spec) {
			filter(specs.ActErrno, "kill")(s)
			s.Linux.Seccomp.Syscalls[0].Args = []specs.LinuxSeccompArg{{Index: 1, Value: value, ValueTwo: two, Op: op}}
		}
	}
	// which of the signals 0 (none) and 18 (CONT) may not be sent
	for _, tt := range []struct {
		op         specs.LinuxSeccompOperator
		value, two uint64
		want       string
	}{
		{specs.OpEqualTo, 18, 0, "0"}, {specs.OpNotEqual, 18, 0, "18"}, {specs.OpGreaterThan, 17, 0, "0"}, {specs.OpGreaterEqual, 18, 0, "0"},
		{specs.OpLessThan, 18, 0, "18"}, {specs.OpLessEqual, 18, 0, ""}, {specs.OpMaskedEqual, 2, 2, "0"}, {specs.OpMaskedEqual, 1, 0, ""},
	} {
		got := h.Sh("kill -0 $$ 2>/dev/null && printf 0; kill -CONT $$ 2>/dev/null && printf 18; true", arg(tt.op, tt.value, tt.two))
		if got != tt.want {
			t.Errorf("%s %d %d: %q, want %q", tt.op, tt.value, tt.two, got, tt.want)
		}
	}
}

func TestAFilterMayAllowNothingButWhatItNames(t *testing.T) {
	h := harness.New(t)
	b := h.Bundle(harness.Args("/bin/true"), func(s *specs.Spec) {
		s.Linux.Seccomp = &specs.LinuxSeccomp{
			DefaultAction: specs.ActKillProcess,
			Syscalls: []specs.LinuxSyscall{{Action: specs.ActAllow, Names: []string{
				"execve", "exit_group", "brk", "prctl", "arch_prctl", "set_tid_address", "set_robust_list", "rseq", "prlimit64", "readlink", "readlinkat",
				"getrandom", "mprotect", "uname", "getuid", "setgid", "setuid", "getgid", "newfstatat", "fstat", "ioctl", "write",
			}}},
		}
		s.Process.NoNewPrivileges = true
	})
	h.Ok(h.Run(b))
}

func dockersProfile(s *specs.Spec) {
	p, err := seccomp.GetDefaultProfile(s)
	if err != nil {
		panic(err)
	}
	s.Linux.Seccomp = p
}

func TestDockersProfileRunsAndRefusesWhatItShould(t *testing.T) {
	privilege(t, func(t *testing.T, m harness.Mutate) {
		h := harness.New(t)
		got := h.Sh(`ls / > /dev/shm/list && grep -c bin /dev/shm/list; (sleep 0.01; echo child) & wait
			unshare -U true 2>&1; mount -t tmpfs none /tmp 2>&1; grep ^Seccomp: /proc/self/status`, m, dockersProfile)
		has(t, got, "1\nchild\nunshare: unshare(0x10000000): Operation not permitted\nmount: permission denied", "Seccomp:\t2")
	})
}

func TestADamagedCacheOfFiltersIsNotTrusted(t *testing.T) {
	h := harness.New(t)
	b := h.Bundle(harness.Script("mkdir /dev/shm/d 2>&1 || true"), filter(specs.ActErrno, "mkdir", "mkdirat"))
	const want = "mkdir: can't create directory '/dev/shm/d': Operation not permitted\n"
	expect(t, h.Ok(h.Run(b)).Stdout, want)
	damage := map[string]func(path string, size int64) error{
		"empty": func(path string, _ int64) error { return os.Truncate(path, 0) },
		"short": func(path string, n int64) error { return os.Truncate(path, n/2) },
		"zeros": func(path string, n int64) error { return os.WriteFile(path, make([]byte, n), 0o600) },
		"gone":  func(path string, _ int64) error { return os.Remove(path) },
	}
	for name, spoil := range damage {
		files := 0
		h.Must(filepath.WalkDir(h.Root, func(path string, d fs.DirEntry, err error) error {
			if err != nil || !d.Type().IsRegular() {
				return err
			}
			files++
			info, err := d.Info()
			if err != nil {
				return err
			}
			return spoil(path, info.Size())
		}))
		if files == 0 {
			t.Errorf("%s: nothing was cached", name)
		}
		expect(t, h.Ok(h.Run(b)).Stdout, want)
	}
}
