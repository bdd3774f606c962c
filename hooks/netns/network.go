package netns

import (
	"crypto/rand"
	"fmt"
	"net/netip"

	"github.com/creel-project/creel/hooks/netns/ipam"
	"github.com/creel-project/creel/hooks/netns/link"
	"github.com/creel-project/creel/hooks/netns/record"
)

// choose finds the network of a bridge in the state, or decides what it is to be, and adds it. made says the latter.
func (o *Network) choose(s *record.State) (n *record.Network, made bool, err error) {
	if err := link.CheckName(o.Bridge); err != nil {
		return nil, false, fmt.Errorf("--bridge: %w", err)
	}
	if o.MTU != 0 && (o.MTU < 68 || o.MTU > 65535) {
		return nil, false, fmt.Errorf("--mtu: %d is not between 68 and 65535", o.MTU)
	}
	found, err := link.Found(o.Bridge)
	if err != nil {
		return nil, false, fmt.Errorf("--bridge: %w", err)
	}
	if n = s.Network(o.Bridge); n != nil {
		return n, false, o.compare(n, found)
	}
	n = &record.Network{Bridge: o.Bridge, MTU: o.MTU, Isolated: o.Isolate == nil || *o.Isolate, Adopted: found != nil}
	if n.MTU == 0 {
		n.MTU = link.MTU()
	}
	if err := o.subnet(n, s, found); err != nil {
		return nil, false, err
	}
	if err := o.subnet6(n, s, found); err != nil {
		return nil, false, err
	}
	s.Networks = append(s.Networks, n)
	return n, true, nil
}

// compare says in what a network is another one than was asked for.
func (o *Network) compare(n *record.Network, found []netip.Prefix) error {
	if err := same("--subnet", o.Bridge, o.Subnet, n.Address); err != nil {
		return err
	}
	if err := same("--subnet6", o.Bridge, o.Subnet6, n.Address6); err != nil {
		return err
	}
	if o.Isolate != nil && *o.Isolate != n.Isolated {
		return fmt.Errorf("--isolate: %t: the bridge %s was made with %t", *o.Isolate, o.Bridge, n.Isolated)
	}
	_, err := fits("--bridge", o.Bridge, n.Address, found)
	return err
}

func same(flag, bridge, text string, has netip.Prefix) error {
	if text == "" || text == "none" || text == auto && has.IsValid() {
		return nil
	}
	if !has.IsValid() {
		return fmt.Errorf("%s: %s: the bridge %s was made without IPv6", flag, text, bridge)
	}
	want, err := ipam.Parse(text)
	if err != nil {
		return fmt.Errorf("%s: %w", flag, err)
	}
	exact, _ := netip.ParsePrefix(text)
	if want != has && (exact != exact.Masked() || exact != has.Masked()) {
		return fmt.Errorf("%s: %s: the bridge %s has the address %s", flag, text, bridge, has)
	}
	return nil
}

// fits looks for an address among those that a bridge has. One with none at all of that family may get it.
func fits(flag, bridge string, want netip.Prefix, found []netip.Prefix) (has bool, err error) {
	var others []netip.Prefix
	for _, p := range found {
		if p == want {
			return true, nil
		}
		if p.Addr().Is4() == want.Addr().Is4() {
			others = append(others, p)
		}
	}
	if len(others) > 0 {
		return false, fmt.Errorf("%s: %s exists and has the address %s, not %s", flag, bridge, others[0], want)
	}
	return false, nil
}

const auto = "auto"

// subnet decides which of IPv4 it is: the one that was asked for, the bridge's own, or one that is free.
func (o *Network) subnet(n *record.Network, s *record.State, found []netip.Prefix) (err error) {
	if o.Subnet == "" || o.Subnet == auto {
		for _, p := range found {
			if p.Addr().Is4() {
				n.Address = p
				return overlap("--bridge", n, n.Address, s)
			}
		}
		routes, err := link.Routes()
		if err != nil {
			return fmt.Errorf("list the host's routes: %w", err)
		}
		for _, other := range s.Networks {
			routes = append(routes, other.Address.Masked())
		}
		n.Address, err = ipam.Choose(routes)
		return err
	}
	if n.Address, err = ipam.Parse(o.Subnet); err != nil {
		return fmt.Errorf("--subnet: %w", err)
	}
	if !n.Address.Addr().Is4() {
		return fmt.Errorf("--subnet: %s is one of IPv6", o.Subnet)
	}
	has, err := fits("--subnet", o.Bridge, n.Address, found)
	if err != nil || has {
		return err
	}
	if err := overlap("--subnet", n, n.Address, s); err != nil {
		return err
	}
	return routed(n.Address)
}

// subnet6 decides about IPv6.
func (o *Network) subnet6(n *record.Network, s *record.State, found []netip.Prefix) (err error) {
	switch o.Subnet6 {
	case "", "none":
		return nil
	case auto:
		var random [5]byte
		if _, err := rand.Read(random[:]); err != nil {
			return err
		}
		n.Address6 = ipam.Local(random)
		return nil
	}
	if n.Address6, err = ipam.Parse(o.Subnet6); err != nil {
		return fmt.Errorf("--subnet6: %w", err)
	}
	if !n.Address6.Addr().Is6() {
		return fmt.Errorf("--subnet6: %s is one of IPv4", o.Subnet6)
	}
	if _, err := fits("--subnet6", o.Bridge, n.Address6, found); err != nil {
		return err
	}
	return overlap("--subnet6", n, n.Address6, s)
}

// overlap says which other bridge has addresses of a subnet.
func overlap(flag string, n *record.Network, p netip.Prefix, s *record.State) error {
	for _, o := range s.Networks {
		for _, other := range []netip.Prefix{o.Address, o.Address6} {
			if o != n && other.IsValid() && other.Masked().Overlaps(p.Masked()) {
				return fmt.Errorf("%s: %s overlaps with %s of the bridge %s", flag, p.Masked(), other.Masked(), o.Bridge)
			}
		}
	}
	return nil
}

// routed says which route of the host leads to addresses of a subnet.
func routed(p netip.Prefix) error {
	routes, err := link.Routes()
	if err != nil {
		return fmt.Errorf("list the host's routes: %w", err)
	}
	for _, r := range routes {
		if r.Bits() > 0 && r.Overlaps(p.Masked()) {
			return fmt.Errorf("--subnet: %s overlaps with %s, to which the host has a route", p.Masked(), r)
		}
	}
	return nil
}
