package spec

import (
	"slices"
	"strings"

	"github.com/creel-project/creel/internal/numlist"
	"github.com/opencontainers/runtime-spec/specs-go"
)

// rdt checks intelRdt: the name of a directory below /sys/fs/resctrl, and lines for
// its file schemata.
func (c *checker) rdt() {
	r := c.linux.IntelRdt
	if r == nil {
		return
	}
	const field = "linux.intelRdt."
	// "/" is the root of the filesystem, the default class.
	if id := r.ClosID; id != "/" && (id == "." || id == ".." || strings.ContainsAny(id, "/\n\x00")) {
		c.bad(field+"closID", "%q is not a name of a directory, nor \"/\"", id)
	}
	if slices.Contains([]string{"info", "mon_groups", "mon_data"}, r.ClosID) {
		c.bad(field+"closID", "%q is a directory of resctrl itself", r.ClosID)
	}
	c.schema(field+"l3CacheSchema", r.L3CacheSchema, "L3")
	c.schema(field+"memBwSchema", r.MemBwSchema, "MB:")
	for i, s := range r.Schemata {
		c.schema(at(field+"schemata", i), s, "")
	}
}

func (c *checker) schema(field, line, prefix string) {
	if line != "" && !strings.HasPrefix(line, prefix) {
		c.bad(field, "%q does not begin with %q", line, prefix)
	}
	if strings.ContainsAny(line, "\n\x00") {
		c.bad(field, "%q is more than one line", line)
	}
}

// memoryPolicy checks what set_mempolicy(2) would refuse.
func (c *checker) memoryPolicy() {
	m := c.linux.MemoryPolicy
	if m == nil {
		return
	}
	const field = "linux.memoryPolicy."
	switch m.Mode {
	case specs.MpolDefault, specs.MpolLocal:
		if m.Nodes != "" {
			c.bad(field+"nodes", "%q is not possible: %s takes no nodes", m.Nodes, m.Mode)
		}
	case specs.MpolBind, specs.MpolInterleave, specs.MpolWeightedInterleave, specs.MpolPreferredMany:
		if m.Nodes == "" {
			c.bad(field+"nodes", "it is missing: %s needs one node at least", m.Mode)
		}
	case specs.MpolPreferred:
	case "":
		c.bad(field+"mode", "it is missing; one is MPOL_DEFAULT")
	default:
		c.bad(field+"mode", "%q is not one of MPOL_DEFAULT, MPOL_BIND, MPOL_INTERLEAVE, MPOL_WEIGHTED_INTERLEAVE, MPOL_PREFERRED, MPOL_PREFERRED_MANY, MPOL_LOCAL", m.Mode)
	}
	c.numbers(field+"nodes", m.Nodes, numlist.Nodes)
	for i, f := range m.Flags {
		switch f {
		case specs.MpolFNumaBalancing:
			if m.Mode != specs.MpolBind && m.Mode != specs.MpolPreferredMany {
				c.bad(at(field+"flags", i), "%s is not possible with %q, only with MPOL_BIND and MPOL_PREFERRED_MANY", f, m.Mode)
			}
		case specs.MpolFRelativeNodes, specs.MpolFStaticNodes:
			if slices.Contains(m.Flags, specs.MpolFRelativeNodes) && slices.Contains(m.Flags, specs.MpolFStaticNodes) && f == specs.MpolFStaticNodes {
				c.bad(at(field+"flags", i), "%s and %s exclude each other", specs.MpolFRelativeNodes, specs.MpolFStaticNodes)
			}
		default:
			c.bad(at(field+"flags", i), "%q is not one of MPOL_F_NUMA_BALANCING, MPOL_F_RELATIVE_NODES, MPOL_F_STATIC_NODES", f)
		}
	}
}
