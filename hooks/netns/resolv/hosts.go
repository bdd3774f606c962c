package resolv

import (
	"fmt"
	"net/netip"
	"strings"
)

// CheckNames says what is wrong with names of a host.
func CheckNames(names []string) error {
	for _, name := range names {
		if !word(name) {
			return fmt.Errorf("--hostname: %q is no name of a host", name)
		}
	}
	return nil
}

// localhost is what every host knows (RFC 6761, 6.3; hosts(5)).
const localhost = `127.0.0.1	localhost
::1	localhost ip6-localhost ip6-loopback
ff02::1	ip6-allnodes
ff02::2	ip6-allrouters
`

// An Entry is one more name that a container knows.
type Entry struct {
	Name    string
	Address netip.Addr // none is what the host is reached at
}

// hostGateway stands for the host's address on the container's network, as for Docker.
const hostGateway = "host-gateway"

// ParseEntry reads NAME:ADDRESS, or NAME:host-gateway. The address may stand in brackets.
func ParseEntry(text string) (e Entry, err error) {
	name, address, ok := strings.Cut(text, ":")
	if !ok {
		return e, fmt.Errorf("--add-host: %q has no colon between a name and an address", text)
	}
	if !word(name) {
		return e, fmt.Errorf("--add-host: %q is no name of a host", name)
	}
	if e.Name = name; address == hostGateway {
		return e, nil
	}
	if strings.HasPrefix(address, "[") && strings.HasSuffix(address, "]") {
		address = address[1 : len(address)-1]
	}
	if e.Address, err = netip.ParseAddr(address); err != nil {
		return e, fmt.Errorf("--add-host: %q is no address", address)
	}
	return e, nil
}

// A Place is where a container is in its network.
type Place struct {
	Addresses, Gateways []netip.Addr // invalid ones are none
}

// Hosts is the file hosts of a container that has these names there, and knows others.
func (p Place) Hosts(names []string, others []Entry) string {
	var b strings.Builder
	b.WriteString(localhost)
	add := func(addresses []netip.Addr, name string) {
		for _, a := range addresses {
			if a.IsValid() && name != "" {
				fmt.Fprintf(&b, "%s\t%s\n", a, name)
			}
		}
	}
	for _, e := range others {
		if e.Address.IsValid() {
			add([]netip.Addr{e.Address}, e.Name)
		} else {
			add(p.Gateways, e.Name)
		}
	}
	add(p.Addresses, strings.Join(names, " "))
	return b.String()
}
