package port

import (
	"errors"
	"fmt"
	"net/netip"

	"golang.org/x/sys/unix"
)

// Probe binds the ports of the host for a moment: if a process of the host has one, or the host has no such address,
// that is an error.
func (m Mapping) Probe() error {
	for one := range m.Each() {
		if err := one.probe(); err != nil {
			return err
		}
	}
	return nil
}

func (m Mapping) probe() error {
	hosts := []netip.Addr{m.Host}
	if !m.Host.IsValid() {
		hosts = []netip.Addr{netip.IPv4Unspecified(), netip.IPv6Unspecified()}
	}
	for _, host := range hosts {
		switch err := m.bind(host); {
		case err == nil, errors.Is(err, unix.EAFNOSUPPORT), errors.Is(err, unix.EPROTONOSUPPORT):
			// The host speaks no IPv6, or no SCTP: then no process of it has the port.
		case errors.Is(err, unix.EADDRNOTAVAIL) && !m.Host.IsValid():
		case errors.Is(err, unix.EADDRINUSE):
			return fmt.Errorf("a process of the host has port %d/%s: bind: %w", m.HostPort, m.Proto, err)
		case errors.Is(err, unix.EADDRNOTAVAIL):
			return fmt.Errorf("the host does not have the address %s: bind: %w", host, err)
		default:
			return fmt.Errorf("bind %s: %w", netip.AddrPortFrom(host, m.HostPort), err)
		}
	}
	return nil
}

func (m Mapping) bind(host netip.Addr) error {
	kind, proto := unix.SOCK_STREAM, unix.IPPROTO_TCP
	switch m.Proto {
	case "udp":
		kind, proto = unix.SOCK_DGRAM, unix.IPPROTO_UDP
	case "sctp":
		proto = unix.IPPROTO_SCTP
	}
	family, to := unix.AF_INET, unix.Sockaddr(nil)
	if host.Is4() {
		to = &unix.SockaddrInet4{Port: int(m.HostPort), Addr: host.As4()}
	} else {
		family, to = unix.AF_INET6, &unix.SockaddrInet6{Port: int(m.HostPort), Addr: host.As16()}
	}
	fd, err := unix.Socket(family, kind|unix.SOCK_CLOEXEC, proto)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	if family == unix.AF_INET6 {
		if err := unix.SetsockoptInt(fd, unix.IPPROTO_IPV6, unix.IPV6_V6ONLY, 1); err != nil {
			return err
		}
	}
	if m.Proto != "udp" {
		// Connections that ended a moment ago are no listener (tcp(7), socket(7)).
		if err := unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_REUSEADDR, 1); err != nil {
			return err
		}
	}
	return unix.Bind(fd, to)
}
