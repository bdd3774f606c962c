// Package netdev moves network devices of the host into a container's network
// namespace (runtime-spec, config-linux.md, "Network Devices"). It speaks
// rtnetlink(7) itself: what it needs is little, and must not slow down the start
// of programs.
package netdev

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

// Moved are the devices that a container got. The network namespace lives at least
// as long as this is not closed.
type Moved struct {
	host, there *socket
	hostNS      int
	list        []moved
}

// moved is one device that was moved: as it was on the host, and is in the container.
type moved struct{ was, is link }

// Move moves devices, named as linux.netDevices names them, from the caller's network
// namespace into the one behind the fd ns. They keep their permanent addresses of global
// scope and everything that belongs to the device, its MTU for one, and are up afterwards.
// What is not there, or would take a name that is in use, is an error before anything is
// moved; after any other error the devices are the host's again. The error names the field.
func Move(ns int, devices map[string]specs.LinuxNetDevice) (*Moved, error) {
	m := &Moved{hostNS: -1}
	names := order(devices)
	err := m.open(ns)
	var links []link
	if err == nil {
		links, err = m.look(names, devices)
	}
	for i := range links {
		if err == nil {
			err = m.move(links[i], ns, names[i], devices[names[i]].Name)
		}
	}
	if err != nil {
		err = errors.Join(err, m.Restore())
		m.Close()
		return nil, err
	}
	return m, nil
}

// order lists the devices by name, those last whose new name the kernel is to
// complete: it must not take one that another device is to have.
func order(devices map[string]specs.LinuxNetDevice) []string {
	names := slices.Sorted(maps.Keys(devices))
	slices.SortStableFunc(names, func(a, b string) int {
		switch x, y := isTemplate(devices[a].Name), isTemplate(devices[b].Name); {
		case x == y:
			return 0
		case x:
			return 1
		}
		return -1
	})
	return names
}

func isTemplate(name string) bool { return strings.HasSuffix(name, "%d") }

func (m *Moved) open(ns int) (err error) {
	if m.host, err = open(); err == nil {
		m.there, err = openIn(ns)
	}
	if err == nil {
		if m.hostNS, err = unix.Open("/proc/thread-self/ns/net", unix.O_RDONLY|unix.O_CLOEXEC, 0); err != nil {
			err = fmt.Errorf("open /proc/thread-self/ns/net: %w", err)
		}
	}
	if err != nil {
		return fmt.Errorf("linux.netDevices: %w", err)
	}
	return nil
}

// Close lets go of the namespaces; the devices stay where they are.
func (m *Moved) Close() {
	for _, s := range [...]*socket{m.host, m.there} {
		if s != nil {
			s.close()
		}
	}
	if m.hostNS >= 0 {
		unix.Close(m.hostNS)
	}
	*m = Moved{hostNS: -1}
}

// look finds the devices on the host, and sees that their new names are free.
func (m *Moved) look(names []string, devices map[string]specs.LinuxNetDevice) ([]link, error) {
	var links []link
	var errs []error
	for _, name := range names {
		l, err := m.host.find(name)
		if err != nil {
			errs = append(errs, fmt.Errorf("linux.netDevices[%q]: find the device: %w", name, err))
			continue
		}
		links = append(links, l)
		to := devices[name].Name
		if to == "" {
			to = name
		}
		if isTemplate(to) {
			continue
		}
		if _, err := m.there.find(to); !errors.Is(err, unix.ENODEV) {
			if err == nil {
				err = unix.EEXIST
			}
			errs = append(errs, fmt.Errorf("linux.netDevices[%q]: move to %q in the container: %w", name, to, err))
		}
	}
	return links, errors.Join(errs...)
}

func (m *Moved) move(l link, ns int, name, to string) error {
	if to == "" {
		to = name
	}
	addrs, err := m.host.addresses(l)
	if err != nil {
		return fmt.Errorf("linux.netDevices[%q]: read its addresses: %w", name, err)
	}
	now, err := transfer(m.host, m.there, l, ns, to)
	if now.index != 0 {
		m.list = append(m.list, moved{l, now})
	}
	if err != nil {
		return fmt.Errorf("linux.netDevices[%q]: move to %q in the container: %w", name, to, err)
	}
	if err := equip(m.there, now, addrs, true); err != nil {
		return fmt.Errorf("linux.netDevices[%q]: %w", name, err)
	}
	return nil
}

// transfer moves a device and returns what it is then, if it could be moved at
// all. A name with %d is known to the kernel alone, so that the device is looked
// for under another one before it gets it.
func transfer(from, to *socket, l link, ns int, name string) (link, error) {
	first := name
	if isTemplate(name) {
		first = fmt.Sprintf("creel%d", l.index)
	}
	if err := from.send(l, ns, first); err != nil {
		return link{}, err
	}
	now, err := to.find(first)
	if err == nil && first != name {
		err = to.rename(now, name)
	}
	return now, err
}

// equip gives a device its addresses and brings it up.
func equip(s *socket, l link, addrs []address, up bool) error {
	for i := range addrs {
		if err := s.addAddress(l, &addrs[i]); err != nil {
			return fmt.Errorf("give it the address %s: %w", addrs[i].String(), err)
		}
	}
	if !up {
		return nil
	}
	if err := s.bringUp(l); err != nil {
		return fmt.Errorf("bring it up: %w", err)
	}
	return nil
}

// Restore moves the devices back to the host, the last one first, with the names, states and
// addresses that they had. It is for a container that is not to be: the devices of one that
// was are the kernel's business (network_namespaces(7)).
func (m *Moved) Restore() error {
	var errs []error
	for _, d := range slices.Backward(m.list) {
		addrs, err := m.there.addresses(d.is)
		var now link
		if err == nil {
			now, err = transfer(m.there, m.host, d.is, m.hostNS, d.was.name)
		}
		if err == nil {
			err = equip(m.host, now, addrs, d.was.up)
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("linux.netDevices[%q]: move it back to the host: %w", d.was.name, err))
		}
	}
	m.list = nil
	return errors.Join(errs...)
}
