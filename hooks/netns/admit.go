package netns

import (
	"fmt"
	"hash/fnv"
	"net"
	"net/netip"
	"slices"

	"github.com/creel-project/creel/hooks/netns/ipam"
	"github.com/creel-project/creel/hooks/netns/port"
	"github.com/creel-project/creel/hooks/netns/record"
	"github.com/creel-project/creel/hooks/netns/sysctl"
)

// admit decides what the container gets: nothing is changed but the state in memory.
func (o *Options) admit(h host, e *record.Endpoint) (n *record.Network, made bool, err error) {
	if err := unique(h, e); err != nil {
		return nil, false, err
	}
	if n, made, err = o.choose(&h.State); err != nil {
		return nil, false, err
	}
	if err := o.addresses(h, n, e); err != nil {
		return nil, false, err
	}
	for _, m := range o.Ports {
		if m.Host.Is6() && !m.Any() && !e.Address6.IsValid() {
			return nil, false, fmt.Errorf("--publish: %s: the bridge %s was made without IPv6 (--subnet6 auto makes one with it)", m, n.Bridge)
		}
		if m.Loopback6() && sysctl.Filters6() {
			return nil, false, fmt.Errorf("--publish: %s: net.bridge.bridge-nf-call-ip6tables is 1: the kernel drops the answers "+
				"to ::1 where it filters bridged packets (use 127.0.0.1)", m)
		}
		if other := holder(h, m); other != nil {
			return nil, false, fmt.Errorf("--publish: %s: container %s has that port of the host", m, other.ID)
		}
		if err := m.Probe(); err != nil {
			return nil, false, fmt.Errorf("--publish: %s: %w", m, err)
		}
	}
	e.Bridge, e.Veth = n.Bridge, outside(e)
	if e.MAC = o.MAC.String(); o.MAC == nil {
		// Made of the address, so that neighbours who remember it are right.
		e.MAC = net.HardwareAddr(append([]byte{0x02, 0xce}, e.Address.AsSlice()...)).String()
	}
	return n, made, nil
}

// unique says that the container has the interface already.
func unique(h host, e *record.Endpoint) error {
	for _, other := range h.Of(e.ID, e.Bundle) {
		if other.Iface == e.Iface {
			return fmt.Errorf("--iface: container %s (pid %d) has an interface %s already", e.ID, other.Pid, e.Iface)
		}
	}
	return nil
}

func holder(h host, m port.Mapping) *record.Endpoint {
	for _, e := range h.Endpoints {
		if slices.ContainsFunc(e.Ports, m.Conflicts) {
			return e
		}
	}
	return nil
}

// addresses chooses those of the container.
func (o *Options) addresses(h host, n *record.Network, e *record.Endpoint) (err error) {
	taken := h.Taken(n.Bridge)
	for _, a := range o.StaticIP {
		bridge, mine := n.Address, &e.Address
		if a.Is6() {
			bridge, mine = n.Address6, &e.Address6
		}
		if !bridge.IsValid() {
			return fmt.Errorf("--static-ip: %s: the bridge %s was made without IPv6", a, n.Bridge)
		}
		if err := ipam.Check(bridge, a); err != nil {
			return fmt.Errorf("--static-ip: %w", err)
		}
		if taken[a] {
			return fmt.Errorf("--static-ip: container %s has %s", owner(h, n, a), a)
		}
		if mine.IsValid() {
			return fmt.Errorf("--static-ip: %s and %s: a container gets one address of each family", *mine, a)
		}
		*mine = a
	}
	if !e.Address.IsValid() {
		if e.Address, err = ipam.Next(n.Address, n.Last, taken); err != nil {
			return fmt.Errorf("bridge %s: %w", n.Bridge, err)
		}
		n.Last = e.Address
	}
	if n.Address6.IsValid() && !e.Address6.IsValid() {
		if e.Address6, err = ipam.Next(n.Address6, n.Last6, taken); err != nil {
			return fmt.Errorf("bridge %s: %w", n.Bridge, err)
		}
		n.Last6 = e.Address6
	}
	return nil
}

func owner(h host, n *record.Network, a netip.Addr) string {
	for _, e := range h.On(n.Bridge) {
		if e.Address == a || e.Address6 == a {
			return e.ID
		}
	}
	return "?"
}

// outside names the end at the bridge. No two containers that ever were have the same.
func outside(e *record.Endpoint) string {
	sum := fnv.New64a()
	fmt.Fprintf(sum, "%s\x00%s\x00%s\x00%d\x00%d", e.ID, e.Bundle, e.Iface, e.Pid, e.Start)
	return fmt.Sprintf("cn%012x", sum.Sum64()&(1<<48-1))
}
