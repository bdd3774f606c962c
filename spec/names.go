package spec

import "github.com/opencontainers/runtime-spec/specs-go"

// names checks hostname and domainname, which belong to a UTS namespace.
func (c *checker) names() {
	const longest = 64 // __NEW_UTS_LEN
	for _, n := range [...]struct{ field, value string }{
		{"hostname", c.Hostname}, {"domainname", c.Domainname},
	} {
		if n.value == "" {
			continue
		}
		if len(n.value) > longest {
			c.bad(n.field, "%q has %d bytes, at most %d are possible", n.value, len(n.value), longest)
		}
		c.text(n.field, n.value)
		if why := c.onHost(specs.UTSNamespace); why != "" {
			c.bad(n.field, "%q would become that of the host: %s", n.value, why)
		}
	}
}

// platforms warns of sections for other systems, which mean nothing to this one.
func (c *checker) platforms() {
	for _, p := range [...]struct {
		field string
		set   bool
	}{
		{"solaris", c.Solaris != nil}, {"windows", c.Windows != nil}, {"vm", c.VM != nil},
		{"zos", c.ZOS != nil}, {"freebsd", c.FreeBSD != nil},
	} {
		if p.set {
			c.warn(p.field, "it is for another platform: it is ignored")
		}
	}
}
