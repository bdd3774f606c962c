package lifecycle

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/creel-project/creel/tests/harness"
	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

func terminal(s *specs.Spec) { s.Process.Terminal = true }

func TestDetachedRunReturnsWhileTheProcessRuns(t *testing.T) {
	h := harness.New(t)
	id := h.ID()
	c := &harness.Container{Process: h.Go(nil, "run", "--detach", "--bundle", h.Bundle(harness.Script("echo up; sleep 1000")), id), ID: id}
	h.Ok(c.Result())
	c.Says("up")
	s := h.State(id)
	if s.Status != "running" || s.Pid == 0 {
		t.Errorf("state %+v", s)
	}
	h.Ok(h.Creel("kill", id, "KILL"))
	h.WaitFor(id, "stopped")
	h.Ok(h.Creel("delete", id))
}

func TestThePidFileIsReplacedInOneStep(t *testing.T) {
	for _, command := range []string{"create", "run"} {
		t.Run(command, func(t *testing.T) {
			h := harness.New(t)
			path, id := h.Path("pid"), h.ID()
			h.WriteFile(path, "of another container", 0o644)
			old, err := os.Open(path)
			h.Must(err)
			defer old.Close()
			args := []string{command, "--pid-file", path, "--bundle", h.Bundle(harness.Sleep)}
			if command == "run" {
				args = append(args, "--detach")
			}
			h.Ok(h.Creel(append(args, id)...))
			text, err := os.ReadFile(path)
			h.Must(err)
			expect(t, string(text), strconv.Itoa(h.State(id).Pid))
			before := make([]byte, 100)
			n, err := old.ReadAt(before, 0)
			if string(before[:n]) != "of another container" {
				t.Errorf("the old file was written to: %q, %v", before[:n], err)
			}
			files, err := os.ReadDir(h.Path())
			h.Must(err)
			for _, f := range files {
				if strings.HasPrefix(f.Name(), ".") {
					t.Errorf("left %s", f.Name())
				}
			}
		})
	}
}

func TestThePidfdSocketReceivesThePidfdOfInit(t *testing.T) {
	h := harness.New(t)
	socket := h.FDSocket("pidfd")
	c := h.Create(h.Bundle(harness.Sleep), "--pidfd-socket", socket.Path)
	pidfd, _ := socket.Receive()
	info, err := os.ReadFile(fmt.Sprintf("/proc/self/fdinfo/%d", pidfd.Fd()))
	h.Must(err)
	has(t, string(info), fmt.Sprintf("\nPid:\t%d\n", h.State(c.ID).Pid))
	h.Ok(h.Creel("start", c.ID))
	h.Must(unix.PidfdSendSignal(int(pidfd.Fd()), syscall.SIGKILL, nil, 0))
	h.WaitFor(c.ID, "stopped")
}

func TestTheConsoleSocketReceivesTheMasterOfTheTerminal(t *testing.T) {
	for _, userns := range []bool{false, true} {
		t.Run(fmt.Sprintf("userns %v", userns), func(t *testing.T) {
			h := harness.New(t)
			socket := h.FDSocket("console")
			b := h.Bundle(terminal, harness.Script(`tty; stty size; stat -c 'owner %u:%g type %F' $(tty); ls -l /proc/self/fd/0
				stat -c 'console %t:%T' /dev/console; stat -c 'slave %t:%T' $(tty); read -r x; echo "<$x>"; sleep 1000`),
				func(s *specs.Spec) {
					s.Process.ConsoleSize = &specs.Box{Height: 33, Width: 99}
					if userns {
						root := h.OwnRoot()
						h.Chown(root, 100000, 100000)
						harness.Root(root)(s)
						harness.UserNS(100000, 65536)(s)
					}
					s.Process.User.UID, s.Process.User.GID = 1000, 1000
				})
			c := h.Create(b, "--console-socket", socket.Path)
			f, _ := socket.Receive()
			term := h.NewTerminal(f)
			h.Ok(h.Creel("start", c.ID))
			term.Says("slave 88:0") // UNIX98 slaves have the major number 136
			has(t, term.Output(), "/dev/pts/0\r\n33 99\r\nowner 1000:5 type character special file", "-> /dev/pts/0", "console 88:0")
			term.Type("typed\n")
			term.Says("<typed>")
		})
	}
}

// Who has the master of a detached container's terminal resizes it; the process is told.
func TestADetachedTerminalIsResizedByItsMaster(t *testing.T) {
	for _, command := range []string{"create", "run"} {
		t.Run(command, func(t *testing.T) {
			h := harness.New(t)
			socket := h.FDSocket("console")
			b := h.Bundle(terminal, harness.Script(`trap 'stty size; exit' WINCH; stty size; echo up; while :; do sleep 0.01; done`),
				func(s *specs.Spec) { s.Process.ConsoleSize = &specs.Box{Height: 33, Width: 99} })
			args := []string{command, "--console-socket", socket.Path, "--bundle", b}
			if command == "run" {
				args = append(args, "--detach")
			}
			id := h.ID()
			p := h.Go(nil, append(args, id)...)
			f, _ := socket.Receive()
			h.Ok(p.Result())
			term := h.NewTerminal(f)
			if command == "create" { // a size that is set before start is there at start
				term.Resize(7, 11)
				h.Ok(h.Creel("start", id))
				term.Says("7 11\r\nup")
			} else {
				term.Says("33 99\r\nup")
			}
			term.Resize(45, 123)
			term.Says("45 123")
		})
	}
}

func TestATerminalIsTheControllingOneOfItsSession(t *testing.T) {
	h := harness.New(t)
	socket := h.FDSocket("console")
	c := h.Create(h.Bundle(terminal, harness.Script("read -r p < /dev/tty; echo $p > /dev/tty; cat /proc/self/stat; exec sleep 1000")),
		"--console-socket", socket.Path)
	f, _ := socket.Receive()
	term := h.NewTerminal(f)
	h.Ok(h.Creel("start", c.ID))
	term.Type("by the controlling terminal\n")
	term.Says("by the controlling terminal\r\nby the controlling terminal\r\n")
}

func TestACreatedInitShowsNothingOfTheHost(t *testing.T) {
	h := harness.New(t)
	c := h.Create(h.Bundle(harness.Sleep))
	pid := h.State(c.ID).Pid
	if exe := h.ProcLink(pid, "exe"); !strings.HasPrefix(exe, "/memfd:") {
		t.Errorf("its program is %s", exe)
	}
	expect(t, h.ProcFile(pid, "comm"), "creel:[INIT]\n")
	root, err := os.Stat(fmt.Sprintf("/proc/%d/root", pid))
	h.Must(err)
	var held []string
	t.Cleanup(func() { t.Logf("init held %q", held) })
	// the passwd file is closed when create may have returned
	h.Eventually("init holds no file but the root", func() bool {
		held = nil
		entries, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", pid))
		h.Must(err)
		for _, e := range entries {
			path := fmt.Sprintf("/proc/%d/fd/%s", pid, e.Name())
			target, _ := os.Readlink(path)
			file, err := os.Stat(path)
			if e.Name() > "2" && strings.HasPrefix(target, "/") && !strings.HasPrefix(target, "/memfd:") && (err != nil || !os.SameFile(file, root)) {
				held = append(held, target)
			}
		}
		return held == nil
	})
}
