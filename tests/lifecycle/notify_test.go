package lifecycle

import (
	"encoding/json"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/creel-project/creel/tests/harness"
	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

// notifies gives a config a filter that asks the agent at path about some calls.
func notifies(path string, names ...string) harness.Mutate {
	return func(s *specs.Spec) {
		filter(specs.ActNotify, names...)(s)
		s.Linux.Seccomp.ListenerPath, s.Linux.Seccomp.ListenerMetadata = path, "of the test"
	}
}

// agentForMkdir lets directories be made whose name has no "bad" in it.
func agentForMkdir(h *harness.H) *harness.Agent {
	h.Helper()
	var a *harness.Agent
	a = h.Agent("agent.sock", func(c harness.Call) harness.Answer {
		if strings.Contains(a.Read(c, c.Args[0]), "bad") {
			return harness.Answer(unix.ENOLINK)
		}
		return harness.Continue
	})
	return a
}

const mkdirs = `mkdir /dev/shm/good && ls /dev/shm; mkdir /dev/shm/bad 2>&1; ls -1 /proc/self/fd`

const mkdirsSay = "good\nmkdir: can't create directory '/dev/shm/bad': Link has been severed\n" + onlyStdio

func TestAnAgentAnswersTheCallsOfAContainer(t *testing.T) {
	privilege(t, func(t *testing.T, m harness.Mutate) {
		h := harness.New(t)
		a := agentForMkdir(h)
		b := h.Bundle(harness.Script(mkdirs), notifies(a.Path, "mkdir"), m)
		expect(t, h.Ok(h.Run(b)).Stdout, mkdirsSay)

		c := h.Create(b)
		if n := len(a.States()); n != 1 {
			t.Errorf("%d listeners before start, not that of run alone", n)
		}
		h.Ok(h.Creel("start", c.ID))
		h.WaitFor(c.ID, "stopped")
		expect(t, c.Output(), mkdirsSay)
		if n := len(a.Calls()); n != 4 {
			t.Errorf("the agent was asked %d times: %v", n, a.Calls())
		}
	})
}

func TestAnAgentIsToldOfTheProcessAndItsContainer(t *testing.T) {
	for _, command := range []string{"run", "start"} {
		t.Run(command, func(t *testing.T) {
			h := harness.New(t)
			a := agentForMkdir(h)
			b := h.Bundle(harness.Script("mkdir /dev/shm/good; exec sleep 1000"), notifies(a.Path, "mkdir"),
				func(s *specs.Spec) { s.Annotations = map[string]string{"org.example.key": "value"} })
			id := h.ID()
			if command == "run" {
				h.Ok(h.Creel("run", "--detach", "--bundle", b, id))
			} else {
				h.Ok(h.Creel("create", "--bundle", b, id))
				h.Ok(h.Creel("start", id))
			}
			h.Eventually("the agent was asked", func() bool { return len(a.Calls()) == 1 })
			pid := h.State(id).Pid
			want := specs.ContainerProcessState{
				Version: specs.Version, Fds: []string{"seccompFd"}, Pid: pid, Metadata: "of the test",
				State: specs.State{Version: specs.Version, ID: id, Status: specs.StateCreated, Pid: pid, Bundle: b,
					Annotations: map[string]string{"org.example.key": "value"}},
			}
			text, err := json.Marshal(a.States())
			h.Must(err)
			wanted, err := json.Marshal([]specs.ContainerProcessState{want})
			h.Must(err)
			expect(t, string(text), string(wanted))
			if got := a.Calls()[0].Nr; got != unix.SYS_MKDIR {
				t.Errorf("call %d", got)
			}
		})
	}
}

func TestTheFlagsOfAFilterWithNotificationsAreUsed(t *testing.T) {
	for _, flags := range [][]specs.LinuxSeccompFlag{
		{}, {specs.LinuxSeccompFlagWaitKillableRecv}, {"SECCOMP_FILTER_FLAG_TSYNC", specs.LinuxSeccompFlagLog, specs.LinuxSeccompFlagSpecAllow},
	} {
		h := harness.New(t)
		a := agentForMkdir(h)
		got := h.Sh(mkdirs, notifies(a.Path, "mkdir"), func(s *specs.Spec) { s.Linux.Seccomp.Flags = flags })
		expect(t, got+"\n", mkdirsSay)
	}
}

// With SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV only a deadly signal interrupts a call that the
// agent has received: the caller waits as for a disk, D in proc(5).
func TestAReceivedCallIsNotInterruptedIfTheFlagsSaySo(t *testing.T) {
	h := harness.New(t)
	received, answer := make(chan int), make(chan struct{})
	a := h.Agent("agent.sock", func(c harness.Call) harness.Answer {
		received <- c.Pid
		<-answer
		return harness.Answer(unix.ENOLINK)
	})
	b := h.Bundle(harness.Script(`trap 'echo alarm' ALRM; cd /tmp 2>&1 || true`), notifies(a.Path, "chdir"), func(s *specs.Spec) {
		s.Linux.Seccomp.Flags = []specs.LinuxSeccompFlag{specs.LinuxSeccompFlagWaitKillableRecv}
	})
	p := h.Go(nil, "run", "--bundle", b, h.ID())
	pid := <-received
	h.Must(unix.Kill(pid, unix.SIGALRM))
	h.Eventually("the caller cannot be interrupted", func() bool { return strings.Contains(h.ProcFile(pid, "stat"), ") D ") })
	close(answer)
	expect(t, h.Ok(p.Result()).Stdout, "/bin/sh: cd: line 0: can't cd to /tmp: Link has been severed\nalarm\n")
}

func TestWithoutAnAgentNothingIsExecutedAndNothingStays(t *testing.T) {
	h := harness.New(t)
	file := h.Path("file")
	h.WriteFile(file, "", 0o644)
	deaf := h.Path("deaf.sock")
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: deaf, Net: "unix"})
	h.Must(err)
	l.SetUnlinkOnClose(false)
	h.Must(l.Close())
	for path, want := range map[string]string{
		h.Path("nobody"): "no such file or directory", file: "socket operation on non-socket", "nobody": "no such file or directory",
		deaf: "connection refused", "@creel-nobody": "connection refused",
	} {
		b := h.Bundle(harness.Args("/bin/touch", "/mnt/executed"), notifies(path, "mkdir"), harness.Bind(h.Path(), "/mnt", "rw"))
		full := path
		if !strings.ContainsAny(path, "/@") {
			full = filepath.Join(b, path)
		}
		words := []string{"linux.seccomp.listenerPath: seccomp agent at " + full + ": ", want}
		oneLine(h, h.Run(b), words...)
		oneLine(h, h.Run(b, "--detach"), words...)
		if want == "connection refused" { // only who connects sees it
			c := h.Create(b)
			oneLine(h, h.Creel("start", c.ID), words...)
		} else {
			oneLine(h, h.Creel("create", "--bundle", b, h.ID()), words...)
		}
		if left := h.Containers(); len(left) > 0 {
			t.Errorf("%s: left %v", path, left)
		}
	}
	if _, err := os.Stat(h.Path("executed")); err == nil {
		t.Error("the process was executed")
	}
}

