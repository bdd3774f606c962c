// Package port knows published ports: how they are written, and whose they are.
package port

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// A Mapping leads from a port of the host to one of a container.
type Mapping struct {
	// Host is the address of the host. The zero value is any, of IPv4 and of IPv6; 0.0.0.0 and :: are any of one of them.
	Host     netip.Addr `json:"host,omitzero"`
	HostPort uint16     `json:"hostPort"`
	Port     uint16     `json:"port"`
	Proto    string     `json:"proto"` // tcp, udp, sctp
}

var protocols = []string{"tcp", "udp", "sctp"}

// Parse reads [HOSTIP:]HOSTPORT:PORT[/PROTO]. An address of IPv6 stands in brackets.
func Parse(text string) (m Mapping, err error) {
	rest, proto, ok := strings.Cut(text, "/")
	if m.Proto = proto; !ok {
		m.Proto = "tcp"
	}
	if !slices.Contains(protocols, m.Proto) {
		return m, fmt.Errorf("%q is none of the protocols tcp, udp and sctp", proto)
	}
	rest, inside, ok := cutLast(rest)
	if !ok {
		return m, fmt.Errorf("%q has no colon between a port of the host and one of the container", text)
	}
	if m.Port, err = number(inside); err != nil {
		return m, err
	}
	host, outside, ok := cutLast(rest)
	if !ok {
		host, outside = "", rest
	}
	if m.HostPort, err = number(outside); err != nil {
		return m, err
	}
	if ok {
		m.Host, err = address(host)
	}
	return m, err
}

func cutLast(s string) (before, after string, ok bool) {
	i := strings.LastIndexByte(s, ':')
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+1:], true
}

func number(text string) (uint16, error) {
	n, err := strconv.ParseUint(text, 10, 16)
	if err != nil || n == 0 {
		return 0, fmt.Errorf("%q is no port: they are numbers from 1 to 65535", text)
	}
	return uint16(n), nil
}

func address(text string) (netip.Addr, error) {
	inner, bracket := strings.CutPrefix(text, "[")
	if bracket {
		inner, bracket = strings.CutSuffix(inner, "]")
	}
	a, err := netip.ParseAddr(inner)
	if err != nil || a.Zone() != "" || a.Is4In6() || a.Is6() != bracket {
		return a, fmt.Errorf("%q is no address: write 192.0.2.1 or [2001:db8::1]", text)
	}
	if a == netip.IPv6Loopback() {
		return a, errors.New("[::1] cannot be published: the kernel routes nothing from there (use 127.0.0.1)")
	}
	return a, nil
}

// String is the mapping as Parse reads it.
func (m Mapping) String() string {
	s := fmt.Sprintf("%d:%d/%s", m.HostPort, m.Port, m.Proto)
	switch {
	case !m.Host.IsValid():
		return s
	case m.Host.Is6():
		return "[" + m.Host.String() + "]:" + s
	}
	return m.Host.String() + ":" + s
}

// MarshalText and UnmarshalText make a mapping a string in JSON.
func (m Mapping) MarshalText() ([]byte, error) { return []byte(m.String()), nil }

// UnmarshalText is the opposite of MarshalText.
func (m *Mapping) UnmarshalText(text []byte) (err error) {
	*m, err = Parse(string(text))
	return err
}

// Is4 and Is6 say whether it takes connections of IPv4, and of IPv6.
func (m Mapping) Is4() bool { return !m.Host.IsValid() || m.Host.Is4() }

// Is6 is the same of IPv6.
func (m Mapping) Is6() bool { return !m.Host.IsValid() || m.Host.Is6() }

// Any says that it takes those to any address.
func (m Mapping) Any() bool { return !m.Host.IsValid() || m.Host.IsUnspecified() }

// Conflicts says whether some connection could be meant for both.
func (m Mapping) Conflicts(o Mapping) bool {
	return m.HostPort == o.HostPort && m.Proto == o.Proto &&
		(m.Is4() && o.Is4() || m.Is6() && o.Is6()) && (m.Any() || o.Any() || m.Host == o.Host)
}
