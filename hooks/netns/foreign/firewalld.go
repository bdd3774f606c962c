package foreign

import (
	"errors"
	"fmt"
	"time"

	"github.com/creel-project/creel/internal/dbus"
)

// firewalld is the daemon of that name: what is in its zone "trusted" passes. It is asked by D-Bus
// (firewalld.dbus(5)).
type firewalld struct{}

const (
	bus     = "unix:path=/run/dbus/system_bus_socket"
	trusted = "trusted"
	daemon  = "org.fedoraproject.FirewallD1"
)

func (firewalld) name() string { return "firewalld" }

func (firewalld) admit(bridge string) error {
	return talk(func(z zones) error {
		zone, err := z.call("getZoneOfInterface", bridge)
		if err != nil || zone == trusted {
			return err
		}
		_, err = z.call("changeZoneOfInterface", trusted, bridge)
		return err
	})
}

func (firewalld) dismiss(bridge string) error {
	err := talk(func(z zones) error {
		zone, err := z.call("getZoneOfInterface", bridge)
		if err != nil || zone != trusted {
			return err
		}
		_, err = z.call("removeInterface", trusted, bridge)
		return err
	})
	var refused *dbus.Error
	if errors.Is(err, errNoBus) || errors.As(err, &refused) && refused.Name == "org.freedesktop.DBus.Error.ServiceUnknown" {
		return nil // it is gone, and has forgotten all
	}
	return err
}

var errNoBus = errors.New("there is no system bus")

// zones are the methods of the daemon's zones.
type zones struct {
	conn     *dbus.Conn
	deadline time.Time
}

func (z zones) call(member string, args ...string) (string, error) {
	var values []dbus.Value
	for _, a := range args {
		values = append(values, dbus.String(a))
	}
	reply, err := z.conn.Call(z.deadline, dbus.Method{
		Destination: daemon, Path: "/org/fedoraproject/FirewallD1", Interface: daemon + ".zone", Member: member,
	}, values...)
	if err != nil {
		return "", fmt.Errorf("call %s: %w", member, err)
	}
	body := reply.Body()
	return body.String(), body.Err()
}

// talk connects to the system bus.
func talk(f func(zones) error) error {
	deadline := time.Now().Add(20 * time.Second)
	c, err := dbus.Dial(bus, deadline)
	if err != nil {
		return errors.Join(errNoBus, err)
	}
	defer c.Close()
	hello := dbus.Method{Destination: "org.freedesktop.DBus", Path: "/org/freedesktop/DBus", Interface: "org.freedesktop.DBus", Member: "Hello"}
	if _, err := c.Call(deadline, hello); err != nil {
		return fmt.Errorf("call Hello: %w", err)
	}
	return f(zones{c, deadline})
}
