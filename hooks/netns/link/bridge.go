// Package link makes bridges and pairs of interfaces, by rtnetlink(7).
package link

import (
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

// CheckName says why an interface cannot have this name (IFNAMSIZ, dev_valid_name of the kernel).
func CheckName(name string) error {
	switch {
	case len(name) >= unix.IFNAMSIZ:
		return fmt.Errorf("%q has %d letters, and interfaces at most %d", name, len(name), unix.IFNAMSIZ-1)
	case name == "", name == ".", name == "..", strings.ContainsAny(name, "/:% \t\n\v\f\r"), strings.IndexByte(name, 0) >= 0:
		return fmt.Errorf("%q is no name of an interface", name)
	case name == "lo", name == "all", name == "default":
		return fmt.Errorf("%q is taken", name)
	}
	return nil
}

// A Bridge is what one is to be like.
type Bridge struct {
	Name              string
	Address, Address6 netip.Prefix // Address6 may be missing
	MTU               int
	// Loopback6 lets it take packets to ::1, as the answers of ports are that are published there.
	Loopback6 bool
}

// Found returns the addresses of a bridge that exists: an error says that it is something else.
// Where there is none it returns nil.
func Found(name string) ([]netip.Prefix, error) {
	l, err := netlink.LinkByName(name)
	if notFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if l.Type() != "bridge" {
		return nil, fmt.Errorf("%s exists, and is no bridge but of type %q", name, l.Type())
	}
	list, err := whole(func() ([]netlink.Addr, error) { return netlink.AddrList(l, netlink.FAMILY_ALL) })
	if err != nil {
		return nil, err
	}
	found := []netip.Prefix{}
	for _, a := range list {
		if ip, ok := netip.AddrFromSlice(a.IP); ok && a.Scope == unix.RT_SCOPE_UNIVERSE {
			bits, _ := a.Mask.Size()
			found = append(found, netip.PrefixFrom(ip.Unmap(), bits))
		}
	}
	return found, nil
}

// Ensure makes the bridge if it is missing, gives it what it lacks of its addresses, and brings it up. It calls prepare
// before the last step.
func (b Bridge) Ensure(prepare func() error) (index int, err error) {
	l, err := netlink.LinkByName(b.Name)
	if notFound(err) {
		if err := b.add(); err != nil {
			return 0, fmt.Errorf("make the bridge %s: %w", b.Name, err)
		}
		l, err = netlink.LinkByName(b.Name)
	}
	if err != nil {
		return 0, fmt.Errorf("bridge %s: %w", b.Name, err)
	}
	found, err := Found(b.Name)
	if err != nil {
		return 0, err
	}
	for _, p := range []netip.Prefix{b.Address, b.Address6} {
		if !p.IsValid() || contains(found, p) {
			continue
		}
		a := address(p)
		if err := netlink.AddrAdd(l, a); err != nil && !errors.Is(err, unix.EEXIST) {
			return 0, fmt.Errorf("bridge %s: add the address %s: %w", b.Name, p, err)
		}
	}
	if err := prepare(); err != nil {
		return 0, err
	}
	if l.Attrs().Flags&net.FlagUp == 0 {
		if err := netlink.LinkSetUp(l); err != nil {
			return 0, fmt.Errorf("bring up the bridge %s: %w", b.Name, err)
		}
	}
	if b.Loopback6 {
		if err := netlink.RouteAdd(loopback6(l)); err != nil && !errors.Is(err, unix.EEXIST) {
			return 0, fmt.Errorf("bridge %s: add a local route to ::1: %w", b.Name, err)
		}
	}
	return l.Attrs().Index, nil
}

// loopback6 is a route by which the host takes what comes over an interface to ::1 for its own. It looks that address up
// among the routes of the interface alone (rt6_need_strict of the kernel), whose only one is that of lo else; so this is
// what route_localnet is for IPv4. No packet comes with that address from outside (RFC 4291, 2.5.3; ip6_rcv_core): it can but
// be the result of a translation.
func loopback6(l netlink.Link) *netlink.Route {
	return &netlink.Route{LinkIndex: l.Attrs().Index, Table: unix.RT_TABLE_LOCAL, Type: unix.RTN_LOCAL,
		Dst: &net.IPNet{IP: net.IPv6loopback, Mask: net.CIDRMask(128, 128)}}
}

// ForgetLoopback6 takes away what Loopback6 of a bridge has made. What is gone is no error.
func ForgetLoopback6(bridge string) error {
	l, err := netlink.LinkByName(bridge)
	if err == nil {
		err = netlink.RouteDel(loopback6(l))
	}
	if err == nil || notFound(err) || errors.Is(err, unix.ESRCH) || errors.Is(err, unix.ENODEV) {
		return nil
	}
	return fmt.Errorf("bridge %s: remove the local route to ::1: %w", bridge, err)
}

// add makes the bridge. With a hardware address of its own it does not take the one of whichever interface joins it,
// and change it with every container (a bridge's is the lowest of its ports).
func (b Bridge) add() error {
	attrs := netlink.NewLinkAttrs()
	attrs.Name = b.Name
	attrs.HardwareAddr = make(net.HardwareAddr, 6)
	if _, err := rand.Read(attrs.HardwareAddr); err != nil {
		return err
	}
	attrs.HardwareAddr[0] = 0x02 // unicast, and nobody's by registration
	l := &netlink.Bridge{LinkAttrs: attrs}
	if err := netlink.LinkAdd(l); err != nil {
		return err
	}
	// Changed afterwards it stays; one that a bridge is made with it forgets for the smallest of its ports'.
	if err := netlink.LinkSetMTU(l, b.MTU); err != nil {
		return fmt.Errorf("set its MTU to %d: %w", b.MTU, err)
	}
	return nil
}

// Delete removes an interface, and with one end of a pair the other. One that is gone is no error.
func Delete(name string) error {
	l, err := netlink.LinkByName(name)
	if err == nil {
		err = netlink.LinkDel(l)
	}
	if err == nil || notFound(err) || errors.Is(err, unix.ENODEV) {
		return nil
	}
	return fmt.Errorf("remove the interface %s: %w", name, err)
}

// DeleteVeth removes one end of a pair, and the other with it. An interface of another kind stays.
func DeleteVeth(name string) error {
	l, err := netlink.LinkByName(name)
	if notFound(err) || err == nil && l.Type() != "veth" {
		return nil
	}
	return Delete(name)
}

func notFound(err error) bool {
	var none netlink.LinkNotFoundError
	return errors.As(err, &none)
}

func contains(list []netip.Prefix, p netip.Prefix) bool {
	for _, o := range list {
		if o == p {
			return true
		}
	}
	return false
}

// address of an interface. One of IPv6 is nobody else's, and can be used at once (no duplicate address detection).
func address(p netip.Prefix) *netlink.Addr {
	a := &netlink.Addr{IPNet: &net.IPNet{IP: p.Addr().AsSlice(), Mask: net.CIDRMask(p.Bits(), p.Addr().BitLen())}}
	if p.Addr().Is6() {
		a.Flags = unix.IFA_F_NODAD
	}
	return a
}
