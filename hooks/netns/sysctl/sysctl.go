// Package sysctl sets the parameters of the host that containers need to be reached, and to reach others.
package sysctl

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
)

// Forward lets the host route IPv4, and with ipv6 that as well; what is so already is left alone. A host that learns
// its routes of IPv6 from routers would stop to, when it becomes one: its interfaces are told to go on (accept_ra=2,
// Documentation/networking/ip-sysctl.rst of the kernel).
func Forward(ipv6 bool) error {
	if err := set("net/ipv4/ip_forward", "1"); err != nil {
		return err
	}
	if !ipv6 || is("net/ipv6/conf/all/forwarding", "1") {
		return nil
	}
	entries, err := os.ReadDir("/proc/sys/net/ipv6/conf")
	if err != nil {
		return fmt.Errorf("the host speaks no IPv6: %w", err)
	}
	for _, e := range entries {
		accept := "net/ipv6/conf/" + e.Name() + "/accept_ra"
		if e.Name() == "all" || e.Name() == "lo" || !is(accept, "1") {
			continue
		}
		if err := set(accept, "2"); err != nil && !errors.Is(err, fs.ErrNotExist) { // an interface that went away
			return err
		}
	}
	return set("net/ipv6/conf/all/forwarding", "1")
}

// Bridge lets a bridge route from and to 127.0.0.1, on which ports may be published. With ipv6 it takes no routes from
// containers that would have it believe they are routers, and asks nobody whether its address of the link is another's:
// until it knew, a second or two, it could not look for a container to send something on to.
func Bridge(name string, ipv6 bool) error {
	if err := set("net/ipv4/conf/"+name+"/route_localnet", "1"); err != nil {
		return err
	}
	if !ipv6 {
		return nil
	}
	conf := "net/ipv6/conf/" + name
	if err := set(conf+"/disable_ipv6", "0"); err != nil {
		return err
	}
	if err := set(conf+"/accept_dad", "0"); err != nil {
		return err
	}
	return set(conf+"/accept_ra", "0")
}

// Filters6 says that bridged packets of IPv6 are filtered as routed ones are (br_netfilter): then they are translated before
// the kernel looks whether their addresses may come from outside, which ::1 may not.
func Filters6() bool { return is("net/bridge/bridge-nf-call-ip6tables", "1") }

// Interface turns IPv6 on for one in a container, where that is off by default, and has its addresses usable at once.
func Interface(name string) error {
	conf := "net/ipv6/conf/" + name
	if err := set(conf+"/disable_ipv6", "0"); err != nil {
		return err
	}
	return set(conf+"/accept_dad", "0")
}

func is(name, value string) bool {
	text, err := os.ReadFile("/proc/sys/" + name)
	return err == nil && strings.TrimSpace(string(text)) == value
}

// set writes what is not so already, which may be read-only.
func set(name, value string) error {
	if is(name, value) {
		return nil
	}
	if err := os.WriteFile("/proc/sys/"+name, []byte(value), 0); err != nil {
		return fmt.Errorf("set the sysctl %s to %s: %w", strings.ReplaceAll(name, "/", "."), value, err)
	}
	return nil
}