// An agent that takes nothing but the connection gets none of the container's calls.
func TestAnAgentThatGoesAwayFailsRunAndStart(t *testing.T) {
	h := harness.New(t)
	path := h.Path("agent.sock")
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	h.Must(err)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := l.AcceptUnix()
			if err != nil {
				return
			}
			conn.Close()
		}
	}()
	defer func() { l.Close(); <-done }()
	b := h.Bundle(harness.Args("/bin/mkdir", "/dev/shm/d"), notifies(path, "mkdir"))
	// it may be gone before the listener is sent, or take it along
	for range 10 {
		r := h.Run(b)
		if !strings.Contains(r.Stderr, "linux.seccomp.listenerPath: seccomp agent at "+path+": send the listener: ") &&
			!strings.Contains(r.Stderr, "Function not implemented") {
			t.Error(r)
		}
	}
}

func TestCallsOfAnAgentThatHasEndedAreNotThere(t *testing.T) {
	h := harness.New(t)
	a := agentForMkdir(h)
	c := h.Started(h.Bundle(notifies(a.Path, "mkdir"), harness.Script(`mkdir /dev/shm/good; echo made
		until [ -e /mnt/gone ]; do sleep 0.01; done; mkdir /dev/shm/other; echo`), harness.Bind(h.Path(), "/mnt", "ro")))
	c.Says("made")
	a.Close()
	h.WriteFile(h.Path("gone"), "", 0o644)
	h.WaitFor(c.ID, "stopped")
	has(t, c.Errors(), "can't create directory '/dev/shm/other': Function not implemented")
}

func TestARelativeListenerPathIsTheBundles(t *testing.T) {
	h := harness.New(t)
	a := agentForMkdir(h)
	b := h.Bundle(harness.Script(mkdirs), notifies("agent.sock", "mkdir"))
	h.Must(os.Symlink(a.Path, filepath.Join(b, "agent.sock")))
	expect(t, h.Ok(h.Run(b)).Stdout, mkdirsSay)
	c := h.Started(b)
	h.WaitFor(c.ID, "stopped")
	expect(t, c.Output(), mkdirsSay)
}

