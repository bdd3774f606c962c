package initproc_test

import (
	"encoding/binary"
	"errors"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/creel-project/creel/libcontainer/initproc"
	"github.com/creel-project/creel/libcontainer/plan"
	"golang.org/x/sys/unix"
)

// hook runs a shell script, for at most ms milliseconds unless ms is 0.
func hook(ms uint64, script string) plan.Op {
	return op(plan.Hook, func(o *plan.Op) {
		o.Src, o.Path = plan.None, "/bin/sh"
		o.Argv = []plan.Arg{{Text: "sh"}, {Text: "-c"}, {Text: script}}
		o.Envp = []plan.Arg{{Text: "PATH=/usr/bin:/bin"}}
		o.Text = binary.NativeEndian.AppendUint64(nil, ms)
	})
}

// startSocket is a listening socket and a caller of start.
func startSocket(t *testing.T) (listener int, caller initproc.Channel) {
	t.Helper()
	addr := &unix.SockaddrUnix{Name: t.TempDir() + "/s"}
	const kind = unix.SOCK_SEQPACKET | unix.SOCK_CLOEXEC
	listener, err := unix.Socket(unix.AF_UNIX, kind, 0)
	must(t, err)
	must(t, unix.Bind(listener, addr))
	must(t, unix.Listen(listener, 1))
	fd, err := unix.Socket(unix.AF_UNIX, kind, 0)
	must(t, err)
	must(t, unix.Connect(fd, addr))
	t.Cleanup(func() { unix.Close(listener); unix.Close(fd) })
	return listener, initproc.NewChannel(fd)
}

// TestAHookOfInitStartsAsAFreshProcess: while it waits for start, init blocks
// signals, and its own umask is 0; its hooks must see neither.
func TestAHookOfInitStartsAsAFreshProcess(t *testing.T) {
	listener, caller := startSocket(t)
	out, err := os.OpenFile(t.TempDir()+"/out", os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o600)
	must(t, err)
	defer out.Close()
	grep := hook(0, "") // a shell would unblock signals itself
	grep.Path = "/bin/grep"
	grep.Argv = []plan.Arg{{Text: "grep"}, {Text: "SigBlk"}, {Text: "/proc/self/status"}}
	ops := []plan.Op{
		op(plan.Accept, nil),
		grep,
		hook(0, "umask; ls /proc/self/fd | wc -l"),
		op(plan.Umask, func(o *plan.Op) { o.N[0] = 0o077 }),
		hook(0, "umask"),
	}
	for i := range ops {
		if ops[i].Code == plan.Hook {
			ops[i].Dst = 1
		}
	}
	unix.Umask(0o027)
	s := start(t, ops, listener, int(out.Fd()))
	unix.Umask(0)
	must(t, caller.Go(nil))
	must(t, s.cmd.Wait())
	got, err := os.ReadFile(out.Name())
	must(t, err)
	// ls has its three streams and the directory that it lists
	want := "SigBlk: 0000000000000000 0027 4 0077"
	if words := strings.Join(strings.Fields(string(got)), " "); words != want {
		t.Errorf("blocked signals, umask, fds, umask: %q, want %q", words, want)
	}
}

func TestAHookThatFailsTellsItsStatus(t *testing.T) {
	s := start(t, []plan.Op{hook(0, "exit 7")})
	m, err := s.ch.Recv()
	must(t, err)
	if f := m.Failure(false); !errors.Is(f, unix.ECHILD) || !f.Hook || f.Wait.ExitStatus() != 7 {
		t.Errorf("%+v", f)
	}
}

func TestAHookThatCannotBeExecutedTellsWhy(t *testing.T) {
	o := hook(5000, "")
	o.Path = "/nowhere/hook"
	if err := start(t, []plan.Op{o}).failure(); !errors.Is(err, unix.ENOENT) {
		t.Errorf("%v, want %v", err, unix.ENOENT)
	}
}

// TestAHookThatHangsIsKilledWithItsChildren: both hold the pipe whose end of
// file this test waits for.
func TestAHookThatHangsIsKilledWithItsChildren(t *testing.T) {
	r, w, err := os.Pipe()
	must(t, err)
	defer r.Close()
	o := hook(50, "sleep 1000 & sleep 1000")
	o.Dst = 0
	s := start(t, []plan.Op{o}, int(w.Fd()))
	w.Close()
	if err := s.failure(); !errors.Is(err, unix.ETIMEDOUT) {
		t.Errorf("%v, want %v", err, unix.ETIMEDOUT)
	}
	if n, err := r.Read(make([]byte, 1)); n != 0 || err == nil {
		t.Errorf("the hook wrote %d bytes, %v", n, err)
	}
}

// TestAHookEndsWithTheRuntime: nobody is left who could end a hook that hangs. Both of
// its processes hold the pipe whose end of file this test waits for.
func TestAHookEndsWithTheRuntime(t *testing.T) {
	r, w, err := os.Pipe()
	must(t, err)
	defer r.Close()
	o := hook(0, "sleep 1000 & echo up; sleep 1000; exit 0")
	o.Dst = 0
	s := start(t, []plan.Op{o}, int(w.Fd()))
	w.Close()
	said := make([]byte, 3)
	_, err = io.ReadFull(r, said)
	must(t, err)
	must(t, unix.Shutdown(s.ch.FD(), unix.SHUT_RDWR))
	if n, err := r.Read(said); n != 0 || err == nil {
		t.Errorf("the hook wrote %d bytes, %v", n, err)
	}
	var exit *exec.ExitError
	if err := s.cmd.Wait(); !errors.As(err, &exit) || exit.ExitCode() != 1 {
		t.Errorf("init: %v, want status 1", err)
	}
}
