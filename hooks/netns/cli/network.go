package cli

import (
	"fmt"

	"github.com/creel-project/creel/hooks/netns"
	"github.com/urfave/cli/v3"
)

const defaultBridge = "creel0"

// networkFlags say what a bridge is to be like.
func networkFlags() []cli.Flag {
	return []cli.Flag{
		stateDirFlag(),
		&cli.StringFlag{Name: "subnet", Usage: "`SUBNET` of IPv4, or the bridge's address in it; unless the bridge has one, the first free one from 172.19.0.0/16 on"},
		&cli.StringFlag{Name: "subnet6", Usage: "`SUBNET` of IPv6, auto for one of random local addresses, or none"},
		&cli.IntFlag{Name: "mtu", Usage: "largest packet, in bytes; unless the bridge has one, that of the default route, at most 1500"},
		&cli.BoolFlag{Name: "isolate", Usage: "keep other networks away, but for answers and published ports", Value: true},
	}
}

func network(c *cli.Command, bridge string) netns.Network {
	n := netns.Network{Bridge: bridge, Subnet: c.String("subnet"), Subnet6: c.String("subnet6"), MTU: c.Int("mtu")}
	if c.IsSet("isolate") {
		isolate := c.Bool("isolate")
		n.Isolate = &isolate
	}
	return n
}

func createCommand() *cli.Command {
	return &cli.Command{
		Name: "create", Usage: "make a bridge that stays until it is removed", ArgsUsage: "[BRIDGE]", Flags: networkFlags(),
		Action: action(1, func(c *cli.Command) error {
			dir, err := stateDir(c)
			if err != nil {
				return err
			}
			bridge := defaultBridge
			if c.Args().Present() {
				bridge = c.Args().First()
			}
			n := network(c, bridge)
			return netns.Create(dir, &n)
		}),
	}
}

func removeCommand() *cli.Command {
	return &cli.Command{
		Name: "rm", Usage: "remove a bridge", ArgsUsage: "BRIDGE",
		Flags: []cli.Flag{stateDirFlag(), &cli.BoolFlag{Name: "force", Aliases: []string{"f"}, Usage: "even if containers use it: their interfaces go as well"}},
		Action: action(1, func(c *cli.Command) error {
			dir, err := stateDir(c)
			if err != nil {
				return err
			}
			if !c.Args().Present() {
				return fmt.Errorf("the name of the bridge is missing")
			}
			return netns.Remove(dir, c.Args().First(), c.Bool("force"))
		}),
	}
}
