package systemd

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/creel-project/creel/internal/dbus"
)

// manager is a connection to a systemd (org.freedesktop.systemd1(5)), for one thing to do.
type manager struct {
	conn     *dbus.Conn
	deadline time.Time
}

const (
	service          = "org.freedesktop.systemd1"
	managerInterface = service + ".Manager"

	// timeout is how long systemd may take for all that there is to do: under load it may be late.
	timeout = 30 * time.Second
)

// connect tries the addresses of a systemd one after the other.
func connect(user bool) (*manager, error) {
	who := "systemd"
	if user {
		who = "the user's systemd"
	}
	var failures []string
	for _, a := range addresses(user) {
		m, err := dial(a)
		if err == nil {
			return m, nil
		}
		failures = append(failures, err.Error())
	}
	if len(failures) == 0 {
		return nil, fmt.Errorf("connect to %s: neither XDG_RUNTIME_DIR nor DBUS_SESSION_BUS_ADDRESS is set", who)
	}
	return nil, fmt.Errorf("connect to %s: %s", who, strings.Join(failures, "; "))
}

// address is where a systemd listens: by itself, or on a bus, where a client says Hello first.
type address struct {
	text string
	bus  bool
}

// addresses begins with systemd's own socket, which systemctl(1) uses too: it works without a bus, and a bus that is busy with
// a storm of containers does not hold them up. Only root may use the one of the system's.
func addresses(user bool) (list []address) {
	bus, dir := "DBUS_SYSTEM_BUS_ADDRESS", "/run"
	if user {
		bus, dir = "DBUS_SESSION_BUS_ADDRESS", os.Getenv("XDG_RUNTIME_DIR")
	}
	if dir != "" && (user || os.Geteuid() == 0) {
		list = append(list, address{dbus.SocketAddress(dir + "/systemd/private"), false})
	}
	switch a := os.Getenv(bus); {
	case a != "":
		list = append(list, address{a, true})
	case !user:
		list = append(list, address{dbus.SocketAddress("/run/dbus/system_bus_socket"), true})
	case dir != "":
		list = append(list, address{dbus.SocketAddress(dir + "/bus"), true})
	}
	return list
}

func dial(a address) (*manager, error) {
	deadline := time.Now().Add(timeout)
	conn, err := dbus.Dial(a.text, deadline)
	if err != nil {
		return nil, err
	}
	if a.bus {
		if err := enter(conn, deadline); err != nil {
			conn.Close()
			return nil, fmt.Errorf("%s: %w", a.text, err)
		}
	}
	return &manager{conn, deadline}, nil
}

// enter takes part in a bus, and asks it for the signals of jobs.
func enter(conn *dbus.Conn, deadline time.Time) error {
	bus := dbus.Method{Destination: "org.freedesktop.DBus", Path: "/org/freedesktop/DBus", Interface: "org.freedesktop.DBus", Member: "Hello"}
	if _, err := conn.Call(deadline, bus); err != nil {
		return fmt.Errorf("call Hello: %w", err)
	}
	bus.Member = "AddMatch"
	rule := "type='signal',sender='" + service + "',interface='" + managerInterface + "',member='JobRemoved'"
	if _, err := conn.Call(deadline, bus, dbus.String(rule)); err != nil {
		return fmt.Errorf("call AddMatch: %w", err)
	}
	return nil
}

func (m *manager) close() {
	if m != nil {
		m.conn.Close()
	}
}

// call calls a method of systemd's manager.
func (m *manager) call(method string, args ...dbus.Value) (*dbus.Message, error) {
	of := dbus.Method{Destination: service, Path: "/org/freedesktop/systemd1", Interface: managerInterface, Member: method}
	reply, err := m.conn.Call(m.deadline, of, args...)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", method, err)
	}
	return reply, nil
}

// job calls a method that begins a job, and waits for its end.
func (m *manager) job(method string, args ...dbus.Value) error {
	reply, err := m.call(method, args...)
	if err != nil {
		return err
	}
	body := reply.Body()
	path := body.String()
	if err := body.Err(); err != nil {
		return fmt.Errorf("%s: %w", method, err)
	}
	for {
		s, err := m.conn.Signal(m.deadline)
		if errors.Is(err, unix.ETIMEDOUT) {
			return fmt.Errorf("%s: the job has not ended within %s: %w", method, timeout, err)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", method, err)
		}
		if result, ok := jobRemoved(s, path); ok && s.Sender == reply.Sender {
			if result == "done" {
				return nil
			}
			return fmt.Errorf("%s: the job's result is %q: journalctl(1) has more", method, result)
		}
	}
}

// jobRemoved reads the signal JobRemoved(u id, o job, s unit, s result).
func jobRemoved(s *dbus.Message, path string) (result string, ok bool) {
	if s.Interface != managerInterface || s.Member != "JobRemoved" || s.Signature != "uoss" {
		return "", false
	}
	body := s.Body()
	_ = body.Uint32()
	job, _ := body.String(), body.String()
	result = body.String()
	return result, job == path && body.Err() == nil
}

// refused says whether the answer was an error of that name.
func refused(err error, name string) bool {
	var e *dbus.Error
	return errors.As(err, &e) && e.Name == name
}

// madeNothing says whether systemd itself refused: a bus has errors of its own, which leave open what systemd did.
func madeNothing(err error) bool {
	var e *dbus.Error
	return errors.As(err, &e) && !slices.Contains([]string{
		"org.freedesktop.DBus.Error.NoReply", "org.freedesktop.DBus.Error.Timeout", "org.freedesktop.DBus.Error.TimedOut",
		"org.freedesktop.DBus.Error.Disconnected",
	}, e.Name)
}

// ownSystem says whether root of this user namespace, or of the machine, owns the system's systemd. In a container that is a
// machine of its own he does; where an engine runs us as root of an ordinary user's namespace he does not.
func ownSystem() bool {
	var st unix.Stat_t
	return os.Geteuid() == 0 && unix.Lstat("/run/systemd/private", &st) == nil && st.Uid == 0
}
