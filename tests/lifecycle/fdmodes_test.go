package lifecycle

import (
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"github.com/creel-project/creel/tests/harness"
	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

// careless leaves files of all kinds to creel: 3, 4 and 5, and some far up.
func careless(h *harness.H, more ...func(*exec.Cmd)) func(*exec.Cmd) {
	h.Helper()
	return func(c *exec.Cmd) {
		extra(h, 3)(c)
		pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
		h.Must(err)
		for i, at := range []int{60, 200} {
			f := os.NewFile(uintptr(pair[i]), "socket")
			h.Cleanup(func() { f.Close() })
			for len(c.ExtraFiles) < at-3 {
				c.ExtraFiles = append(c.ExtraFiles, nil)
			}
			c.ExtraFiles = append(c.ExtraFiles, f)
		}
		for _, m := range more {
			m(c)
		}
	}
}

// fdWay is a way to have a process, and how many files above its streams it shall have.
type fdWay struct {
	kept int
	run  func(h *harness.H, m ...harness.Mutate) (output string)
}

// ranFDs is what a command in the foreground wrote.
func ranFDs(h *harness.H, prepare func(*exec.Cmd), flags []string, m ...harness.Mutate) string {
	h.Helper()
	return h.Ok(h.Go(prepare, append(append([]string{"run", "--bundle", h.Bundle(m...)}, flags...), h.ID())...).Result()).Stdout
}

// leftFDs is what a container wrote that create and start made, or if start is nil, run.
func leftFDs(h *harness.H, create, start func(*exec.Cmd), flags []string, m ...harness.Mutate) string {
	h.Helper()
	command := []string{"create"}
	if start == nil {
		command = []string{"run", "--detach"}
	}
	id := h.ID()
	p := h.Go(create, append(append(append(command, "--bundle", h.Bundle(m...)), flags...), id)...)
	h.Ok(p.Result())
	if start != nil {
		h.Ok(h.Go(start, "start", id).Result())
	}
	h.WaitFor(id, "stopped")
	h.Ok(h.Creel("delete", id))
	return p.Output()
}

// consoleFDs is the same with a terminal that a socket receives.
func consoleFDs(h *harness.H, start bool, m ...harness.Mutate) string {
	h.Helper()
	socket := h.FDSocket("console")
	id := h.ID()
	command := []string{"create"}
	if !start {
		command = []string{"run", "--detach"}
	}
	p := h.Go(careless(h), append(command, "--console-socket", socket.Path, "--bundle", h.Bundle(append(m, terminal)...), id)...)
	f, _ := socket.Receive()
	term := h.NewTerminal(f)
	h.Ok(p.Result())
	if start {
		h.Ok(h.Go(careless(h), "start", id).Result())
	}
	h.WaitFor(id, "stopped")
	h.Ok(h.Creel("delete", id))
	term.Ends()
	return strings.ReplaceAll(term.Output(), "\r", "")
}

// fdWays are all the ways. Each begins with a caller that leaves files open.
var fdWays = map[string]fdWay{
	"run": {0, func(h *harness.H, m ...harness.Mutate) string { return ranFDs(h, careless(h), nil, m...) }},
	"run in a terminal": {0, func(h *harness.H, m ...harness.Mutate) string {
		term, slave := h.Pty(24, 80)
		p := h.Go(careless(h, func(c *exec.Cmd) {
			c.Stdin, c.Stdout, c.Stderr = slave, slave, slave
			c.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
		}), "run", "--bundle", h.Bundle(append(m, terminal)...), h.ID())
		h.Must(slave.Close())
		h.Ok(p.Result())
		term.Ends()
		return strings.ReplaceAll(term.Output(), "\r", "")
	}},
	"run --detach":    {0, func(h *harness.H, m ...harness.Mutate) string { return leftFDs(h, careless(h), nil, nil, m...) }},
	"create":          {0, func(h *harness.H, m ...harness.Mutate) string { return leftFDs(h, careless(h), careless(h), nil, m...) }},
	"create, console": {0, func(h *harness.H, m ...harness.Mutate) string { return consoleFDs(h, true, m...) }},
	"run, console":    {0, func(h *harness.H, m ...harness.Mutate) string { return consoleFDs(h, false, m...) }},
	"run, preserved": {2, func(h *harness.H, m ...harness.Mutate) string {
		return ranFDs(h, careless(h), []string{"--preserve-fds", "2"}, m...)
	}},
	"create, preserved": {2, func(h *harness.H, m ...harness.Mutate) string {
		return leftFDs(h, careless(h), careless(h), []string{"--preserve-fds", "2"}, m...)
	}},
	"run, sockets of a service manager": {3, func(h *harness.H, m ...harness.Mutate) string {
		return ranFDs(h, careless(h, passing("LISTEN_FDS=2 LISTEN_PID=$$")), []string{"--preserve-fds", "1"}, m...)
	}},
	"create, pidfd": {0, func(h *harness.H, m ...harness.Mutate) string {
		socket := h.FDSocket("pidfd")
		out := leftFDs(h, careless(h), careless(h), []string{"--pidfd-socket", socket.Path, "--pid-file", h.Path("pid")}, m...)
		socket.Receive()
		return out
	}},
	"run, NOTIFY_SOCKET": {0, func(h *harness.H, m ...harness.Mutate) string {
		return ranFDs(h, careless(h, h.Manager(false).Starts), nil, m...)
	}},
	"create, NOTIFY_SOCKET": {0, func(h *harness.H, m ...harness.Mutate) string {
		starts := h.Manager(false).Starts
		return leftFDs(h, careless(h, starts), careless(h, starts), nil, m...)
	}},
}

// fdConfigs are configs for which init has to open one thing or another.
func fdConfigs(h *harness.H) map[string][]harness.Mutate {
	h.Helper()
	hooks := func(s *specs.Spec) {
		for _, kind := range hookKinds {
			hook(kind, "true")(s)
		}
	}
	return map[string][]harness.Mutate{
		"default": nil,
		"no namespaces": {func(s *specs.Spec) {
			s.Hostname = ""
			s.Linux.Namespaces = []specs.LinuxNamespace{{Type: specs.MountNamespace}}
			s.Mounts = withoutMount(s.Mounts, "/sys")
		}},
		"user namespace":        {harness.UserNS(0, 65536)},
		"joined user namespace": {joins(h.HeldUserNS(0), specs.UserNamespace)},
		"time namespace":        {harness.Namespace(specs.TimeNamespace, "")},
		"joined network":        {harness.Namespace(specs.NetworkNamespace, "/proc/self/ns/net"), func(s *specs.Spec) { s.Mounts = withoutMount(s.Mounts, "/sys") }},
		"joined pid":            {joins(holder(h, "--pid"), specs.PIDNamespace)},
		"bind mount":            {harness.Bind("/etc", "/mnt", "ro")},
		"id-mapped mount":       {harness.Bind("/etc", "/mnt", "ro"), idMapped},
		"no root":               {func(s *specs.Spec) { s.Process.User.UID = 1000 }},
		"host cgroup":           {harness.NoNamespace(specs.CgroupNamespace)},
		"hooks":                 {hooks},
		"seccomp":               {filter(specs.ActErrno, "mkdir")},
		"seccomp before nnp":    {filter(specs.ActErrno, "mkdir"), func(s *specs.Spec) { s.Process.NoNewPrivileges = false }},
		"notifications":         {notifies(agentForMkdir(h).Path, "mkdir")},
	}
}

func TestNoFileOfTheRuntimeOrItsCallerIsOpenInTheProcess(t *testing.T) {
	for way, w := range fdWays {
		t.Run(way, func(t *testing.T) {
			h := harness.New(t)
			root := h.OwnRoot()
			h.Chown(root, 100000, 100000)
			for name := range fdConfigs(h) {
				t.Run(name, func(t *testing.T) {
					h := harness.New(t)
					m := append([]harness.Mutate{listFDs}, fdConfigs(h)[name]...)
					if name == "joined user namespace" {
						m = append(m, harness.Root(root))
					}
					expect(t, w.run(h, m...), onlyStdio+"4\n5\n6\n"[:2*w.kept])
				})
			}
		})
	}
}

// Hooks in the container have nothing but their streams; those on the host what the caller
// leaves to any program that he starts, as with runc.
func TestNoFileOfTheRuntimeIsOpenInAHook(t *testing.T) {
	for _, detached := range []bool{false, true} {
		h := harness.New(t)
		const list = "echo $kind $(ls /proc/self/fd)"
		cmd := exec.Command("sh", "-c", list)
		careless(h)(cmd)
		callers, err := cmd.Output()
		h.Must(err)
		m, read := logged(h, list)
		id, b := h.ID(), h.Bundle(m)
		if detached {
			h.Ok(h.Go(careless(h), "create", "--preserve-fds", "2", "--bundle", b, id).Result())
			h.Ok(h.Go(careless(h), "start", id).Result())
			h.WaitFor(id, "stopped")
			h.Ok(h.Go(careless(h), "delete", id).Result())
		} else {
			h.Ok(h.Go(careless(h), "run", "--preserve-fds", "2", "--bundle", b, id).Result())
		}
		var want strings.Builder
		for _, kind := range hookKinds {
			files := string(callers)
			if kind == "createContainer" || kind == "startContainer" {
				files = "0 1 2 3\n"
			}
			want.WriteString(kind + " " + files)
		}
		expect(t, read(), want.String())
	}
}
