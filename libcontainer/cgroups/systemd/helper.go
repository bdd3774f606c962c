package systemd

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/creel-project/creel/internal/lazyjson"
	"github.com/creel-project/creel/internal/memfile"
	"github.com/creel-project/creel/internal/spawn"
	"github.com/creel-project/creel/libcontainer/cgroups/systemd/wire"
)

// installed are the places where a package may put the helper for programs that do not embed it.
var installed = [...]string{"/usr/local/libexec/creel/creel-systemd", "/usr/libexec/creel/creel-systemd"}

// patience is how long the answer to a request may take, in seconds: more than the helper waits for systemd.
const patience = 60

// helper is creel-systemd at work: the process that speaks D-Bus.
type helper struct {
	sock, pid, pidfd int
}

// startHelper starts it. It connects to a systemd while the caller goes on.
func startHelper(user bool) (*helper, error) {
	path, done, err := program()
	if err != nil {
		return nil, err
	}
	defer done()
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_SEQPACKET|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("creel-systemd: socket pair: %w", err)
	}
	defer unix.Close(pair[1])
	limit := unix.Timeval{Sec: patience}
	if err := unix.SetsockoptTimeval(pair[0], unix.SOL_SOCKET, unix.SO_RCVTIMEO, &limit); err != nil {
		unix.Close(pair[0])
		return nil, fmt.Errorf("creel-systemd: socket: %w", err)
	}
	instance := "system"
	if user {
		instance = "user"
	}
	pid, pidfd, err := spawn.Start(spawn.Child{
		Path: path, Argv: []string{"creel-systemd", instance}, Env: environment(), Cgroup: -1,
		Files: []uintptr{uintptr(pair[1]), uintptr(pair[1]), 2},
	})
	if err != nil {
		unix.Close(pair[0])
		return nil, fmt.Errorf("creel-systemd: execute %s: %w", path, err)
	}
	return &helper{sock: pair[0], pid: pid, pidfd: pidfd}, nil
}

// program is where the helper is executed from; done closes it.
func program() (path string, done func(), err error) {
	if len(embedded) > 0 {
		fd, err := memfile.Program("creel-systemd", embedded)
		if err != nil {
			return "", nil, err
		}
		return "/proc/self/fd/" + strconv.Itoa(fd), func() { unix.Close(fd) }, nil
	}
	for _, path := range installed {
		if unix.Access(path, unix.X_OK) == nil {
			return path, func() {}, nil
		}
	}
	return "", nil, fmt.Errorf("creel-systemd: neither embedded (build tag creel_embed) nor installed as %v: %w", installed, unix.ENOENT)
}

// environment is what the helper needs of the caller's to find a bus.
func environment() (env []string) {
	for _, name := range [...]string{"XDG_RUNTIME_DIR", "DBUS_SESSION_BUS_ADDRESS", "DBUS_SYSTEM_BUS_ADDRESS"} {
		if value := os.Getenv(name); value != "" {
			env = append(env, name+"="+value)
		}
	}
	return env
}

// refusal is an error that systemd answered with.
type refusal struct {
	name string // D-Bus's, "org.freedesktop.DBus.Error.AccessDenied"
	text string
}

func (r *refusal) Error() string { return r.text }

// ask sends a request and waits for what comes of it.
func (h *helper) ask(r *wire.Request) error {
	text, err := lazyjson.Marshal(r)
	if err != nil {
		return err
	}
	if len(text) > wire.MaxMessage {
		return fmt.Errorf("a request of %d bytes to systemd is too large: %w", len(text), unix.EMSGSIZE)
	}
	if _, err := unix.SendmsgN(h.sock, text, nil, nil, unix.MSG_NOSIGNAL); err != nil {
		return h.lost(err)
	}
	answer := make([]byte, wire.MaxMessage)
	n, err := unix.Read(h.sock, answer)
	for errors.Is(err, unix.EINTR) {
		n, err = unix.Read(h.sock, answer)
	}
	if err == nil && n == 0 {
		err = unix.ECONNRESET
	}
	if err != nil {
		return h.lost(err)
	}
	var a wire.Answer
	switch err := lazyjson.Unmarshal(answer[:n], &a); {
	case err != nil:
		return fmt.Errorf("creel-systemd: its answer: %w", err)
	case a.Refused != "":
		return &refusal{a.Refused, strings.TrimSpace(a.Error)}
	case a.Error != "":
		return errors.New(a.Error)
	}
	return nil
}

func (h *helper) lost(err error) error {
	if errors.Is(err, unix.EAGAIN) {
		return fmt.Errorf("creel-systemd, which speaks to systemd, has not answered within %d s: %w", patience, unix.ETIMEDOUT)
	}
	return fmt.Errorf("creel-systemd, which speaks to systemd, has ended: %w", err)
}

// close ends the helper.
func (h *helper) close() {
	if h == nil {
		return
	}
	unix.Close(h.sock)
	if h.pidfd >= 0 {
		_ = unix.PidfdSendSignal(h.pidfd, unix.SIGKILL, nil, 0) // it may still wait for a bus that does not answer
		unix.Close(h.pidfd)
	}
	for {
		if _, err := unix.Wait4(h.pid, nil, 0, nil); !errors.Is(err, unix.EINTR) {
			return
		}
	}
}