func TestAListenerPathWithoutNotificationsIsNotLookedAt(t *testing.T) {
	h := harness.New(t)
	expect(t, h.Sh("echo ran", notifies("/nowhere", "mkdir"), func(s *specs.Spec) { s.Linux.Seccomp.Syscalls[0].Action = specs.ActLog }), "ran")
}

func TestNotificationsNeedACallAndAnAgent(t *testing.T) {
	h := harness.New(t)
	a := agentForMkdir(h)
	h.Fails(h.Run(h.Bundle(notifies("", "mkdir"), func(s *specs.Spec) { s.Linux.Seccomp.ListenerMetadata = "" })), "linux.seccomp.listenerPath: ")
	h.Fails(h.Run(h.Bundle(notifies(a.Path, "mkdir"), func(s *specs.Spec) { s.Linux.Seccomp.DefaultAction = specs.ActNotify })), "linux.seccomp.defaultAction: ")
	if n := len(a.States()); n != 0 {
		t.Errorf("the agent got %d listeners", n)
	}
}

// What init does not call behind the filter may be notified, also what a filter that
// allows next to nothing would refuse it.
func TestWhatEveryProgramCallsMayBeNotified(t *testing.T) {
	h := harness.New(t)
	a := h.Agent("agent.sock", func(harness.Call) harness.Answer { return harness.Continue })
	names := []string{"open", "openat", "read", "write", "close", "mmap", "brk", "futex", "recvmsg", "sendto", "prctl", "rt_sigprocmask", "exit"}
	privilege(t, func(t *testing.T, m harness.Mutate) {
		h := harness.New(t)
		b := h.Bundle(harness.Args("/bin/echo", "done"), notifies(a.Path, names...), m)
		expect(t, h.Ok(h.Run(b)).Stdout, "done\n")
		c := h.Started(b)
		h.WaitFor(c.ID, "stopped")
		expect(t, c.Output(), "done\n")
	})
	if !slices.ContainsFunc(a.Calls(), func(c harness.Call) bool { return c.Nr == unix.SYS_WRITE }) {
		t.Error("nobody was asked about write")
	}
}

func TestAProcessThatIsNotExecutedBehindNotificationsIsAnError(t *testing.T) {
	h := harness.New(t)
	a := agentForMkdir(h)
	root := h.OwnRoot()
	h.WriteFile(root+"/program", "#!/nowhere\n", 0o755)
	b := h.Bundle(harness.Root(root), harness.Args("/program"), notifies(a.Path, "mkdir"))
	const want = "process.args[0]: exec /program: no such file or directory"
	oneLine(h, h.Run(b), want)
	c := h.Create(b)
	oneLine(h, h.Creel("start", c.ID), want)
	h.WaitFor(c.ID, "stopped")
}

func TestAnOrdinaryUsersContainerHasAnAgent(t *testing.T) {
	h := harness.New(t)
	u := newUser(h)
	a := h.Agent("home/agent.sock", func(c harness.Call) harness.Answer { return harness.Answer(unix.ENOLINK) })
	h.Must(os.Chmod(a.Path, 0o777))
	b := u.bundle(harness.Script("mkdir /dev/shm/bad 2>&1; ls -1 /proc/self/fd"), notifies(a.Path, "mkdir"))
	const want = "mkdir: can't create directory '/dev/shm/bad': Link has been severed\n" + onlyStdio
	expect(t, h.Ok(u.creel("run", "--bundle", b, "own").Result()).Stdout, want)
	c := u.creel("create", "--bundle", b, "own")
	h.Ok(c.Result())
	h.Ok(u.creel("start", "own").Result())
	h.Eventually("it is deleted", func() bool { return u.creel("delete", "own").Result().Status == 0 })
	expect(t, c.Output(), want)
}

func TestStartContainerHooksRunBeforeTheFilterAndGetNoFile(t *testing.T) {
	h := harness.New(t)
	a := agentForMkdir(h)
	b := h.Bundle(harness.Script(mkdirs), notifies(a.Path, "mkdir"), func(s *specs.Spec) {
		s.Hooks = &specs.Hooks{StartContainer: []specs.Hook{{Path: "/bin/sh", Args: []string{"sh", "-c",
			`mkdir /dev/shm/badly && rmdir /dev/shm/badly && [ "$(ls /proc/self/fd | wc -l)" = 4 ]`}}}}
	})
	expect(t, h.Ok(h.Run(b)).Stdout, mkdirsSay)
	c := h.Started(b)
	h.WaitFor(c.ID, "stopped")
	expect(t, c.Output(), mkdirsSay)
}
