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

// Hosts is the file hosts of a container that has these names at these addresses.
func Hosts(addresses []netip.Addr, names []string) string {
	var b strings.Builder
	b.WriteString(localhost)
	for _, a := range addresses {
		if a.IsValid() {
			fmt.Fprintf(&b, "%s\t%s\n", a, strings.Join(names, " "))
		}
	}
	return b.String()
}
