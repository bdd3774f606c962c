package lifecycle

import (
	"debug/elf"
	"net"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/creel-project/creel/tests/harness"
	"github.com/opencontainers/runtime-spec/specs-go"
)

// sayer is a program of the tests' own in the container: busybox has none that sends a
// datagram to a socket. It is this test binary.
const sayer = "CREEL_TEST_SAY"

// init sends what the environment asks for, and ends.
func init() {
	text := os.Getenv(sayer)
	if text == "" {
		return
	}
	conn, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Name: os.Getenv("NOTIFY_SOCKET"), Net: "unixgram"})
	if err == nil {
		_, err = conn.Write([]byte(text))
	}
	if err != nil {
		os.Stdout.WriteString(err.Error() + "\n")
		os.Exit(1)
	}
	os.Exit(0)
}

// saying makes say TEXT a command of a script.
func saying(h *harness.H, script string) harness.Mutate {
	h.Helper()
	self, err := os.Executable()
	h.Must(err)
	program, err := os.ReadFile(self)
	h.Must(err)
	if f, err := elf.Open(self); err != nil || slices.ContainsFunc(f.Progs, func(p *elf.Prog) bool { return p.Type == elf.PT_INTERP }) {
		h.Fatalf("the tests are no static program, as CGO_ENABLED=0 makes them: %v", err)
	}
	h.WriteFile(h.Path("say"), string(program), 0o755) // where every user finds it
	return func(s *specs.Spec) {
		harness.Bind(h.Path("say"), "/dev/shm/say", "ro")(s)
		harness.Script(`say() { ` + sayer + `="$1" /dev/shm/say; }; ` + script)(s)
	}
}

func TestAServiceManagerHearsThatTheProcessIsReady(t *testing.T) {
	privilege(t, func(t *testing.T, mutate harness.Mutate) {
		h := harness.New(t)
		m := h.Manager(false)
		b := h.Bundle(saying(h, `echo $NOTIFY_SOCKET; ls -l $NOTIFY_SOCKET | cut -c 1-10; say STATUS=coming
			say 'STATUS=here
READY=1
X=y'
			trap 'exit 0' TERM; while :; do sleep 1000 & wait; done`), mutate)
		var c *harness.Container
		want := func(main int) {
			t.Helper()
			if got, want := m.Said(), []string{"READY=1\n", "MAINPID=" + itoa(main) + "\n", "BARRIER=1"}; !slices.Equal(got, want) {
				t.Errorf("the manager heard %q, want %q", got, want)
			}
			m.Forget()
			expect(t, c.Output(), "/run/notify/notify.sock\nsrwxrwxrwx\n")
			h.Ok(h.Creel("delete", "--force", c.ID))
		}
		c = &harness.Container{ID: h.ID()}
		c.Process = h.Go(m.Starts, "create", "--bundle", b, c.ID)
		h.Ok(c.Result())
		h.Ok(h.Go(m.Starts, "start", c.ID).Result())
		want(h.State(c.ID).Pid)

		c = &harness.Container{ID: h.ID()}
		c.Process = h.Go(m.Starts, "run", "--detach", "--bundle", b, c.ID)
		h.Ok(c.Result())
		want(h.State(c.ID).Pid)

		c = &harness.Container{ID: h.ID()}
		c.Process = h.Go(m.Starts, "run", "--bundle", b, c.ID)
		h.Eventually("the manager heard all", func() bool { return len(m.Said()) == 3 })
		want(c.Process.Process.Pid)
		c.Process.Wait()
	})
}

// What is said in the very moment of the end is said all the same.
func TestAProcessThatIsReadyAndEndsIsHeard(t *testing.T) {
	h := harness.New(t)
	m := h.Manager(false)
	b := h.Bundle(saying(h, "say READY=1"))
	for _, flags := range [][]string{nil, {"--detach"}} {
		h.Ok(h.Go(m.Starts, append(append([]string{"run", "--bundle", b}, flags...), h.ID())...).Result())
		if got := m.Said(); len(got) != 3 || got[0] != "READY=1\n" {
			t.Errorf("the manager heard %q", got)
		}
		m.Forget()
	}
}

func TestAProcessThatEndsWithoutBeingReadyIsWaitedFor(t *testing.T) {
	h := harness.New(t)
	m := h.Manager(false)
	b := h.Bundle(saying(h, "say STATUS=never; exit 3"))
	if r := h.Go(m.Starts, "run", "--bundle", b, h.ID()).Result(); r.Status != 3 {
		t.Error(r)
	}
	h.Ok(h.Go(m.Starts, "run", "--detach", "--bundle", b, h.ID()).Result())
	id := h.ID()
	h.Ok(h.Go(m.Starts, "create", "--bundle", b, id).Result())
	h.Ok(h.Go(m.Starts, "start", id).Result())
	if got := m.Said(); len(got) > 0 {
		t.Errorf("the manager heard %q", got)
	}
}

