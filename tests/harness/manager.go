package harness

import (
	"errors"
	"net"
	"os/exec"
	"slices"
	"sync"

	"golang.org/x/sys/unix"
)

// A Manager is a service manager that listens to what its services say (sd_notify(3)).
type Manager struct {
	h    *H
	Path string
	l    *net.UnixConn
	done chan struct{}

	mu   sync.Mutex
	said []string
	hold []int // fds of barriers that it keeps open
	slow bool
}

// Manager starts a service manager. A slow one keeps barriers shut until Answer.
func (h *H) Manager(slow bool) *Manager {
	h.Helper()
	m := &Manager{h: h, Path: h.Path("manager.sock"), done: make(chan struct{}), slow: slow}
	l, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: m.Path, Net: "unixgram"})
	h.Must(err)
	m.l = l
	go m.listen()
	h.Cleanup(func() {
		m.Answer()
		l.Close()
		<-m.done
	})
	return m
}

func (m *Manager) listen() {
	defer close(m.done)
	for {
		text, oob := make([]byte, 4096), make([]byte, unix.CmsgSpace(4*4))
		n, oobn, _, _, err := m.l.ReadMsgUnix(text, oob)
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			m.h.Error(err)
			return
		}
		m.heard(string(text[:n]), oob[:oobn])
	}
}

func (m *Manager) heard(text string, oob []byte) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.said = append(m.said, text)
	msgs, err := unix.ParseSocketControlMessage(oob)
	for i := range msgs {
		fds, _ := unix.ParseUnixRights(&msgs[i])
		m.hold = append(m.hold, fds...)
	}
	if err != nil {
		m.h.Error(err)
	}
	if !m.slow {
		m.answer()
	}
}

// Answer lets everybody go on who waits at a barrier, now and later.
func (m *Manager) Answer() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.slow = false
	m.answer()
}

func (m *Manager) answer() {
	for _, fd := range m.hold {
		unix.Close(fd)
	}
	m.hold = nil
}

// Said are the messages that came so far.
func (m *Manager) Said() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.said)
}

// Starts prepares a command as one of its services, with an environment of its own.
func (m *Manager) Starts(c *exec.Cmd) { c.Env = append(c.Environ(), "NOTIFY_SOCKET="+m.Path) }

// Forget forgets what was said.
func (m *Manager) Forget() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.said = nil
}
