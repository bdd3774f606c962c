package resolv

import (
	"net/netip"
	"os"
	"strings"
)

// Files of the host. The second has the servers that systemd-resolved asks, where the first names only itself
// (systemd-resolved.service(8), "/etc/resolv.conf").
const (
	hostFile     = "/etc/resolv.conf"
	upstreamFile = "/run/systemd/resolve/resolv.conf"
)

// Host is the configuration of the host, with those servers that a container reaches from a network of its own: none on
// a loopback address, and of IPv6 only if it speaks that.
func Host(ipv6 bool) Conf { return host(hostFile, upstreamFile, ipv6) }

func host(file, upstream string, ipv6 bool) Conf {
	c := read(file, ipv6)
	if len(c.Servers) == 0 {
		c.Servers = read(upstream, ipv6).Servers
	}
	return c
}

func read(file string, ipv6 bool) Conf {
	text, _ := os.ReadFile(file) // a host without that file asks nobody
	c := Parse(string(text))
	c.Servers = Reachable(c.Servers, ipv6)
	return c
}

// Reachable are those of some servers that are no loopback addresses, nor of one link only, nor of IPv6 unless that is spoken.
func Reachable(servers []string, ipv6 bool) (some []string) {
	for _, s := range servers {
		a, err := netip.ParseAddr(s)
		if err == nil && !a.IsLoopback() && !a.IsLinkLocalUnicast() && !a.IsUnspecified() && (ipv6 || a.Is4()) {
			some = append(some, s)
		}
	}
	return some
}

// Parse reads a file, of which it passes over what it does not know. Of several lists of domains the last counts.
func Parse(text string) (c Conf) {
	for line := range strings.Lines(text) {
		words := strings.Fields(line)
		if len(words) < 2 || strings.HasPrefix(line, "#") || strings.HasPrefix(line, ";") {
			continue
		}
		switch words[0] {
		case "nameserver":
			c.Servers = append(c.Servers, words[1])
		case "search":
			c.Search = words[1:]
		case "domain":
			c.Search = words[1:2]
		case "options":
			c.Options = append(c.Options, words[1:]...)
		}
	}
	return c
}