func TestStartReturnsWhenTheManagerHasHeard(t *testing.T) {
	h := harness.New(t)
	m := h.Manager(true)
	id := h.ID()
	h.Ok(h.Go(m.Starts, "create", "--bundle", h.Bundle(saying(h, "say READY=1; exec sleep 1000")), id).Result())
	start := h.Go(m.Starts, "start", id)
	h.Eventually("the manager heard all", func() bool { return len(m.Said()) == 3 })
	if h.State(id).Status != "running" {
		t.Error("it does not run")
	}
	// a start that did not wait would be a zombie by now, or soon
	if stat := h.ProcFile(start.Process.Pid, "stat"); strings.Contains(stat, ") Z ") {
		t.Error("start did not wait")
	}
	m.Answer()
	h.Ok(start.Result())
	// what the process says now nobody hears
	r := h.Fails(h.Go(m.Starts, "start", id).Result(), "cannot start an already running container")
	oneLine(h, r)
}

func TestTheEnvironmentOfTheConfigGivesWayToTheSocket(t *testing.T) {
	h := harness.New(t)
	m := h.Manager(false)
	b := h.Bundle(harness.Script("echo $NOTIFY_SOCKET; ls /run/notify"), func(s *specs.Spec) {
		s.Process.Env = append(s.Process.Env, "NOTIFY_SOCKET=/elsewhere")
	})
	expect(t, h.Ok(h.Go(m.Starts, "run", "--bundle", b, h.ID()).Result()).Stdout, "/run/notify/notify.sock\nnotify.sock\n")
	expect(t, h.Ok(h.Run(b)).Stdout, "/elsewhere\n")
}

func TestAStartThatWasKilledLeavesTheSocketToTheNext(t *testing.T) {
	h := harness.New(t)
	m := h.Manager(false)
	id := h.ID()
	h.Ok(h.Go(m.Starts, "create", "--bundle", h.Bundle(saying(h, "say READY=1; exec sleep 1000")), id).Result())
	l, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: h.Root + "/" + id + "/notify/notify.sock", Net: "unixgram"})
	h.Must(err)
	h.Fails(h.Go(m.Starts, "start", id).Result(), "cannot start an already running container")
	l.Close() // the file stays
	h.Ok(h.Go(m.Starts, "start", id).Result())
	if got := m.Said(); len(got) != 3 {
		t.Errorf("the manager heard %q", got)
	}
}

func TestAStartWithoutTheSocketOfCreateFails(t *testing.T) {
	h := harness.New(t)
	m := h.Manager(false)
	c := h.Create(h.Bundle(harness.Sleep))
	h.Fails(h.Go(m.Starts, "start", c.ID).Result(), "NOTIFY_SOCKET="+m.Path+": the container was created without it: ")
	h.Ok(h.Creel("start", c.ID))
}

func TestAManagerThatIsNotThereIsNamed(t *testing.T) {
	h := harness.New(t)
	gone := func(c *exec.Cmd) { c.Env = append(c.Environ(), "NOTIFY_SOCKET=/nowhere/sock") }
	const want = "NOTIFY_SOCKET=/nowhere/sock: connect: no such file or directory"
	b := h.Bundle(saying(h, "say READY=1"))
	id := h.ID()
	h.Ok(h.Go(gone, "create", "--bundle", b, id).Result())
	h.Fails(h.Go(gone, "start", id).Result(), want)
	for _, flags := range [][]string{nil, {"--detach"}} {
		r := h.Ok(h.Go(gone, append(append([]string{"run", "--bundle", b}, flags...), h.ID())...).Result())
		has(t, r.Stderr, "level=warning", want)
	}
}

func TestTheSocketOfAnOrdinaryUsersContainer(t *testing.T) {
	h := harness.New(t)
	u := newUser(h)
	m := h.Manager(false)
	h.Must(os.Chmod(m.Path, 0o777))
	root := h.OwnRoot()
	h.Chown(root, userID, userID) // he makes /run
	b := u.bundle(saying(h, "say READY=1"), harness.Root(root))
	t.Setenv("NOTIFY_SOCKET", m.Path)
	h.Ok(u.creel("run", "--bundle", b, "own").Result())
	if got := m.Said(); len(got) != 3 || got[0] != "READY=1\n" {
		t.Errorf("the manager heard %q", got)
	}
}
