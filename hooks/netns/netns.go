// Package netns gives containers a network, as a hook of the runtime (runtime-spec, config.md, "POSIX-platform Hooks"): an
// interface at a bridge, addresses, routes and published ports; or what a configuration of CNI says. It runs in the
// runtime's namespaces, and takes all of it away again when the container is gone.
package netns

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"

	"github.com/creel-project/creel/hooks/netns/port"
	"github.com/creel-project/creel/hooks/netns/resolv"
	"github.com/opencontainers/runtime-spec/specs-go"
)

// StateDir is where it is remembered who has what, unless somebody wants it elsewhere.
const StateDir = "/run/creel-netns"

// Network says what a bridge is to be like. What is empty is as it is, or else chosen.
type Network struct {
	Bridge string
	// Subnet is that of IPv4, Subnet6 that of IPv6: a subnet, "auto", or "" for none on a bridge that is made.
	Subnet, Subnet6 string
	MTU             int
	// Isolate keeps packets from other networks away, unless they are answers or for published ports; nil is yes.
	Isolate *bool
	// OwnFirewall leaves the firewalls of others alone.
	OwnFirewall bool
}

// Options are what a container is to get.
type Options struct {
	StateDir string
	Network
	Iface    string
	StaticIP []netip.Addr
	MAC      net.HardwareAddr
	Ports    []port.Mapping
	NoRoute  bool // the container has its default route elsewhere

	DNS        resolv.Conf
	HostDNS    bool     // what DNS lacks is the host's
	ResolvConf string   // where that is written, below the bundle unless absolute
	Names      []string // of the container, for its own file hosts
	AddHosts   []resolv.Entry
	Hosts      string // where that is written

	CNI     string // name of a configuration, instead of a bridge
	ConfDir string
	BinDirs []string
}

// stateMax is how much of a state is read, in bytes: annotations may be long.
const stateMax = 16 << 20

// ReadState reads a container's state, which a hook has on its stdin.
func ReadState(r io.Reader) (*specs.State, error) {
	text, err := io.ReadAll(io.LimitReader(r, stateMax+1))
	if err != nil {
		return nil, fmt.Errorf("read the container's state from stdin: %w", err)
	}
	var s specs.State
	switch {
	case len(text) == 0:
		err = errors.New("it is empty: this is a hook, a runtime writes the state")
	case len(text) > stateMax:
		err = fmt.Errorf("it is longer than %d bytes", stateMax)
	default:
		err = json.Unmarshal(text, &s)
	}
	if err != nil {
		return nil, fmt.Errorf("the container's state on stdin: %w", err)
	}
	if s.ID == "" {
		return nil, errors.New("the container's state on stdin: id is missing")
	}
	return &s, nil
}
