package podman

import (
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/creel-project/creel/tests/engines"
	"github.com/creel-project/creel/tests/harness"
)

func withInput(text string) func(*exec.Cmd) {
	return func(cmd *exec.Cmd) { cmd.Stdin = strings.NewReader(text) }
}

func TestFlagsOfExecReachTheProcess(t *testing.T) {
	h := engines.New(t)
	background(h, "box", "--env=A=old", image, "sleep", "1000")
	for _, c := range []struct {
		args         []string
		script, want string
	}{
		{nil, "id -u; pwd; echo $A", "0\n/\nold"},
		{[]string{"--user=1000:77"}, "id -u; id -g", "1000\n77"},
		{[]string{"--user=user"}, "id -un", "user"},
		{[]string{"--workdir=/etc"}, "pwd", "/etc"},
		{[]string{"--env=A=new"}, "echo $A", "new"},
		{[]string{"--privileged"}, "grep -c CapEff.*1ff /proc/self/status", "1"},
		{[]string{"--tty"}, "tty; test -t 0 && echo terminal", "/dev/pts/0\r\nterminal"},
		{nil, "test -t 0 || echo none; cat /proc/1/comm; grep Seccomp: /proc/self/status", "none\nsleep\nSeccomp:\t2"},
	} {
		expect(h, podman(h, append(append([]string{"exec"}, c.args...), "box", "sh", "-c", c.script)...), c.want)
	}
	p := h.GoProgram(withInput("typed\n"), "podman", "exec", "--interactive", "box", "cat")
	expect(h, h.Ok(p.Result()).Stdout, "typed\n")
	podman(h, "exec", "--detach", "box", "sh", "-c", "echo later >/tmp/detached")
	h.Eventually("the detached process has written", func() bool {
		return h.Program("podman", "exec", "box", "cat", "/tmp/detached").Stdout == "later\n"
	})
}

// inTerminal starts podman with a terminal as all its streams.
func inTerminal(h *harness.H, rows, cols uint16, args ...string) (*harness.Process, *harness.Terminal) {
	h.Helper()
	term, slave := h.Pty(rows, cols)
	defer slave.Close()
	return h.GoProgram(func(cmd *exec.Cmd) {
		cmd.Stdin, cmd.Stdout, cmd.Stderr = slave, slave, slave
		cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	}, "podman", args...), term
}

const resizing = "trap 'stty size; exit 4' WINCH; stty size; while :; do sleep 0.02; done"

func TestTerminalsHaveTheSizeOfTheCallersAndFollowIt(t *testing.T) {
	for name, args := range map[string][]string{
		"run":  {"run", "--rm", "--interactive", "--tty", "--network=none", image},
		"exec": {"exec", "--interactive", "--tty", "box"},
	} {
		t.Run(name, func(t *testing.T) {
			h := engines.New(t)
			if name == "exec" {
				background(h, "box", image, "sleep", "1000")
			}
			p, term := inTerminal(h, 30, 90, append(args, "sh", "-c", "while test \"$(stty size)\" != '30 90'; do sleep 0.02; done; "+resizing)...)
			term.Says("30 90")
			term.Resize(31, 91)
			term.Says("31 91")
			if r := p.Result(); r.Status != 4 {
				t.Error(r, term.Output())
			}
		})
	}
}

func TestDetachKeysLeaveTheContainerRunning(t *testing.T) {
	h := engines.New(t)
	defer podman(h, "rm", "--force", "--time=0", "box")
	p, term := inTerminal(h, 24, 80, "run", "--interactive", "--tty", "--detach-keys=ctrl-a,d", "--network=none", "--name=box", image, "sh", "-c", "echo up; sleep 1000")
	term.Says("up")
	term.Type("\x01")
	time.Sleep(200 * time.Millisecond) // Podman knows keys that come one by one
	term.Type("d")
	h.Ok(p.Result())
	expect(h, inspect(h, "box", "{{.State.Status}}"), "running")
}
