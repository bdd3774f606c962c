// Package port knows published ports: how they are written, and whose they are.
package port

import (
	"fmt"
	"iter"
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// A Mapping leads from a port of the host to one of a container, or from each of a range to that of another one.
type Mapping struct {
	// Host is the address of the host. The zero value is any, of IPv4 and of IPv6; 0.0.0.0 and :: are any of one of them.
	Host           netip.Addr
	HostPort, Port uint16
	More           uint16 // how many ports follow these two
	Proto          string // tcp, udp, sctp
}

var protocols = []string{"tcp", "udp", "sctp"}

// Parse reads [HOSTIP:]HOSTPORT:PORT[/PROTO]. An address of IPv6 stands in brackets. Both ports may be ranges, FIRST-LAST,
// of the same length.
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
	more := uint16(0)
	if m.Port, more, err = numbers(inside); err != nil {
		return m, err
	}
	host, outside, ok := cutLast(rest)
	if !ok {
		host, outside = "", rest
	}
	if m.HostPort, m.More, err = numbers(outside); err != nil {
		return m, err
	}
	if m.More != more {
		return m, fmt.Errorf("%s are %d ports of the host, and %s are %d of the container", outside, int(m.More)+1, inside, int(more)+1)
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

// numbers reads a port, or a range of them.
func numbers(text string) (first, more uint16, err error) {
	from, to, ranged := strings.Cut(text, "-")
	if !ranged {
		to = from
	}
	low, errLow := strconv.ParseUint(from, 10, 16)
	high, errHigh := strconv.ParseUint(to, 10, 16)
	switch {
	case errLow != nil || errHigh != nil || low == 0 || high == 0:
		return 0, 0, fmt.Errorf("%q is no port: they are numbers from 1 to 65535", text)
	case high < low:
		return 0, 0, fmt.Errorf("%q is no range of ports: it ends before it begins", text)
	}
	return uint16(low), uint16(high - low), nil
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
	return a, nil
}

// String is the mapping as Parse reads it.
func (m Mapping) String() string {
	s := fmt.Sprintf("%d:%d/%s", m.HostPort, m.Port, m.Proto)
	if m.More > 0 {
		s = fmt.Sprintf("%d-%d:%d-%d/%s", m.HostPort, m.HostPort+m.More, m.Port, m.Port+m.More, m.Proto)
	}
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

// Loopback6 says that it is for [::1] alone.
func (m Mapping) Loopback6() bool { return m.Host == netip.IPv6Loopback() }

// Each are the mappings of the single ports.
func (m Mapping) Each() iter.Seq[Mapping] {
	return func(yield func(Mapping) bool) {
		for i := range int(m.More) + 1 {
			one := m
			one.HostPort, one.Port, one.More = m.HostPort+uint16(i), m.Port+uint16(i), 0
			if !yield(one) {
				return
			}
		}
	}
}

// Conflicts says whether some connection could be meant for both.
func (m Mapping) Conflicts(o Mapping) bool {
	reaches := func(a, b Mapping) bool { return int(a.HostPort)+int(a.More) >= int(b.HostPort) }
	return reaches(m, o) && reaches(o, m) && m.Proto == o.Proto &&
		(m.Is4() && o.Is4() || m.Is6() && o.Is6()) && (m.Any() || o.Any() || m.Host == o.Host)
}
