package cli

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/creel-project/creel/hooks/netns/port"
	"github.com/creel-project/creel/hooks/netns/resolv"
	"github.com/creel-project/creel/internal/bundle/network"
	"github.com/creel-project/creel/internal/spawn"
	"github.com/urfave/cli/v3"
)

// networkFlags say who makes the network of a container, and how. unless is what is so without --network.
func networkFlags(unless string) []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "network", Usage: "`WHO` makes the network: netns, cni, none or host (unless given, " + unless + ")"},
		&cli.StringFlag{Name: "cni", Usage: "`NAME` of the CNI network for --network cni"},
		&cli.StringSliceFlag{Name: "publish", Aliases: []string{"p"}, Usage: "publish a port with --network netns or cni: `[HOSTIP:]HOSTPORT:PORT[/PROTOCOL]` (may be repeated)"},
		&cli.StringSliceFlag{Name: "dns", Usage: "`ADDRESS` of a name server for --network netns or cni (may be repeated)"},
		&cli.StringFlag{Name: "netns-program", Usage: "`PATH` of creel-netns (unless given, looked for beside creel-bundle and in PATH)"},
	}
}

// networkChoice reads networkFlags.
func networkChoice(c *cli.Command) (n network.Choice, err error) {
	n = network.Choice{Mode: c.String("network"), CNI: c.String("cni"), Publish: c.StringSlice("publish"), DNS: c.StringSlice("dns")}
	switch {
	case n.Mode != "":
	case n.CNI != "":
		n.Mode = network.CNI
	case len(n.Publish)+len(n.DNS) > 0:
		n.Mode = network.Netns
	}
	for _, text := range n.Publish {
		if _, err := port.Parse(text); err != nil {
			return n, fmt.Errorf("--publish: %s: %w", text, err)
		}
	}
	if err := (resolv.Conf{Servers: n.DNS}).Check(); err != nil {
		return n, err
	}
	switch n.Mode {
	case "", network.None, network.Host:
		for flag, given := range map[string]bool{"publish": len(n.Publish) > 0, "dns": len(n.DNS) > 0, "cni": n.CNI != ""} {
			if given {
				return n, fmt.Errorf("--%s: with --network %s nobody makes a network", flag, n.Mode)
			}
		}
		return n, nil
	case network.Netns:
		if n.CNI != "" {
			return n, errors.New("--cni: it is for --network cni, not netns")
		}
	case network.CNI:
		if n.CNI == "" {
			return n, errors.New("--network cni: want the name of the network: --cni NAME")
		}
	default:
		return n, fmt.Errorf("--network %q: want netns, cni, none or host", n.Mode)
	}
	if n.Program = c.String("netns-program"); n.Program == "" {
		if n.Program, _ = spawn.Beside(netnsProgram); n.Program == "" {
			return n, fmt.Errorf("%s is neither beside creel-bundle nor in PATH: name it with --netns-program", netnsProgram)
		}
	}
	n.Program, err = filepath.Abs(n.Program)
	return n, err
}

const netnsProgram = "creel-netns"

// imageNetwork is the choice for an image. An ordinary user makes no bridge.
func imageNetwork(c *cli.Command) (network.Choice, error) {
	n, err := networkChoice(c)
	if err == nil && n.Hooked() && os.Geteuid() != 0 {
		return n, fmt.Errorf("--network %s: only root may make one; host shares the host's", n.Mode)
	}
	if err == nil && n.Mode == network.Netns && len(n.DNS) == 0 && len(resolv.Host(true).Servers) == 0 {
		warn(c, "the host's /etc/resolv.conf names no server that a container reaches: names are not resolved unless --dns names one")
	}
	return n, err
}

// usualNetwork sets --network to what people expect of a container that they run, if they said nothing: one with a bridge
// for root, and the host's for others, who can make none.
func usualNetwork(c *cli.Command) error {
	for _, flag := range []string{"network", "cni", "publish", "dns"} {
		if c.IsSet(flag) {
			return nil
		}
	}
	mode := network.Netns
	if os.Geteuid() != 0 {
		mode = network.Host
	} else if path, _ := spawn.Beside(netnsProgram); path == "" && !c.IsSet("netns-program") {
		mode = network.None
		warn(c, "%s is neither beside creel-bundle nor in PATH: the container has no network", netnsProgram)
	}
	return c.Set("network", mode)
}
