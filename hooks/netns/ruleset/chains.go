package ruleset

import (
	"github.com/google/nftables"
	"github.com/google/nftables/expr"
	"golang.org/x/sys/unix"
)

// rules writes all chains.
func (w *content) rules() {
	base := func(name string, kind nftables.ChainType, hook *nftables.ChainHook, prio *nftables.ChainPriority) *chain {
		accept := nftables.ChainPolicyAccept
		return w.chain(&nftables.Chain{Name: name, Type: kind, Hooknum: hook, Priority: prio, Policy: &accept})
	}
	guard := base("guard", nftables.ChainTypeFilter, nftables.ChainHookPrerouting, nftables.ChainPriorityRaw)
	forward := base("forward", nftables.ChainTypeFilter, nftables.ChainHookForward, nftables.ChainPriorityFilter)
	prerouting := base("prerouting", nftables.ChainTypeNAT, nftables.ChainHookPrerouting, nftables.ChainPriorityNATDest)
	output := base("output", nftables.ChainTypeNAT, nftables.ChainHookOutput, nftables.ChainPriorityNATDest)
	postrouting := base("postrouting", nftables.ChainTypeNAT, nftables.ChainHookPostrouting, nftables.ChainPriorityNATSource)
	publish := w.chain(&nftables.Chain{Name: "publish"})

	// Bridges route to 127.0.0.1 and ::1, for the replies of published ports: containers may not send there by themselves.
	guard.rule(name(iif, "bridges"), loopback4(daddr), verdict(expr.VerdictDrop))
	guard.rule(name(iif, "bridges"), loopback6(daddr), verdict(expr.VerdictDrop))

	forward.rule(pair(), verdict(expr.VerdictAccept))
	forward.rule(bits(expr.CtKeySTATE, established|related), verdict(expr.VerdictAccept))
	forward.rule(bits(expr.CtKeySTATUS, translated), verdict(expr.VerdictAccept))
	forward.rule(name(oif, "isolated"), verdict(expr.VerdictDrop))
	forward.rule(name(iif, "isolated"), name(oif, "foreign"), verdict(expr.VerdictDrop))

	// From outside nobody reaches what is published on 127.0.0.1 or ::1: the kernel drops it behind this, as ever.
	prerouting.rule(loopback4(daddr), verdict(expr.VerdictReturn))
	prerouting.rule(loopback6(daddr), verdict(expr.VerdictReturn))
	prerouting.rule(local(), jump("publish"))
	output.rule(local(), jump("publish"))

	publish.rule(translate("ports4", unix.NFPROTO_IPV4, true))
	publish.rule(translate("any4", unix.NFPROTO_IPV4, false))
	publish.rule(translate("ports6", unix.NFPROTO_IPV6, true))
	// Not every host can lead ::1 elsewhere: a refusal is better than a connection that hangs.
	publish.rule(loopback6(daddr), verdict(expr.VerdictReturn))
	publish.rule(translate("any6", unix.NFPROTO_IPV6, false))

	masquerade := []expr.Any{&expr.Masq{}}
	postrouting.rule(name(oif, "bridges"), loopback4(saddr), masquerade)
	postrouting.rule(name(oif, "bridges"), loopback6(saddr), masquerade)
	for _, family := range []byte{unix.NFPROTO_IPV4, unix.NFPROTO_IPV6} {
		// One that reaches its neighbour, or itself, by a published port: the answer has to come back here.
		postrouting.rule(name(oif, "bridges"), bits(expr.CtKeySTATUS, translated), ours(family), masquerade)
		postrouting.rule(notName(oif, "bridges"), ours(family), masquerade)
	}
}
