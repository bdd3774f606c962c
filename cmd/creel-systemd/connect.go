package main

import (
	"errors"
	"fmt"
	"os"

	"github.com/godbus/dbus/v5"
)

// manager is a connection to a systemd.
type manager struct {
	conn    *dbus.Conn
	object  dbus.BusObject
	signals chan *dbus.Signal
}

// connect tries the addresses of a systemd one after the other.
func connect(user bool) (*manager, error) {
	var failures []error
	for _, a := range addresses(user) {
		m, err := dial(a)
		if err == nil {
			return m, nil
		}
		failures = append(failures, fmt.Errorf("%s: %w", a.text, err))
	}
	who := "systemd"
	if user {
		who = "the user's systemd"
	}
	if len(failures) == 0 {
		return nil, fmt.Errorf("connect to %s: neither XDG_RUNTIME_DIR nor DBUS_SESSION_BUS_ADDRESS is set", who)
	}
	return nil, fmt.Errorf("connect to %s: %w", who, errors.Join(failures...))
}

// address is where a systemd listens: by itself, or on a bus, where a client says Hello first.
type address struct {
	text string
	bus  bool
}

// addresses begins with systemd's own socket, which systemctl(1) uses too: it works without a bus, and a bus that is busy with
// a storm of containers does not hold them up. Only root may use the one of the system's.
func addresses(user bool) []address {
	if !user {
		list := []address{{"unix:path=/run/dbus/system_bus_socket", true}}
		if a := os.Getenv("DBUS_SYSTEM_BUS_ADDRESS"); a != "" {
			list[0].text = a
		}
		if os.Geteuid() == 0 {
			list = append([]address{{"unix:path=/run/systemd/private", false}}, list...)
		}
		return list
	}
	var list []address
	dir := os.Getenv("XDG_RUNTIME_DIR")
	if dir != "" {
		list = append(list, address{"unix:path=" + dbus.EscapeBusAddressValue(dir+"/systemd/private"), false})
	}
	if a := os.Getenv("DBUS_SESSION_BUS_ADDRESS"); a != "" {
		list = append(list, address{a, true})
	} else if dir != "" {
		list = append(list, address{"unix:path=" + dbus.EscapeBusAddressValue(dir+"/bus"), true})
	}
	return list
}

// dial connects. Who we are the other end sees for itself: inside a user namespace we would name the wrong id.
func dial(a address) (*manager, error) {
	conn, err := dbus.Dial(a.text)
	if err != nil {
		return nil, err
	}
	err = conn.Auth([]dbus.Auth{dbus.AuthExternal("")})
	if err == nil && a.bus {
		err = conn.Hello()
	}
	if err == nil && a.bus {
		err = conn.AddMatchSignal(dbus.WithMatchInterface(managerInterface), dbus.WithMatchMember("JobRemoved"))
	}
	if err != nil {
		conn.Close()
		return nil, err
	}
	m := &manager{conn: conn, object: conn.Object("org.freedesktop.systemd1", "/org/freedesktop/systemd1"), signals: make(chan *dbus.Signal, 256)}
	conn.Signal(m.signals)
	return m, nil
}
