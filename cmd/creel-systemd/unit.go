package main

import (
	"errors"
	"fmt"
	"time"

	"github.com/creel-project/creel/libcontainer/cgroups/systemd/wire"
	"github.com/godbus/dbus/v5"
	"golang.org/x/sys/unix"
)

const (
	managerInterface = "org.freedesktop.systemd1.Manager"

	// jobTimeout is how long systemd may take for a job: on a machine under load, it may be late.
	jobTimeout = 30 * time.Second
	// leaveTimeout is how long a unit of the same name, whose processes have ended, may take to be forgotten.
	leaveTimeout = 2 * time.Second
)

// property is one of a unit, as its methods take it: (sv).
type property struct {
	Name  string
	Value dbus.Variant
}

// auxiliary is a further unit of StartTransientUnit, of which there is none: (sa(sv)).
type auxiliary struct {
	Name       string
	Properties []property
}

func (m *manager) answer(r *wire.Request) error {
	switch r.Method {
	case wire.Start:
		return m.start(r)
	case wire.Stop:
		return m.stop(r.Unit, r.Description)
	case wire.Set:
		properties, err := convert(r)
		if err != nil {
			return err
		}
		return m.call("SetUnitProperties", r.Unit, true, properties)
	case wire.Attach:
		return m.call("AttachProcessesToUnit", r.Unit, r.Sub, r.Pids)
	}
	return fmt.Errorf("method %q is unknown", r.Method)
}

// start makes a transient unit. One of the same name may still be on its way out.
func (m *manager) start(r *wire.Request) error {
	properties, err := convert(r)
	if err != nil {
		return err
	}
	for end := time.Now().Add(leaveTimeout); ; time.Sleep(10 * time.Millisecond) {
		err = m.job("StartTransientUnit", r.Unit, "fail", properties, []auxiliary{})
		if !refused(err, "org.freedesktop.systemd1.UnitExists") || time.Now().After(end) {
			return err
		}
		_ = m.call("ResetFailedUnit", r.Unit) // if it failed, it stays until somebody has seen it
	}
}

// stop ends a unit with all of its processes, at once, unless another description says that it is another's.
func (m *manager) stop(unit, description string) error {
	if description != "" {
		other, err := m.description(unit)
		if gone(err) || err == nil && other != description {
			return nil
		}
		if err != nil {
			return err
		}
	}
	err := m.call("KillUnit", unit, "all", int32(unix.SIGKILL))
	if gone(err) {
		return nil
	}
	// A unit whose last process has ended is no longer there to be killed, but its job may be under way.
	if err = m.job("StopUnit", unit, "replace"); gone(err) {
		return nil
	}
	if err == nil {
		_ = m.call("ResetFailedUnit", unit)
	}
	return err
}

func (m *manager) description(unit string) (text string, err error) {
	var path dbus.ObjectPath
	if err := m.object.Call(managerInterface+".GetUnit", 0, unit).Store(&path); err != nil {
		return "", fmt.Errorf("GetUnit: %w", err)
	}
	err = m.conn.Object("org.freedesktop.systemd1", path).StoreProperty("org.freedesktop.systemd1.Unit.Description", &text)
	return text, err
}

func gone(err error) bool { return refused(err, "org.freedesktop.systemd1.NoSuchUnit") }

func refused(err error, name string) bool {
	var e dbus.Error
	return errors.As(err, &e) && e.Name == name
}

func (m *manager) call(method string, args ...any) error {
	if err := m.object.Call(managerInterface+"."+method, 0, args...).Err; err != nil {
		return fmt.Errorf("%s: %w", method, err)
	}
	return nil
}

// job calls a method that begins a job, and waits for its end.
func (m *manager) job(method string, args ...any) error {
	var path dbus.ObjectPath
	call := m.object.Call(managerInterface+"."+method, 0, args...)
	if err := call.Store(&path); err != nil {
		return fmt.Errorf("%s: %w", method, err)
	}
	timeout := time.After(jobTimeout)
	for {
		select {
		case s, open := <-m.signals:
			if !open {
				return fmt.Errorf("%s: the connection ended before the job did: %w", method, unix.ECONNRESET)
			}
			if result, ok := jobRemoved(s, path); ok && result != "done" {
				return fmt.Errorf("%s: the job's result is %q", method, result)
			} else if ok {
				return nil
			}
		case <-timeout:
			return fmt.Errorf("%s: the job has not ended within %s: %w", method, jobTimeout, unix.ETIMEDOUT)
		}
	}
}

// jobRemoved reads the signal JobRemoved(u id, o job, s unit, s result).
func jobRemoved(s *dbus.Signal, path dbus.ObjectPath) (result string, ok bool) {
	if s.Name != managerInterface+".JobRemoved" || len(s.Body) != 4 || s.Body[1] != path {
		return "", false
	}
	result, ok = s.Body[3].(string)
	return result, ok
}
