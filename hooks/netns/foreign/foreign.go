// Package foreign gets packets of our bridges past the firewalls of others. An accept in one's own chain of nftables does
// not override a drop in another's at the same hook: where one drops what it does not know, the rule has to be added
// there, in the place that it has for its users.
package foreign

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/google/nftables"
)

// A firewall is one that drops forwarded packets that it does not know.
type firewall interface {
	// name is how a record, and an error, calls it.
	name() string
	// admit makes it let the packets of a bridge pass; it may do so already.
	admit(bridge string) error
	// dismiss is the opposite. What is gone already is no error.
	dismiss(bridge string) error
}

// known are all that there is something to be done about, and that a record can name.
var known = []firewall{
	&xtables{program: "iptables", variant: "nft", ipv: "ip"},
	&xtables{program: "ip6tables", variant: "nft", ipv: "ip6"},
	&xtables{program: "iptables", variant: "legacy", ipv: "ip"},
	&xtables{program: "ip6tables", variant: "legacy", ipv: "ip6"},
	firewalld{},
}

// Admit makes every firewall that would drop a bridge's packets let them pass, and returns the names of those.
// ipv6 says that the bridge has addresses of IPv6, too. done is called with each name before anything is changed.
func Admit(bridge string, ipv6 bool, done func(name string) error) error {
	found, err := find(ipv6)
	if err != nil {
		return err
	}
	for _, f := range found {
		if err := done(f.name()); err != nil {
			return err
		}
		if err := f.admit(bridge); err != nil {
			return fmt.Errorf("%s drops forwarded packets: let those of %s pass: %w", f.name(), bridge, err)
		}
	}
	return nil
}

// Dismiss takes away what Admit did in the firewalls with these names.
func Dismiss(bridge string, names []string) error {
	var all []error
	for _, f := range known {
		if !slices.Contains(names, f.name()) {
			continue
		}
		if err := f.dismiss(bridge); err != nil {
			all = append(all, fmt.Errorf("%s: forget %s: %w", f.name(), bridge, err))
		}
	}
	return errors.Join(all...)
}

// find lists the firewalls that drop what they do not know. One that has no place for others is an error that names it.
func find(ipv6 bool) (found []firewall, err error) {
	c, err := nftables.New()
	if err != nil {
		return nil, fmt.Errorf("nftables: %w", err)
	}
	chains, err := c.ListChains()
	if err != nil {
		return nil, fmt.Errorf("nftables: list the chains: %w", err)
	}
	for _, ch := range chains {
		f, err := judge(c, ch, ipv6)
		if err != nil {
			return nil, err
		}
		if f != nil && !slices.Contains(found, f) {
			found = append(found, f)
		}
	}
	for _, f := range known {
		if x, ok := f.(*xtables); ok && x.variant == "legacy" && (ipv6 || x.ipv == "ip") {
			drops, err := x.legacyDrops()
			if err != nil {
				return nil, err
			}
			if drops {
				found = append(found, f)
			}
		}
	}
	return found, nil
}

var families = map[nftables.TableFamily]string{nftables.TableFamilyIPv4: "ip", nftables.TableFamilyIPv6: "ip6", nftables.TableFamilyINet: "inet"}

// judge returns the firewall whose chain for forwarded packets this is, if it drops them.
func judge(c *nftables.Conn, ch *nftables.Chain, ipv6 bool) (firewall, error) {
	family := families[ch.Table.Family]
	if ch.Hooknum == nil || *ch.Hooknum != *nftables.ChainHookForward || ch.Type != nftables.ChainTypeFilter || family == "" || family == "ip6" && !ipv6 {
		return nil, nil
	}
	if ch.Table.Name == "firewalld" { // its last rule rejects, not its policy
		return firewalld{}, nil
	}
	if yes, err := drops(c, ch); err != nil || !yes {
		return nil, err
	}
	if ch.Table.Name == "filter" && ch.Name == "FORWARD" {
		for _, f := range known {
			if x, ok := f.(*xtables); ok && x.variant == "nft" && x.ipv == family {
				if _, err := c.ListChain(ch.Table, users); err == nil {
					return f, nil
				}
			}
		}
	}
	return nil, fmt.Errorf("the chain %s %s %s of nftables drops forwarded packets, and has no place for rules of others: accept those of the bridge there, and use --firewall own",
		family, ch.Table.Name, ch.Name)
}

// Bridges lists those of Docker among the host's interfaces: its own rules keep nobody away from them who is let
// pass in the chain DOCKER-USER.
func Bridges(interfaces []string) (found []string) {
	for _, name := range interfaces {
		id, ok := strings.CutPrefix(name, "br-")
		if name == "docker0" || ok && len(id) == 12 && strings.Trim(id, "0123456789abcdef") == "" {
			found = append(found, name)
		}
	}
	return found
}
