package initproc_test

import (
	"errors"
	"io"
	"os"
	"os/exec"
	"testing"

	"github.com/creel-project/creel/libcontainer/initproc"
	"github.com/creel-project/creel/libcontainer/plan"
	"golang.org/x/sys/unix"
)

// session is a running init and the socket to it.
type session struct {
	t   *testing.T
	ch  initproc.Channel
	cmd *exec.Cmd
}

// boot starts init in a mount namespace of its own.
func boot(t *testing.T) *session {
	t.Helper()
	return bootOf(t, host)
}

// bootOf starts another build of init, as the last words of a command.
func bootOf(t *testing.T, command ...string) *session {
	t.Helper()
	return bootWith(t, nil, command...)
}

// bootWith starts it with this standard output.
func bootWith(t *testing.T, stdout *os.File, command ...string) *session {
	t.Helper()
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_SEQPACKET|unix.SOCK_CLOEXEC, 0)
	must(t, err)
	sock := os.NewFile(uintptr(pair[1]), "init's end")
	null, err := os.Open(os.DevNull)
	must(t, err)
	// 3 is for the process to keep; the one above the socket is init's own file
	cmd := exec.Command(command[0], append(command[1:], "4", "0")...)
	if stdout != nil {
		cmd.Stdout = stdout
	}
	cmd.Stderr = os.Stderr
	cmd.ExtraFiles = []*os.File{null, sock, null}
	cmd.SysProcAttr = &unix.SysProcAttr{Cloneflags: unix.CLONE_NEWNS}
	must(t, cmd.Start())
	sock.Close()
	null.Close()
	s := &session{t, initproc.NewChannel(pair[0]), cmd}
	t.Cleanup(func() {
		unix.Close(pair[0])
		cmd.Process.Kill()
		cmd.Wait()
	})
	return s
}

// start gives init a plan of these operations.
func start(t *testing.T, ops []plan.Op, fds ...int) *session {
	t.Helper()
	p := plan.Plan{Ops: ops}
	code, err := p.Encode()
	must(t, err)
	s := boot(t)
	must(t, s.ch.SendPlan(code, fds...))
	return s
}

// failure waits for the operation that fails, and returns its errno.
func (s *session) failure() error {
	s.t.Helper()
	m, err := s.ch.Recv()
	must(s.t, err)
	if m.Kind != initproc.KindError {
		s.t.Fatalf("init says %+v, want a failure", m)
	}
	return unix.Errno(m.Value)
}

// end waits until init has gone through the whole plan.
func (s *session) end() {
	s.t.Helper()
	m, err := s.ch.Recv()
	if err == nil && m.Kind == initproc.KindError {
		s.t.Fatal(m.Failure(false))
	}
	if !errors.Is(err, io.EOF) {
		s.t.Fatalf("init says %+v, %v; want the end", m, err)
	}
	if err := s.cmd.Wait(); err != nil {
		s.t.Fatalf("init: %v", err)
	}
}

// taken waits for the fd that a Sync hands out, and lets init go on.
func (s *session) taken() int {
	s.t.Helper()
	m, err := s.ch.Recv()
	must(s.t, err)
	if m.Kind == initproc.KindError {
		s.t.Fatal(m.Failure(false))
	}
	if m.Kind != initproc.KindSync || m.FD < 0 {
		s.t.Fatalf("init says %+v, want an fd", m)
	}
	s.t.Cleanup(func() { unix.Close(m.FD) })
	must(s.t, s.ch.Go(nil))
	return m.FD
}

// op is an operation on the root in slot 0.
func op(c plan.Code, change func(o *plan.Op)) plan.Op {
	o := plan.NewOp(c, "test", c.String())
	o.Src = 0
	if change != nil {
		change(&o)
	}
	return o
}

// opened opens root in slot 0.
func opened(root string) plan.Op {
	return op(plan.Open, func(o *plan.Op) {
		o.Src, o.Dst, o.Path, o.N[0] = plan.None, 0, root, unix.O_PATH|unix.O_DIRECTORY
	})
}
