package harness

import (
	"net"
	"os"
	"strings"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// A FDSocket is an AF_UNIX socket that receives a file descriptor, as engines
// have for --console-socket and --pidfd-socket.
type FDSocket struct {
	h    *H
	Path string
	l    *net.UnixListener
}

// FDSocket listens at a path of the test's own.
func (h *H) FDSocket(name string) *FDSocket {
	h.Helper()
	s := &FDSocket{h: h, Path: h.Path(name)}
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: s.Path, Net: "unix"})
	h.Must(err)
	s.l = l
	h.Cleanup(func() { l.Close() })
	return s
}

// Receive returns the descriptor that came, and the name that came with it.
func (s *FDSocket) Receive() (*os.File, string) {
	s.h.Helper()
	s.h.Must(s.l.SetDeadline(time.Now().Add(patience)))
	conn, err := s.l.AcceptUnix()
	s.h.Must(err)
	defer conn.Close()
	s.h.Must(conn.SetDeadline(time.Now().Add(patience)))
	name, oob := make([]byte, 4096), make([]byte, unix.CmsgSpace(4*4))
	n, oobn, _, _, err := conn.ReadMsgUnix(name, oob)
	s.h.Must(err)
	msgs, err := unix.ParseSocketControlMessage(oob[:oobn])
	s.h.Must(err)
	if len(msgs) != 1 {
		s.h.Fatalf("%d control messages came, not 1", len(msgs))
	}
	fds, err := unix.ParseUnixRights(&msgs[0])
	s.h.Must(err)
	if len(fds) != 1 {
		s.h.Fatalf("%d descriptors came, not 1", len(fds))
	}
	unix.CloseOnExec(fds[0])
	s.h.Must(unix.SetNonblock(fds[0], true)) // so that closing it ends a read
	f := os.NewFile(uintptr(fds[0]), string(name[:n]))
	s.h.Cleanup(func() { f.Close() })
	return f, string(name[:n])
}

// A Terminal is the master of a pty, and what came out of it.
type Terminal struct {
	h    *H
	f    *os.File
	done chan struct{}
	mu   sync.Mutex
	b    strings.Builder
}

// NewTerminal reads from a pty master until the test ends or all slaves are closed.
func (h *H) NewTerminal(f *os.File) *Terminal {
	t := &Terminal{h: h, f: f, done: make(chan struct{})}
	go func() {
		defer close(t.done)
		buf := make([]byte, 4096)
		for {
			n, err := f.Read(buf)
			t.mu.Lock()
			t.b.Write(buf[:n])
			t.mu.Unlock()
			if err != nil {
				return
			}
		}
	}()
	h.Cleanup(func() {
		f.Close()
		<-t.done
	})
	return t
}

// Ends waits until all slaves are closed, and with that all output is there.
func (t *Terminal) Ends() {
	t.h.Helper()
	select {
	case <-t.done:
	case <-time.After(patience):
		t.h.Fatalf("the terminal never ended, but said %q", t.Output())
	}
}

// Output is what came so far.
func (t *Terminal) Output() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.b.String()
}

// Says waits until the output contains text.
func (t *Terminal) Says(text string) {
	t.h.Helper()
	deadline := time.Now().Add(patience)
	for !strings.Contains(t.Output(), text) {
		if time.Now().After(deadline) {
			t.h.Fatalf("the terminal never said %q, but %q", text, t.Output())
		}
		time.Sleep(2 * time.Millisecond)
	}
}

// Type writes text as if it were typed.
func (t *Terminal) Type(text string) {
	t.h.Helper()
	_, err := t.f.WriteString(text)
	t.h.Must(err)
}

// Resize changes the size of the terminal.
func (t *Terminal) Resize(rows, cols uint16) {
	t.h.Helper()
	t.h.Must(t.control(func(fd int) error {
		return unix.IoctlSetWinsize(fd, unix.TIOCSWINSZ, &unix.Winsize{Row: rows, Col: cols})
	}))
}

// control calls f with the descriptor, which stays in the poller's hands.
func (t *Terminal) control(f func(fd int) error) error {
	raw, err := t.f.SyscallConn()
	if err != nil {
		return err
	}
	var inner error
	if err := raw.Control(func(fd uintptr) { inner = f(int(fd)) }); err != nil {
		return err
	}
	return inner
}
