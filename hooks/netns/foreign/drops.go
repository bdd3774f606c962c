package foreign

import (
	"fmt"
	"slices"
	"strings"

	"github.com/google/nftables"
	"github.com/google/nftables/expr"
)

// drops says whether a chain drops what none of its rules accepts: by its policy, or by a rule for all packets, as the
// firewalls of many distributions end.
func drops(c *nftables.Conn, ch *nftables.Chain) (bool, error) {
	if ch.Policy != nil && *ch.Policy == nftables.ChainPolicyDrop {
		return true, nil
	}
	rules, err := c.GetRules(ch.Table, ch)
	if err != nil {
		return false, fmt.Errorf("nftables: list the rules of %s %s: %w", ch.Table.Name, ch.Name, err)
	}
	return slices.ContainsFunc(rules, dropsAll), nil
}

// dropsAll says whether a rule has no condition and drops.
func dropsAll(r *nftables.Rule) bool {
	drop := false
	for _, e := range r.Exprs {
		switch e := e.(type) {
		case *expr.Counter, *expr.Log:
		case *expr.Verdict:
			drop = e.Kind == expr.VerdictDrop
		case *expr.Reject:
			drop = true
		case *expr.Target: // of iptables(8)
			drop = e.Name == "REJECT" || e.Name == "DROP"
		default:
			return false
		}
	}
	return drop
}

// chainDrops says the same of a chain as iptables-save(8) prints it.
func chainDrops(lines []string) bool {
	return slices.ContainsFunc(lines, func(line string) bool {
		return line == "-P FORWARD DROP" || line == "-A FORWARD -j DROP" || strings.HasPrefix(line+" ", "-A FORWARD -j REJECT ")
	})
}
