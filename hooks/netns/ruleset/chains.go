package ruleset

import (
	"github.com/google/nftables"
	"github.com/google/nftables/expr"
	"golang.org/x/sys/unix"
)

// chains writes all rules.
func (b *batch) chains() {
	base := func(name string, kind nftables.ChainType, hook *nftables.ChainHook, prio *nftables.ChainPriority) *nftables.Chain {
		accept := nftables.ChainPolicyAccept
		return b.AddChain(&nftables.Chain{Name: name, Table: b.table, Type: kind, Hooknum: hook, Priority: prio, Policy: &accept})
	}
	guard := base("guard", nftables.ChainTypeFilter, nftables.ChainHookPrerouting, nftables.ChainPriorityRaw)
	forward := base("forward", nftables.ChainTypeFilter, nftables.ChainHookForward, nftables.ChainPriorityFilter)
	prerouting := base("prerouting", nftables.ChainTypeNAT, nftables.ChainHookPrerouting, nftables.ChainPriorityNATDest)
	output := base("output", nftables.ChainTypeNAT, nftables.ChainHookOutput, nftables.ChainPriorityNATDest)
	postrouting := base("postrouting", nftables.ChainTypeNAT, nftables.ChainHookPostrouting, nftables.ChainPriorityNATSource)
	publish := b.AddChain(&nftables.Chain{Name: "publish", Table: b.table})

	// Bridges route to 127.0.0.1, for the replies of published ports: containers may not send there by themselves.
	b.rule(guard, b.name(iif, "bridges"), loopback4(daddr), verdict(expr.VerdictDrop))

	b.rule(forward, b.pair(), verdict(expr.VerdictAccept))
	b.rule(forward, bits(expr.CtKeySTATE, established|related), verdict(expr.VerdictAccept))
	b.rule(forward, bits(expr.CtKeySTATUS, translated), verdict(expr.VerdictAccept))
	b.rule(forward, b.name(oif, "isolated"), verdict(expr.VerdictDrop))
	b.rule(forward, b.name(iif, "isolated"), b.name(oif, "foreign"), verdict(expr.VerdictDrop))

	// From outside nobody reaches what is published on 127.0.0.1: the kernel drops it behind this, as ever.
	b.rule(prerouting, loopback4(daddr), verdict(expr.VerdictReturn))
	b.rule(prerouting, local(), jump("publish"))
	b.rule(output, local(), jump("publish"))

	b.rule(publish, b.translate("ports4", unix.NFPROTO_IPV4, true))
	b.rule(publish, b.translate("any4", unix.NFPROTO_IPV4, false))
	// ::1 is routed nowhere else: a refusal is better than a connection that hangs.
	b.rule(publish, loopback6(), verdict(expr.VerdictReturn))
	b.rule(publish, b.translate("ports6", unix.NFPROTO_IPV6, true))
	b.rule(publish, b.translate("any6", unix.NFPROTO_IPV6, false))

	masquerade := []expr.Any{&expr.Masq{}}
	b.rule(postrouting, b.name(oif, "bridges"), loopback4(saddr), masquerade)
	for _, family := range []byte{unix.NFPROTO_IPV4, unix.NFPROTO_IPV6} {
		// One that reaches its neighbour, or itself, by a published port: the answer has to come back here.
		b.rule(postrouting, b.name(oif, "bridges"), bits(expr.CtKeySTATUS, translated), b.ours(family), masquerade)
		b.rule(postrouting, b.notName(oif, "bridges"), b.ours(family), masquerade)
	}
}

// rule appends a rule made of these parts.
func (b *batch) rule(c *nftables.Chain, parts ...[]expr.Any) {
	r := &nftables.Rule{Table: b.table, Chain: c}
	for _, p := range parts {
		r.Exprs = append(r.Exprs, p...)
	}
	b.AddRule(r)
}
