// Package record remembers networks and who is in them: in one file below /run, which is replaced as a whole and read and
// written under a lock. What is about to be made is recorded before it is made, so that whoever comes later can take
// away what a hook that was killed has left.
package record

import (
	"net/netip"
	"slices"
	"time"

	"github.com/creel-project/creel/hooks/netns/port"
	"github.com/creel-project/creel/hooks/netns/proc"
)

// State is all that is remembered.
type State struct {
	Version   int         `json:"version"`
	Networks  []*Network  `json:"networks"`
	Endpoints []*Endpoint `json:"endpoints"`
}

// A Network is a bridge and what belongs to it.
type Network struct {
	Bridge string `json:"bridge"`
	// Address and Address6 are the bridge's, with the length of the subnet's prefix.
	Address  netip.Prefix `json:"address"`
	Address6 netip.Prefix `json:"address6,omitzero"`
	MTU      int          `json:"mtu"`
	Isolated bool         `json:"isolated"`
	// Adopted is a bridge that was there before.
	Adopted bool `json:"adopted,omitempty"`
	// Kept is one that was asked for by itself, and not by a container.
	Kept bool `json:"kept,omitempty"`
	// Foreign are the firewalls of others in which it has rules.
	Foreign []string `json:"foreign,omitempty"`
	// Last and Last6 were given last.
	Last  netip.Addr `json:"last,omitzero"`
	Last6 netip.Addr `json:"last6,omitzero"`
}

// An Endpoint is one interface of a container.
type Endpoint struct {
	ID     string `json:"id"`
	Bundle string `json:"bundle"`
	proc.Process
	// Netns is the inode of the container's network namespace.
	Netns   uint64    `json:"netns"`
	Iface   string    `json:"iface"`
	Created time.Time `json:"created"`

	Bridge   string         `json:"bridge,omitempty"`
	Veth     string         `json:"veth,omitempty"` // the interface's other end, at the bridge
	MAC      string         `json:"mac,omitempty"`
	Address  netip.Addr     `json:"address,omitzero"`
	Address6 netip.Addr     `json:"address6,omitzero"`
	Ports    []port.Mapping `json:"ports,omitempty"`

	CNI *CNI `json:"cni,omitempty"`
}

// CNI is what the release of an interface needs that plugins made.
type CNI struct {
	Network string   `json:"network"`
	ConfDir string   `json:"confDir"`
	BinDirs []string `json:"binDirs"`
	// Cache is where the library keeps what came of ADD.
	Cache string `json:"cache"`
	// Capabilities are what plugins were told besides.
	Capabilities map[string]any `json:"capabilities,omitempty"`
}

// Network returns the network of a bridge, or nil.
func (s *State) Network(bridge string) *Network {
	for _, n := range s.Networks {
		if n.Bridge == bridge {
			return n
		}
	}
	return nil
}

// Of lists a container's endpoints.
func (s *State) Of(id, bundle string) (list []*Endpoint) {
	for _, e := range s.Endpoints {
		if e.ID == id && (e.Bundle == bundle || bundle == "") {
			list = append(list, e)
		}
	}
	return list
}

// On lists the endpoints at a bridge.
func (s *State) On(bridge string) (list []*Endpoint) {
	for _, e := range s.Endpoints {
		if e.Bridge == bridge && bridge != "" {
			list = append(list, e)
		}
	}
	return list
}

// Dead lists the endpoints of containers that have ended.
func (s *State) Dead() (list []*Endpoint) {
	for _, e := range s.Endpoints {
		if !e.Lives() {
			list = append(list, e)
		}
	}
	return list
}

// Forget takes endpoints away.
func (s *State) Forget(gone []*Endpoint) {
	s.Endpoints = slices.DeleteFunc(s.Endpoints, func(e *Endpoint) bool { return slices.Contains(gone, e) })
}

// ForgetNetwork takes a network away.
func (s *State) ForgetNetwork(n *Network) {
	s.Networks = slices.DeleteFunc(s.Networks, func(o *Network) bool { return o == n })
}

// Taken are the addresses that endpoints at a bridge have.
func (s *State) Taken(bridge string) map[netip.Addr]bool {
	taken := map[netip.Addr]bool{}
	for _, e := range s.On(bridge) {
		taken[e.Address] = true
		if e.Address6.IsValid() {
			taken[e.Address6] = true
		}
	}
	return taken
}
