package cli

import (
	"fmt"
	"net"
	"net/netip"

	"github.com/creel-project/creel/hooks/netns"
	"github.com/creel-project/creel/hooks/netns/port"
	"github.com/creel-project/creel/hooks/netns/resolv"
	"github.com/urfave/cli/v3"
)

func hookCommand() *cli.Command {
	flags := append([]cli.Flag{
		&cli.StringFlag{Name: "bridge", Usage: "the `BRIDGE` to be at, which is made if it is missing", Value: defaultBridge},
	}, networkFlags()...)
	flags = append(flags,
		&cli.StringFlag{Name: "iface", Usage: "name of the interface in the container", Value: "eth0"},
		&cli.StringSliceFlag{Name: "static-ip", Usage: "`ADDRESS` to have, at most one of each family"},
		&cli.StringFlag{Name: "mac", Usage: "hardware `ADDRESS`; unless given, one that is made of the address"},
		&cli.BoolFlag{Name: "no-route", Usage: "add no default route: another interface has it"},
		&cli.StringSliceFlag{Name: "publish", Aliases: []string{"p"}, Usage: "port to publish: `[HOSTIP:]HOSTPORT:PORT[/tcp|udp|sctp]`, or ranges of ports, as 8000-8009:80-89"},
		&cli.StringSliceFlag{Name: "dns", Usage: "`ADDRESS` of a name server"},
		&cli.StringSliceFlag{Name: "dns-search", Usage: "`DOMAIN` to search"},
		&cli.StringSliceFlag{Name: "dns-option", Usage: "`OPTION` of the resolver, as ndots:1"},
		&cli.BoolFlag{Name: "host-dns", Usage: "what is not given of these three is the host's"},
		&cli.StringFlag{Name: "resolv-conf", Usage: "`FILE` to write them to, below the bundle unless absolute", Value: "resolv.conf"},
		&cli.StringSliceFlag{Name: "hostname", Usage: "`NAME` of the container, for a file hosts(5) of its own"},
		&cli.StringSliceFlag{Name: "add-host", Usage: "one more name in that file: `NAME:ADDRESS`, or NAME:host-gateway for the host"},
		&cli.StringFlag{Name: "hosts", Usage: "`FILE` to write that to, below the bundle unless absolute", Value: "hosts"},
		&cli.StringFlag{Name: "firewall", Usage: "auto lets packets pass firewalls of others, own leaves those alone", Value: "auto"},
		&cli.StringFlag{Name: "cni", Usage: "have the plugins of the CNI configuration `NAME` do it, instead of a bridge"},
		&cli.StringFlag{Name: "cni-conf-dir", Usage: "where configurations of CNI are", Value: "/etc/cni/net.d"},
		&cli.StringSliceFlag{Name: "cni-bin-dir", Usage: "where plugins of CNI are", Value: []string{"/opt/cni/bin", "/usr/lib/cni", "/usr/libexec/cni"}},
	)
	return &cli.Command{
		Name: "hook", Usage: "give a container its network: a createRuntime hook, with the container's state on stdin", Flags: flags,
		Action: action(0, func(c *cli.Command) error {
			o, err := options(c)
			if err != nil {
				return err
			}
			state, err := netns.ReadState(c.Root().Reader)
			if err != nil {
				return err
			}
			if err := netns.Attach(o, state); err != nil {
				return fmt.Errorf("%s: %w", state.ID, err)
			}
			return nil
		}),
	}
}

// options reads the flags.
func options(c *cli.Command) (*netns.Options, error) {
	dir, err := stateDir(c)
	if err != nil {
		return nil, err
	}
	o := &netns.Options{
		StateDir: dir, Network: network(c, c.String("bridge")), Iface: c.String("iface"), NoRoute: c.Bool("no-route"),
		DNS:     resolv.Conf{Servers: c.StringSlice("dns"), Search: c.StringSlice("dns-search"), Options: c.StringSlice("dns-option")},
		HostDNS: c.Bool("host-dns"), ResolvConf: c.String("resolv-conf"), Names: c.StringSlice("hostname"), Hosts: c.String("hosts"),
		CNI: c.String("cni"), ConfDir: c.String("cni-conf-dir"), BinDirs: c.StringSlice("cni-bin-dir"),
	}
	for _, text := range c.StringSlice("static-ip") {
		a, err := netip.ParseAddr(text)
		if err != nil || a.Zone() != "" || a.Is4In6() {
			return nil, fmt.Errorf("--static-ip: %q is no address", text)
		}
		o.StaticIP = append(o.StaticIP, a)
	}
	for _, text := range c.StringSlice("add-host") {
		e, err := resolv.ParseEntry(text)
		if err != nil {
			return nil, err
		}
		o.AddHosts = append(o.AddHosts, e)
	}
	for _, text := range c.StringSlice("publish") {
		m, err := port.Parse(text)
		if err != nil {
			return nil, fmt.Errorf("--publish: %s: %w", text, err)
		}
		o.Ports = append(o.Ports, m)
	}
	switch firewall := c.String("firewall"); firewall {
	case "auto":
	case "own":
		o.OwnFirewall = true
	default:
		return nil, fmt.Errorf("--firewall: %q is neither auto nor own", firewall)
	}
	if text := c.String("mac"); text != "" {
		o.MAC, err = mac(text)
	}
	return o, err
}

// mac reads the address of one interface of Ethernet.
func mac(text string) (net.HardwareAddr, error) {
	a, err := net.ParseMAC(text)
	if err != nil || len(a) != 6 || a[0]&1 != 0 || a.String() == "00:00:00:00:00:00" {
		return nil, fmt.Errorf("--mac: %q is no hardware address of one interface", text)
	}
	return a, nil
}

func releaseCommand() *cli.Command {
	return &cli.Command{
		Name: "release", Usage: "take away what a container was given: a poststop hook, with the container's state on stdin", ArgsUsage: "[CONTAINER]",
		Flags: []cli.Flag{stateDirFlag(), &cli.StringFlag{Name: "iface", Usage: "only this interface"},
			&cli.BoolFlag{Name: "force", Aliases: []string{"f"}, Usage: "forget it even if plugins of CNI fail"}},
		Action: action(1, func(c *cli.Command) error {
			dir, err := stateDir(c)
			if err != nil {
				return err
			}
			id, bundle := c.Args().First(), ""
			if id == "" {
				state, err := netns.ReadState(c.Root().Reader)
				if err != nil {
					return err
				}
				id, bundle = state.ID, state.Bundle
			}
			if err := netns.Release(dir, id, bundle, c.String("iface"), c.Bool("force")); err != nil {
				return fmt.Errorf("%s: %w", id, err)
			}
			return nil
		}),
	}
}
