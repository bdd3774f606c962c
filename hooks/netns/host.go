package netns

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/creel-project/creel/hooks/netns/cni"
	"github.com/creel-project/creel/hooks/netns/flow"
	"github.com/creel-project/creel/hooks/netns/foreign"
	"github.com/creel-project/creel/hooks/netns/link"
	"github.com/creel-project/creel/hooks/netns/port"
	"github.com/creel-project/creel/hooks/netns/record"
	"github.com/creel-project/creel/hooks/netns/ruleset"
	"github.com/creel-project/creel/hooks/netns/sysctl"
)

// A host is the machine's side of it all, under the lock of the state.
type host struct{ *record.Store }

func lock(dir string) (host, error) {
	s, err := record.Open(dir)
	return host{s}, err
}

// ensure makes what a network needs, and returns the index of its bridge.
func (h host) ensure(n *record.Network, ownFirewall bool) (index int, err error) {
	b := link.Bridge{Name: n.Bridge, Address: n.Address, Address6: n.Address6, MTU: n.MTU, Loopback6: h.loopback6(n.Bridge)}
	ipv6 := n.Address6.IsValid()
	if index, err = b.Ensure(func() error { return sysctl.Bridge(n.Bridge, ipv6) }); err != nil {
		return 0, err
	}
	if err := sysctl.Forward(ipv6); err != nil {
		return 0, err
	}
	if err := h.rules(); err != nil || ownFirewall {
		return index, err
	}
	return index, foreign.Admit(n.Bridge, ipv6, func(name string) error {
		for _, has := range n.Foreign {
			if has == name {
				return nil
			}
		}
		n.Foreign = append(n.Foreign, name)
		return h.Save()
	})
}

// loopback6 says whether a port of a container at the bridge is published on ::1.
func (h host) loopback6(bridge string) bool {
	return slices.ContainsFunc(h.On(bridge), func(e *record.Endpoint) bool { return slices.ContainsFunc(e.Ports, port.Mapping.Loopback6) })
}

// rules makes the table of nftables follow from the state.
func (h host) rules() error {
	var bridges []ruleset.Bridge
	for _, n := range h.Networks {
		b := ruleset.Bridge{Name: n.Bridge, Subnet: n.Address, Subnet6: n.Address6, Isolated: n.Isolated}
		for _, e := range h.On(n.Bridge) {
			if len(e.Ports) > 0 {
				b.Published = append(b.Published, ruleset.Published{Address: e.Address, Address6: e.Address6, Ports: e.Ports})
			}
		}
		bridges = append(bridges, b)
	}
	return ruleset.Of(h.Dir(), StateDir).Apply(bridges, foreign.Bridges(interfaces()))
}

// interfaces of the host, by name. /proc, unlike /sys, has those of whoever reads it.
func interfaces() (names []string) {
	text, _ := os.ReadFile("/proc/thread-self/net/dev")
	for line := range strings.Lines(string(text)) {
		if name, _, ok := strings.Cut(line, ":"); ok {
			names = append(names, strings.TrimSpace(name))
		}
	}
	return names
}

// remove takes away what endpoints have, and forgets those of which nothing is left.
func (h host) remove(list []*record.Endpoint) error {
	gone, err := takeAll(list)
	return errors.Join(err, h.forget(gone))
}

// takeAll removes interfaces, and returns those endpoints whose are gone.
func takeAll(list []*record.Endpoint) (gone []*record.Endpoint, err error) {
	for _, e := range list {
		if failed := take(e); failed != nil {
			err = errors.Join(err, fmt.Errorf("container %s: %w", e.ID, failed))
			continue
		}
		gone = append(gone, e)
	}
	return gone, err
}

// forget takes endpoints out of the state and of the table of nftables, and saves the former.
func (h host) forget(gone []*record.Endpoint) error {
	h.Forget(gone)
	var all []error
	for _, n := range h.Networks {
		if len(h.On(n.Bridge)) == 0 {
			all = append(all, h.dismiss(n))
		}
	}
	all = append(all, h.rules())
	for _, e := range gone {
		if slices.ContainsFunc(e.Ports, port.Mapping.Loopback6) && !h.loopback6(e.Bridge) {
			all = append(all, link.ForgetLoopback6(e.Bridge))
		}
		if len(e.Ports) > 0 && e.CNI == nil {
			all = append(all, flow.To(e.Address))
			if e.Address6.IsValid() {
				all = append(all, flow.To(e.Address6))
			}
		}
	}
	return errors.Join(append(all, h.Save())...)
}

// take removes one interface.
func take(e *record.Endpoint) error {
	if e.CNI != nil {
		return cni.Delete(e)
	}
	return link.Delete(e.Veth)
}

// dismiss takes away what a network has in the firewalls of others.
func (h host) dismiss(n *record.Network) error {
	if len(n.Foreign) == 0 {
		return nil
	}
	err := foreign.Dismiss(n.Bridge, n.Foreign)
	if err == nil {
		n.Foreign = nil
	}
	return err
}

// drop removes a network, and its bridge unless that was there before.
func (h host) drop(n *record.Network) error {
	err := h.dismiss(n)
	if !n.Adopted {
		err = errors.Join(err, link.Delete(n.Bridge))
	}
	if err == nil {
		h.ForgetNetwork(n)
	}
	return errors.Join(err, h.rules(), h.Save())
}
