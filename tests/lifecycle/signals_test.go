package lifecycle

import (
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"

	"github.com/creel-project/creel/tests/harness"
	"github.com/opencontainers/runtime-spec/specs-go"
)

// foreground starts `creel run` and waits until the container says "up".
func foreground(h *harness.H, mutate ...harness.Mutate) *harness.Container {
	h.Helper()
	id := h.ID()
	c := &harness.Container{Process: h.Go(nil, "run", "--bundle", h.Bundle(mutate...), id), ID: id}
	c.Says("up")
	return c
}

func TestRunForwardsSignals(t *testing.T) {
	h := harness.New(t)
	c := foreground(h, harness.Script(`
		for s in HUP INT QUIT USR1 USR2 ALRM TERM WINCH; do trap "echo got $s" $s; done
		trap 'exit 5' TSTP
		echo up
		while :; do sleep 0.05; done`))
	for name, s := range map[string]syscall.Signal{
		"HUP": syscall.SIGHUP, "INT": syscall.SIGINT, "QUIT": syscall.SIGQUIT, "USR1": syscall.SIGUSR1,
		"USR2": syscall.SIGUSR2, "ALRM": syscall.SIGALRM, "TERM": syscall.SIGTERM, "WINCH": syscall.SIGWINCH,
	} {
		h.Must(c.Process.Process.Signal(s))
		c.Says("got " + name + "\n")
	}
	h.Must(c.Process.Process.Signal(syscall.SIGTSTP))
	if r := c.Result(); r.Status != 5 {
		t.Error(r)
	}
}

// Before creel listens to signals there is no container yet; from then on none may be lost.
func TestASignalAtAnyInstantEndsRunAndLeavesNothing(t *testing.T) {
	h := harness.New(t)
	b := h.Bundle(harness.Args("/bin/sleep", "1000"), harness.NoNamespace(specs.PIDNamespace))
	for i := range 40 {
		p := h.Go(nil, "run", "--bundle", b, h.ID())
		time.Sleep(time.Duration(i) * 300 * time.Microsecond)
		h.Must(p.Process.Signal(syscall.SIGTERM))
		if r := p.Result(); r.Status != 128+15 {
			t.Errorf("after %d × 0.3 ms: %s", i, r)
		}
		if left := h.Containers(); len(left) > 0 {
			t.Fatalf("left %v after %d × 0.3 ms", left, i)
		}
	}
}

func TestRunLeavesNoSignalBlockedOrIgnored(t *testing.T) {
	h := harness.New(t)
	got := h.Ok(h.Run(h.Bundle(harness.Args("grep", "-E", "^Sig(Blk|Ign)", "/proc/self/status")))).Stdout
	expect(t, got, "SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n")
}

func TestTheTerminalOfRunIsTheContainers(t *testing.T) {
	h := harness.New(t)
	b := h.Bundle(harness.Script(`
		trap 'stty size' WINCH
		tty; stty size; echo up
		while :; do
			read -r line || continue # a signal came
			[ "$line" = end ] && exit 9
			echo "<$line>"
		done`),
		func(s *specs.Spec) { s.Process.Terminal = true })
	p, term := h.GoInPty(31, 97, "run", "--bundle", b, h.ID())
	term.Says("up")
	term.Says("/dev/pts/0")
	term.Says("31 97")
	term.Type("hello\n")
	term.Says("<hello>")
	term.Resize(45, 123)
	term.Type("\n") // the shell reads its signals between commands
	term.Says("45 123")
	term.Type("end\n")
	if r := p.Result(); r.Status != 9 {
		t.Error(r, term.Output())
	}
}

func TestControlCOnTheTerminalOfRunInterruptsTheContainer(t *testing.T) {
	h := harness.New(t)
	b := h.Bundle(harness.Script("trap 'echo interrupted; exit 4' INT; echo up; while :; do sleep 0.05; done"),
		func(s *specs.Spec) { s.Process.Terminal = true })
	p, term := h.GoInPty(24, 80, "run", "--bundle", b, h.ID())
	term.Says("up")
	term.Type("\x03")
	term.Says("interrupted")
	if r := p.Result(); r.Status != 4 {
		t.Error(r, term.Output())
	}
}

