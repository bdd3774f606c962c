package lifecycle

import (
	"os"
	"strings"
	"testing"

	"github.com/creel-project/creel/tests/harness"
	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

// oneLine fails the test unless the command failed with one line that has all of want.
func oneLine(h *harness.H, r harness.Result, want ...string) {
	h.Helper()
	h.Fails(r, want...)
	if strings.Count(r.Stderr, "\n") != 1 {
		h.Errorf("more than one line: %s", r.Stderr)
	}
}

func TestAFilterUnderWhichNothingCanBeExecutedIsRefused(t *testing.T) {
	for action, word := range map[specs.LinuxSeccompAction]string{
		specs.ActErrno: "SCMP_ACT_ERRNO", specs.ActKillProcess: "SCMP_ACT_KILL_PROCESS", specs.ActTrap: "SCMP_ACT_TRAP",
	} {
		h := harness.New(t)
		b := h.Bundle(filter(action, "execve", "sendmsg"))
		for range 2 { // a cache must not forgive
			for _, command := range []string{"create", "run"} {
				oneLine(h, h.Creel(command, "--bundle", b, h.ID()),
					"linux.seccomp: no process can be executed under the filter: execve gets "+word)
			}
		}
		if left := h.Containers(); len(left) > 0 {
			t.Errorf("left %v", left)
		}
	}
}

func TestAFilterThatRefusesSomeCallsOfExecveAllowsOthers(t *testing.T) {
	h := harness.New(t)
	expect(t, h.Sh("echo ran", filter(specs.ActErrno, "execve"), func(s *specs.Spec) {
		s.Linux.Seccomp.Syscalls[0].Args = []specs.LinuxSeccompArg{{Index: 1, Op: specs.OpEqualTo}}
	}), "ran")
}

// What goes wrong behind the wait for start is told by whoever lets init go on,
// even if the filter keeps init from telling it.
func TestAProcessThatIsNotExecutedIsAnError(t *testing.T) {
	reapNothing(t)
	const hidden = "linux.seccomp: a filter that refuses sendmsg(2) hides why execve(2) fails"
	for name, c := range map[string]struct {
		filter harness.Mutate
		want   string // of start
		run    string // of run, which sees init's status besides
	}{
		"told":              {filter(specs.ActErrno, "mkdir"), "process.args[0]: exec /program: no such file or directory", ""},
		"traced by nobody":  {filter(specs.ActTrace, "execve"), "process.args[0]: exec /program: function not implemented", ""},
		"not told":          {filter(specs.ActErrno, "sendmsg"), hidden, "init ended with status 1"},
		"killed as it told": {filter(specs.ActKillProcess, "sendmsg"), hidden, "init was killed by signal SIGSYS"},
		"cannot even exit":  {filter(specs.ActErrno, "sendmsg", "exit_group"), hidden, "init was killed by signal SIG"},
	} {
		t.Run(name, func(t *testing.T) {
			privilege(t, func(t *testing.T, m harness.Mutate) {
				h := harness.New(t)
				root := h.OwnRoot()
				h.WriteFile(root+"/program", "#!/nowhere\n", 0o755)
				b := h.Bundle(harness.Root(root), harness.Args("/program"), c.filter, m)
				ctr := h.Create(b)
				pid := h.State(ctr.ID).Pid
				oneLine(h, h.Creel("start", ctr.ID), c.want)
				h.WaitFor(ctr.ID, "stopped")
				_, err := unix.Wait4(pid, nil, 0, nil)
				h.Must(err)
				h.Ok(h.Creel("delete", ctr.ID))
				for _, flags := range [][]string{nil, {"--detach"}} {
					oneLine(h, h.Run(b, flags...), c.want, c.run)
				}
				if left := h.Containers(); len(left) > 0 {
					t.Errorf("left %v", left)
				}
			})
		})
	}
}

// reapNothing makes this process the parent of every init that is left without
// one: it stays until the test asks for it.
func reapNothing(t *testing.T) {
	set := func(on uintptr) {
		if err := unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, on, 0, 0, 0); err != nil {
			t.Fatal(err)
		}
	}
	set(1)
	t.Cleanup(func() { set(0) })
}

// A process is called by its program, or what it likes.
func TestAProcessThatIsCalledLikeInitIsExecuted(t *testing.T) {
	h := harness.New(t)
	root := h.OwnRoot()
	h.WriteFile(root+"/creel:[INIT]", "#!/bin/sh\nsleep 1000 & wait\n", 0o755)
	b := h.Bundle(harness.Root(root), harness.Args("/creel:[INIT]"))
	c := h.Started(b)
	if s := h.State(c.ID); s.Status != "running" {
		t.Errorf("state %+v", s)
	}
	h.Ok(h.Run(b, "--detach"))
}

func TestALimitThatStartCannotSetIsAnError(t *testing.T) {
	h := harness.New(t)
	ctr := h.Create(h.Bundle(rlimit("RLIMIT_NOFILE", 5, 4096)))
	// whoever lowers the hard limit now has init without the privilege to raise it
	h.Must(unix.Prlimit(h.State(ctr.ID).Pid, unix.RLIMIT_NOFILE, &unix.Rlimit{Cur: 60, Max: 60}, nil))
	oneLine(h, h.Creel("start", ctr.ID), "process.rlimits[0]: set RLIMIT_NOFILE to soft 5, hard 4096: operation not permitted")
	h.WaitFor(ctr.ID, "stopped")
}

// The directory was entered before created: it is the process's, name or no name.
func TestAWorkingDirectoryThatIsRemovedBeforeStartIsStillTheProcesss(t *testing.T) {
	h := harness.New(t)
	root := h.OwnRoot()
	ctr := h.Create(h.Bundle(harness.Root(root), harness.Script("ls -a; ls -d /work || echo gone"),
		func(s *specs.Spec) { s.Process.Cwd = "/work" }))
	h.Must(os.Remove(root + "/work"))
	h.Ok(h.Creel("start", ctr.ID))
	ctr.Says("gone\n")
}

func TestAnInitThatIsKilledWhileItsHooksRunFailsStart(t *testing.T) {
	h := harness.New(t)
	ctr := h.Create(h.Bundle(func(s *specs.Spec) {
		s.Hooks = &specs.Hooks{StartContainer: []specs.Hook{{Path: "/bin/sleep", Args: []string{"sleep", "1000"}}}}
	}))
	start := h.Go(nil, "start", ctr.ID)
	pid := h.State(ctr.ID).Pid
	h.Eventually("the hook runs", func() bool {
		return len(h.CgroupPids(harness.AnyCgroup, ctr.ID)) == 2
	})
	h.Must(unix.Kill(pid, unix.SIGKILL))
	oneLine(h, start.Result(), "init ended before it executed the process")
	h.WaitFor(ctr.ID, "stopped")
}
