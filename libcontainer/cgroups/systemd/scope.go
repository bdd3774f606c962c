package systemd

import (
	"fmt"
	"time"

	"golang.org/x/sys/unix"

	"github.com/creel-project/creel/internal/dbus"
)

// leaveTimeout is how long a unit of the same name, whose processes have ended, may take to be forgotten.
const leaveTimeout = 2 * time.Second

// start makes a scope. One of the same name may still be on its way out.
func (m *manager) start(unit string, properties []property) error {
	none := dbus.Array("(sa(sv))") // no further units
	pause := 5 * time.Millisecond
	for end := time.Now().Add(leaveTimeout); ; time.Sleep(pause) {
		err := m.job("StartTransientUnit", dbus.String(unit), dbus.String("fail"), values(properties), none)
		if !refused(err, service+".UnitExists") || time.Now().After(end) {
			return err
		}
		if pause *= 2; pause == 10*time.Millisecond {
			_, _ = m.call("ResetFailedUnit", dbus.String(unit)) // if it failed, it stays until somebody has seen it
		}
	}
}

// stop ends the unit of that description with all of its processes, at once. One with another is another's. Where no process is
// left there is nothing to kill, but the unit may be there still.
func (m *manager) stop(unit, description string, kill bool) error {
	other, err := m.description(unit)
	if gone(err) || err == nil && other != description {
		return nil
	}
	if err == nil && kill {
		_, err = m.call("KillUnit", dbus.String(unit), dbus.String("all"), dbus.Int32(int32(unix.SIGKILL)))
	}
	if err == nil {
		err = m.job("StopUnit", dbus.String(unit), dbus.String("replace"))
	}
	if gone(err) {
		return nil
	}
	return err
}

func gone(err error) bool { return refused(err, service+".NoSuchUnit") }

func (m *manager) description(unit string) (string, error) {
	reply, err := m.call("GetUnit", dbus.String(unit))
	if err != nil {
		return "", err
	}
	get := dbus.Method{Destination: service, Path: reply.Body().String(), Interface: "org.freedesktop.DBus.Properties", Member: "Get"}
	reply, err = m.conn.Call(m.deadline, get, dbus.String(service+".Unit"), dbus.String("Description"))
	if err != nil {
		return "", fmt.Errorf("description of %s: %w", unit, err)
	}
	body := reply.Body()
	if body.Signature() != "s" { // of the variant
		return "", fmt.Errorf("description of %s: %w", unit, unix.EPROTO)
	}
	return body.String(), body.Err()
}

// set changes properties of a unit, until it ends.
func (m *manager) set(unit string, properties []property) error {
	_, err := m.call("SetUnitProperties", dbus.String(unit), dbus.Bool(true), values(properties))
	return err
}

// settle returns when systemd has done what it was told: it writes cgroups before it reads its next request.
func (m *manager) settle(unit string) error {
	_, err := m.call("GetUnit", dbus.String(unit))
	return err
}

// attach moves a process into a unit's cgroup at a path below it, "/" for itself (systemd 238).
func (m *manager) attach(unit, sub string, pid int) error {
	_, err := m.call("AttachProcessesToUnit", dbus.String(unit), dbus.String(sub), dbus.Array("u", dbus.Uint32(uint32(pid))))
	for name, errno := range map[string]unix.Errno{"System.Error.EBUSY": unix.EBUSY, "System.Error.ENOENT": unix.ENOENT} {
		if refused(err, name) {
			return fmt.Errorf("%w (%w)", err, errno)
		}
	}
	return err
}