// streams starts `run` with a controlling terminal and some streams that are none.
func streams(h *harness.H, slave *os.File, change func(c *exec.Cmd), b string) *harness.Process {
	h.Helper()
	return h.Go(func(c *exec.Cmd) {
		c.Stdin, c.Stdout, c.Stderr = slave, slave, slave
		change(c)
		// by way of a shell, whose terminal is the controlling one however its streams are changed
		c.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true, Ctty: 3}
		c.ExtraFiles = []*os.File{slave}
		c.Args = append([]string{"sh", "-c", `exec "$0" "$@" 3>&-`, c.Path}, c.Args[1:]...)
		c.Path, c.Err = exec.LookPath("sh")
	}, "run", "--bundle", b, h.ID())
}

func TestTheTerminalOfRunMayBeAnyOfItsStreams(t *testing.T) {
	for name, change := range map[string]func(c *exec.Cmd, file *os.File){
		"not stdin":             func(c *exec.Cmd, _ *os.File) { c.Stdin = nil },
		"not stdout":            func(c *exec.Cmd, file *os.File) { c.Stdout = file },
		"stderr":                func(c *exec.Cmd, file *os.File) { c.Stdin, c.Stdout = nil, file },
		"the controlling one":   func(c *exec.Cmd, file *os.File) { c.Stdin, c.Stdout, c.Stderr = nil, file, file },
		"stdin and controlling": func(c *exec.Cmd, file *os.File) { c.Stdout, c.Stderr = file, file },
	} {
		t.Run(name, func(t *testing.T) {
			h := harness.New(t)
			b := h.Bundle(terminal, harness.Script("tty; stty size; exit 6"))
			file, err := os.Create(h.Path("out"))
			h.Must(err)
			defer file.Close()
			term, slave := h.Pty(31, 97)
			before := fmt.Sprint(termios(h, slave))
			p := streams(h, slave, func(c *exec.Cmd) { change(c, file) }, b)
			if r := p.Result(); r.Status != 6 {
				t.Error(r, term.Output())
			}
			expect(t, fmt.Sprint(termios(h, slave)), before)
			h.Must(slave.Close())
			if p.Stdout == file {
				text, err := os.ReadFile(file.Name())
				h.Must(err)
				expect(t, string(text), "/dev/pts/0\n31 97\n")
			} else {
				term.Says("/dev/pts/0\r\n31 97\r\n")
			}
		})
	}
}

func TestControlCReachesAContainerWhoseInputIsNotTheTerminal(t *testing.T) {
	h := harness.New(t)
	b := h.Bundle(terminal, harness.Script("trap 'echo interrupted; exit 4' INT; echo up; while :; do sleep 0.05; done"))
	term, slave := h.Pty(24, 80)
	p := streams(h, slave, func(c *exec.Cmd) { c.Stdin = nil }, b)
	h.Must(slave.Close())
	term.Says("up")
	term.Type("\x03")
	term.Says("interrupted")
	if r := p.Result(); r.Status != 4 {
		t.Error(r, term.Output())
	}
}

func TestRunPutsTheTerminalBackIntoItsMode(t *testing.T) {
	h := harness.New(t)
	b := h.Bundle(func(s *specs.Spec) { s.Process.Terminal = true })
	term, slave := h.Pty(24, 80)
	defer slave.Close()
	before := fmt.Sprint(termios(h, slave))
	p := h.GoOn(slave, "run", "--bundle", b, h.ID())
	h.Ok(p.Result())
	if after := fmt.Sprint(termios(h, slave)); after != before {
		t.Errorf("before %s, after %s: %s", before, after, term.Output())
	}
}

func TestRunOfATerminalLosesNoOutput(t *testing.T) {
	h := harness.New(t)
	b := h.Bundle(harness.Script("i=0; while [ $i -lt 2000 ]; do echo line $i; i=$((i+1)); done"),
		func(s *specs.Spec) { s.Process.Terminal = true })
	p, term := h.GoInPty(24, 80, "run", "--bundle", b, h.ID())
	h.Ok(p.Result())
	term.Says("\r\nline 1999\r\n")
}
