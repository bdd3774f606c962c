package lifecycle

import (
	"runtime"
	"strings"
	"testing"

	"github.com/creel-project/creel/tests/harness"
	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

// callersSlack gives this thread, and what it starts, a timer slack of its own.
func callersSlack(t *testing.T, ns uintptr) {
	t.Helper()
	runtime.LockOSThread()
	t.Cleanup(runtime.UnlockOSThread)
	old, err := unix.PrctlRetInt(unix.PR_GET_TIMERSLACK, 0, 0, 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = unix.Prctl(unix.PR_SET_TIMERSLACK, uintptr(old), 0, 0, 0) })
	if err := unix.Prctl(unix.PR_SET_TIMERSLACK, ns, 0, 0, 0); err != nil {
		t.Fatal(err)
	}
}

// Both what it is and what it falls back to, see /proc/pid/timerslack_ns in proc(5).
const showSlack = "cat /proc/self/timerslack_ns; echo 0 > /proc/self/timerslack_ns; cat /proc/self/timerslack_ns"

func TestTheProcessHasTheTimerSlackOfItsCaller(t *testing.T) {
	h := harness.New(t)
	callersSlack(t, 70_000)
	expect(t, h.Sh(showSlack), "70000\n70000")
}

func TestAHookHasTheTimerSlackOfItsCaller(t *testing.T) {
	h := harness.New(t)
	callersSlack(t, 70_000)
	out := h.Path("slack")
	h.Sh("true", hook("createRuntime", "{ "+showSlack+"; } > "+out), hook("poststop", "{ "+showSlack+"; } >> "+out))
	expect(t, h.Host("cat "+out), "70000\n70000\n70000\n70000\n")
}

func TestRunItselfLetsItsTimersSlack(t *testing.T) {
	h := harness.New(t)
	c := foreground(h, harness.Script("echo up; exec sleep 1000"))
	expect(t, h.ProcFile(c.Process.Process.Pid, "timerslack_ns"), "2000000\n")
	h.Ok(h.Creel("kill", c.ID, "KILL"))
	c.Result()
}

// limited runs creel with a soft limit of open files. Go notes the limit of its own
// start for its children, so a shell sets it.
func limited(h *harness.H, files string, args ...string) string {
	h.Helper()
	return h.Host("ulimit -S -n " + files + "; exec " + harness.Program() + " --root " + h.Root + " " + strings.Join(args, " "))
}

func TestTheProcessHasTheFileLimitOfItsCaller(t *testing.T) {
	h := harness.New(t)
	out := h.Path("hook")
	b := h.Bundle(harness.Script("ulimit -S -n; ulimit -H -n"), func(s *specs.Spec) { s.Process.Rlimits = nil },
		hook("createRuntime", "ulimit -S -n > "+out))
	expect(t, limited(h, "777", "run", "--bundle", b, h.ID()), "777\n"+h.Host("ulimit -H -n"))
	expect(t, h.Host("cat "+out), "777\n")
}

func TestNothingOfCreelsOwnStartReachesAnEnvironment(t *testing.T) {
	h := harness.New(t)
	out := h.Path("hook")
	b := h.Bundle(harness.Args("env"), func(s *specs.Spec) { s.Process.Env = []string{"PATH=/bin", "HOME=/"} },
		hook("createRuntime", "env > "+out))
	for _, got := range []string{h.Ok(h.Creel("run", "--bundle", b, h.ID())).Stdout, h.Host("cat " + out)} {
		if contains(got, "GOMAXPROCS") {
			t.Error(got)
		}
	}
}

func TestRunHoldsNoFileOfItsOwnCgroupsLimits(t *testing.T) {
	h := harness.New(t)
	c := foreground(h, harness.Script("echo up; exec sleep 1000"))
	if got := h.Host("ls -l /proc/" + itoa(c.Process.Process.Pid) + "/fd"); contains(got, "cpu.") {
		t.Error(got)
	}
	h.Ok(h.Creel("kill", c.ID, "KILL"))
	c.Result()
}
