package conformance

import (
	"encoding/json"
	"errors"
	"io"
	"net"
	"strconv"
	"testing"

	"github.com/creel-project/creel/tests/harness"
	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

// A told is what came over one connection to a seccomp agent.
type told struct {
	text   []byte
	first  int // fds that came with the first message
	later  int
	closed bool // nothing more can come
	name   string
}

// agent listens at a path and takes one connection to its end, which is waited for by what it returns.
func (c *C) agent(path string) func() told {
	c.Helper()
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	c.Must(err)
	c.Cleanup(func() { l.Close() })
	heard := make(chan told, 1)
	go func() {
		if conn, err := l.AcceptUnix(); err == nil {
			heard <- hear(conn)
		}
	}()
	return func() (t told) {
		c.Helper()
		c.Eventually("the agent is told all", func() bool {
			select {
			case t = <-heard:
				return true
			default:
				return false
			}
		})
		return t
	}
}

func hear(conn *net.UnixConn) (t told) {
	defer conn.Close()
	buf, oob := make([]byte, 64<<10), make([]byte, 256)
	for messages := 0; ; messages++ {
		n, oobn, _, _, err := conn.ReadMsgUnix(buf, oob)
		if n == 0 || err != nil {
			t.closed = err == nil || errors.Is(err, io.EOF)
			return t
		}
		t.text = append(t.text, buf[:n]...)
		msgs, _ := unix.ParseSocketControlMessage(oob[:oobn])
		for i := range msgs {
			fds, _ := unix.ParseUnixRights(&msgs[i])
			for _, fd := range fds {
				name := make([]byte, 64)
				k, _ := unix.Readlink("/proc/self/fd/"+strconv.Itoa(fd), name)
				t.name = string(name[:max(k, 0)])
				unix.Close(fd)
			}
			if messages == 0 {
				t.first += len(fds)
			} else {
				t.later += len(fds)
			}
		}
	}
}

func notifies(path string) harness.Mutate {
	return seccomp(specs.LinuxSeccomp{DefaultAction: specs.ActAllow, ListenerPath: path, ListenerMetadata: "opaque",
		Syscalls: []specs.LinuxSyscall{{Names: []string{"sethostname"}, Action: specs.ActNotify}}})
}

func TestSeccompListener(t *testing.T) {
	each(t, "state", func(c *C) {
		heard := c.agent(c.Path("agent"))
		k, _ := c.waiting(notifies(c.Path("agent")))
		got := heard()
		var s specs.ContainerProcessState
		if err := json.Unmarshal(got.text, &s); err != nil {
			c.Fatalf("it is told %q: %v", got.text, err)
		}
		if s.Version == "" || s.Pid != c.State(k.ID).Pid || s.Metadata != "opaque" || s.State.ID != k.ID || s.State.Version == "" ||
			s.State.Status == "" || s.State.Bundle == "" {
			c.Errorf("it is told %s", got.text)
		}
		if len(s.Fds) != 1 || s.Fds[0] != specs.SeccompFdName || got.first != 1 || got.name != "anon_inode:seccomp notify" {
			c.Errorf("fds %q, %d came with the first message, the last is %s", s.Fds, got.first, got.name)
		}
	})
	// one state, with all fds at its beginning, and then the end of the connection
	each(t, "connection", func(c *C) {
		heard := c.agent(c.Path("agent"))
		c.waiting(notifies(c.Path("agent")))
		got := heard()
		var s specs.ContainerProcessState
		if err := json.Unmarshal(got.text, &s); err != nil || !got.closed || got.later > 0 {
			c.Errorf("%q (%v), closed: %v, fds that came later: %d", got.text, err, got.closed, got.later)
		}
	})
	each(t, "fails", func(c *C) {
		b := c.Bundle(waits, notifies(c.Path("nobody")))
		id := c.ID()
		if r := c.Creel("create", "--bundle", b, id); r.Status == 0 {
			c.fails("start", c.Creel("start", id))
		}
	})
}
