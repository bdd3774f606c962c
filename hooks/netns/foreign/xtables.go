package foreign

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/creel-project/creel/internal/spawn"
)

// users is the chain for rules of users in front of Docker's own, and tag is how ours are known there.
const (
	users = "DOCKER-USER"
	tag   = "creel-netns"
)

// xtables is the table filter of iptables(8) with Docker's chains. It is changed by its own program: the nft variant refuses
// to go on with a table in which others have written what it does not know.
type xtables struct{ program, variant, ipv string }

func (x *xtables) name() string {
	return fmt.Sprintf("%s-%s filter FORWARD", x.program, x.variant)
}

func (x *xtables) path(suffix string) (string, error) {
	path, err := spawn.Find(x.program + "-" + x.variant + suffix)
	if err != nil && x.variant == "nft" { // where there is only one
		if plain, err := spawn.Find(x.program + suffix); err == nil {
			return plain, nil
		}
	}
	return path, err
}

// rules of iptables-save(8) that let the packets of a bridge pass: all that come from it, and to it answers and what is
// published. What is not to pass our own table drops.
func rules(bridge string) []string {
	comment := " -m comment --comment " + tag + ":" + bridge + " -j ACCEPT"
	return []string{
		users + " -i " + bridge + comment,
		users + " -o " + bridge + " -m conntrack --ctstate RELATED,ESTABLISHED" + comment,
		users + " -o " + bridge + " -m conntrack --ctstate DNAT" + comment,
	}
}

// list prints a chain as rules.
func (x *xtables) list(chain string) ([]string, error) {
	path, err := x.path("")
	if err != nil {
		return nil, err
	}
	out, err := spawn.Command{Path: path, Args: []string{"-w", "-S", chain}}.Run(context.Background())
	return strings.Split(out, "\n"), err
}

// tagged are the rules of a bridge that are there.
func (x *xtables) tagged(bridge string) (found []string, err error) {
	lines, err := x.list(users)
	if err != nil {
		return nil, err
	}
	for _, line := range lines {
		rule, ok := strings.CutPrefix(line, "-A ")
		if ok && (strings.Contains(rule, " "+tag+":"+bridge+" ") || strings.Contains(rule, ` "`+tag+":"+bridge+`" `)) {
			found = append(found, rule)
		}
	}
	return found, nil
}

func (x *xtables) admit(bridge string) error {
	found, err := x.tagged(bridge)
	if err != nil {
		return err
	}
	if len(found) == len(rules(bridge)) {
		return nil
	}
	return x.replace(found, rules(bridge))
}

func (x *xtables) dismiss(bridge string) error {
	found, err := x.tagged(bridge)
	var failed *spawn.ExitError
	if errors.As(err, &failed) { // the chain is gone, with all that was in it
		return nil
	}
	if err != nil || len(found) == 0 {
		return err
	}
	return x.replace(found, nil)
}

// replace changes the chain at once.
func (x *xtables) replace(old, new []string) error {
	path, err := x.path("-restore")
	if err != nil {
		return err
	}
	var text strings.Builder
	text.WriteString("*filter\n")
	for _, r := range old {
		text.WriteString("-D " + r + "\n")
	}
	for _, r := range new {
		chain, rest, _ := strings.Cut(r, " ")
		text.WriteString("-I " + chain + " 1 " + rest + "\n")
	}
	text.WriteString("COMMIT\n")
	_, err = spawn.Command{Path: path, Args: []string{"-w", "--noflush"}, Stdin: text.String()}.Run(context.Background())
	return err
}

// legacyDrops says whether the old iptables is in use in this network namespace, and drops forwarded packets.
func (x *xtables) legacyDrops() (bool, error) {
	names, err := os.ReadFile("/proc/net/" + x.ipv + "_tables_names")
	if err != nil || !strings.Contains("\n"+string(names), "\nfilter\n") {
		return false, nil
	}
	forward, err := x.list("FORWARD")
	if err != nil {
		return false, fmt.Errorf("%s: look whether it drops: %w", x.name(), err)
	}
	if !chainDrops(forward) {
		return false, nil
	}
	if _, err := x.list(users); err != nil {
		return false, fmt.Errorf("%s drops forwarded packets, and has no chain %s for rules of others: accept those of the bridge there, and use --firewall own: %w",
			x.name(), users, err)
	}
	return true, nil
}
