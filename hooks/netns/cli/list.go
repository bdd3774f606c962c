package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"net/netip"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/creel-project/creel/hooks/netns"
	"github.com/creel-project/creel/hooks/netns/record"
	"github.com/urfave/cli/v3"
)

// network and endpoint are what is printed as JSON: what is remembered, and what that means now.
type listedNetwork struct {
	*record.Network
	Containers int `json:"containers"`
}

type listedEndpoint struct {
	*record.Endpoint
	Status string `json:"status"` // running, or gone: then the next hook takes away what is left
}

func status(e *record.Endpoint) string {
	if e.Lives() {
		return "running"
	}
	return "gone"
}

type listing struct {
	Bridges    []listedNetwork  `json:"bridges"`
	Containers []listedEndpoint `json:"containers"`
}

func list(s *record.State) listing {
	l := listing{Bridges: []listedNetwork{}, Containers: []listedEndpoint{}}
	for _, n := range s.Networks {
		l.Bridges = append(l.Bridges, listedNetwork{n, len(s.On(n.Bridge))})
	}
	for _, e := range s.Endpoints {
		l.Containers = append(l.Containers, listedEndpoint{e, status(e)})
	}
	return l
}

func listCommand() *cli.Command {
	return &cli.Command{
		Name: "ls", Aliases: []string{"list"}, Usage: "list bridges, and the containers that were given a network", Flags: []cli.Flag{stateDirFlag(), jsonFlag()},
		Action: action(0, func(c *cli.Command) error {
			s, err := read(c)
			if err != nil {
				return err
			}
			if c.Bool("json") {
				return printJSON(c.Root().Writer, list(s))
			}
			return table(c.Root().Writer, s)
		}),
	}
}

func inspectCommand() *cli.Command {
	return &cli.Command{
		Name: "inspect", Usage: "print all that is remembered of a bridge or a container", ArgsUsage: "BRIDGE|CONTAINER", Flags: []cli.Flag{stateDirFlag(), jsonFlag()},
		Action: action(1, func(c *cli.Command) error {
			s, err := read(c)
			if err != nil {
				return err
			}
			name := c.Args().First()
			some := &record.State{Endpoints: s.Of(name, "")}
			if n := s.Network(name); n != nil {
				some.Networks = append(some.Networks, n)
				some.Endpoints = s.On(name)
			}
			if len(some.Networks)+len(some.Endpoints) == 0 {
				return fmt.Errorf("there is neither a bridge nor a container named %q", name)
			}
			if c.Bool("json") {
				return printJSON(c.Root().Writer, list(some))
			}
			return details(c.Root().Writer, some)
		}),
	}
}

func read(c *cli.Command) (*record.State, error) {
	dir, err := stateDir(c)
	if err != nil {
		return nil, err
	}
	s, err := netns.Read(dir)
	return &s, err
}

func printJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(v)
}

// or is what stands in a table for nothing.
func or(valid bool, text string) string {
	if !valid {
		return "-"
	}
	return text
}

func address(a netip.Addr) string  { return or(a.IsValid(), a.String()) }
func prefix(p netip.Prefix) string { return or(p.IsValid(), p.String()) }

func ports(e *record.Endpoint) string {
	var words []string
	for _, m := range e.Ports {
		words = append(words, m.String())
	}
	return or(len(words) > 0, strings.Join(words, ","))
}

func at(e *record.Endpoint) string {
	if e.CNI != nil {
		return "cni:" + e.CNI.Network
	}
	return e.Bridge
}

func table(w io.Writer, s *record.State) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "BRIDGE\tADDRESS\tADDRESS6\tMTU\tISOLATED\tCONTAINERS")
	for _, n := range s.Networks {
		fmt.Fprintf(t, "%s\t%s\t%s\t%d\t%t\t%d\n", n.Bridge, prefix(n.Address), prefix(n.Address6), n.MTU, n.Isolated, len(s.On(n.Bridge)))
	}
	if err := t.Flush(); err != nil {
		return err
	}
	fmt.Fprintln(w)
	fmt.Fprintln(t, "CONTAINER\tPID\tSTATUS\tAT\tINTERFACE\tADDRESS\tADDRESS6\tPORTS")
	for _, e := range s.Endpoints {
		fmt.Fprintf(t, "%s\t%d\t%s\t%s\t%s\t%s\t%s\t%s\n", e.ID, e.Pid, status(e), at(e), e.Iface, address(e.Address), address(e.Address6), ports(e))
	}
	return t.Flush()
}

// details prints a line for each thing that is known.
func details(w io.Writer, s *record.State) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, n := range s.Networks {
		rows(t, "bridge", n.Bridge, "address", prefix(n.Address), "address6", prefix(n.Address6), "mtu", strconv.Itoa(n.MTU),
			"isolated", strconv.FormatBool(n.Isolated), "was there before", strconv.FormatBool(n.Adopted),
			"rules in", or(len(n.Foreign) > 0, strings.Join(n.Foreign, ", ")), "containers", strconv.Itoa(len(s.On(n.Bridge))))
	}
	for _, e := range s.Endpoints {
		rows(t, "container", e.ID, "bundle", e.Bundle, "pid", strconv.Itoa(e.Pid), "status", status(e), "network namespace", strconv.FormatUint(e.Netns, 10),
			"at", at(e), "interface", e.Iface, "interface outside", or(e.Veth != "", e.Veth), "hardware address", or(e.MAC != "", e.MAC),
			"address", address(e.Address), "address6", address(e.Address6), "ports", ports(e), "since", e.Created.Format("2006-01-02T15:04:05Z"))
	}
	return t.Flush()
}

func rows(w io.Writer, pairs ...string) {
	for i := 0; i < len(pairs); i += 2 {
		fmt.Fprintf(w, "%s\t%s\n", pairs[i], pairs[i+1])
	}
	fmt.Fprintln(w)
}
