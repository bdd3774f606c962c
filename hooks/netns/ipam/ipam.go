// Package ipam chooses subnets, and addresses in them. It is pure: who has what comes in, and what was chosen goes out.
package ipam

import (
	"errors"
	"fmt"
	"net/netip"
)

// Parse reads a subnet: 172.19.0.0/16, whose first address the bridge gets, or 172.19.0.1/16 with the bridge's own
// address. It returns the bridge's address with the length of the prefix.
func Parse(text string) (netip.Prefix, error) {
	p, err := netip.ParsePrefix(text)
	if err != nil {
		return p, fmt.Errorf("%q is no subnet: write 172.19.0.0/16 or fd00:19::/64", text)
	}
	if host := p.Addr().BitLen() - p.Bits(); host < 2 || p.Addr().Is4In6() {
		return p, fmt.Errorf("%q has no room for a bridge and containers", text)
	}
	if a := p.Addr(); a.IsMulticast() || a.IsLoopback() || p.Bits() == 0 {
		return p, fmt.Errorf("%q is no subnet for containers", text)
	}
	if p.Addr() == p.Masked().Addr() {
		return netip.PrefixFrom(p.Addr().Next(), p.Bits()), nil
	}
	if last(p) == p.Addr() {
		return p, fmt.Errorf("%q: the bridge cannot have the broadcast address", text)
	}
	return p, nil
}

// ErrExhausted says that a subnet has no address left.
var ErrExhausted = errors.New("all addresses are taken")

// Next returns the first free address behind after, and behind the end goes on at the beginning: an address is not
// given again soon, as others may remember its hardware address. Neither the subnet's own address, nor its last one, nor
// the bridge's is given.
func Next(bridge netip.Prefix, after netip.Addr, taken map[netip.Addr]bool) (netip.Addr, error) {
	first, end := bridge.Masked().Addr().Next(), last(bridge)
	if !bridge.Contains(after) || after.Less(first) || !after.Less(end) {
		after = first
	}
	a := after
	for {
		if a = a.Next(); !a.IsValid() || !a.Less(end) {
			a = first
		}
		if a != bridge.Addr() && !taken[a] {
			return a, nil
		}
		if a == after {
			return netip.Addr{}, fmt.Errorf("subnet %s: %w", bridge.Masked(), ErrExhausted)
		}
	}
}

// Check says why a container cannot have a certain address.
func Check(bridge netip.Prefix, a netip.Addr) error {
	switch {
	case !bridge.Contains(a):
		return fmt.Errorf("%s is not in the subnet %s", a, bridge.Masked())
	case a == bridge.Addr():
		return fmt.Errorf("%s is the address of the bridge", a)
	case a == bridge.Masked().Addr() || a == last(bridge):
		return fmt.Errorf("%s is no address of a host in %s", a, bridge.Masked())
	}
	return nil
}

// last returns the last address of a subnet: of IPv4 the broadcast address.
func last(p netip.Prefix) netip.Addr {
	b := p.Masked().Addr().AsSlice()
	for i := p.Bits(); i < len(b)*8; i++ {
		b[i/8] |= 0x80 >> (i % 8)
	}
	a, _ := netip.AddrFromSlice(b)
	return a
}

// Choose returns the bridge's address in the first of the private subnets that overlaps with no other: 172.19.0.0/16
// and those behind it, then ones of 10.0.0.0/8 and 192.168.0.0/16 (RFC 1918).
func Choose(others []netip.Prefix) (netip.Prefix, error) {
	try := func(a, b byte, bits int) (netip.Prefix, bool) {
		p := netip.PrefixFrom(netip.AddrFrom4([4]byte{a, b, 0, 1}), bits)
		for _, o := range others {
			if o.Bits() > 0 && o.Overlaps(p.Masked()) {
				return p, false
			}
		}
		return p, true
	}
	for b := 19; b < 32; b++ {
		if p, ok := try(172, byte(b), 16); ok {
			return p, nil
		}
	}
	for b := 89; b < 256; b++ {
		if p, ok := try(10, byte(b), 16); ok {
			return p, nil
		}
	}
	if p, ok := try(192, 168, 20); ok {
		return p, nil
	}
	return netip.Prefix{}, errors.New("routes of the host overlap with every private subnet: name one with --subnet")
}

// Local returns the bridge's address in a subnet fdXX:…::/64 that nobody else has, made of 40 random bits (RFC 4193).
func Local(random [5]byte) netip.Prefix {
	b := [16]byte{0: 0xfd, 15: 1}
	copy(b[1:], random[:])
	return netip.PrefixFrom(netip.AddrFrom16(b), 64)
}
