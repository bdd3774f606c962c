package spec

import "testing"

func TestRDTNamesADirectoryAndLines(t *testing.T) {
	check(t, []verdict{
		{change: `{"linux":{"intelRdt":{"closID":"group","l3CacheSchema":"L3:0=7f0;1=1f","memBwSchema":"MB:0=20;1=70","schemata":["L2:0=f","MB:0=20"]}}}`},
		{change: `{"linux":{"intelRdt":{"closID":"/"}}}`},
		{change: `{"linux":{"intelRdt":{"closID":".."}}}`,
			errs: []string{`linux.intelRdt.closID: ".." is not a name of a directory, nor "/"`}},
		{change: `{"linux":{"intelRdt":{"closID":"a/b","l3CacheSchema":"0=7f0","memBwSchema":"20%","schemata":["a\nb"]}}}`,
			errs: []string{
				`linux.intelRdt.closID: "a/b" is not a name of a directory, nor "/"`,
				`linux.intelRdt.l3CacheSchema: "0=7f0" does not begin with "L3"`,
				`linux.intelRdt.memBwSchema: "20%" does not begin with "MB:"`,
				`linux.intelRdt.schemata[0]: "a\nb" is more than one line`,
			}},
		{change: `{"linux":{"intelRdt":{"closID":"info"}}}`,
			errs: []string{`linux.intelRdt.closID: "info" is a directory of resctrl itself`}},
	})
}

func TestAMemoryPolicyHasAModeAndItsNodes(t *testing.T) {
	check(t, []verdict{
		{change: `{"linux":{"memoryPolicy":{"mode":"MPOL_INTERLEAVE","nodes":"2-3","flags":["MPOL_F_STATIC_NODES"]}}}`},
		{change: `{"linux":{"memoryPolicy":{"mode":"MPOL_BIND","nodes":"0","flags":["MPOL_F_NUMA_BALANCING"]}}}`},
		{change: `{"linux":{"memoryPolicy":{"mode":"MPOL_PREFERRED"}}}`},
		{change: `{"linux":{"memoryPolicy":{}}}`,
			errs: []string{`linux.memoryPolicy.mode: it is missing; one is MPOL_DEFAULT`}},
		{change: `{"linux":{"memoryPolicy":{"mode":"MPOL_RANDOM","nodes":"x"}}}`,
			errs: []string{
				`linux.memoryPolicy.mode: "MPOL_RANDOM" is not one of MPOL_DEFAULT, MPOL_BIND, MPOL_INTERLEAVE, MPOL_WEIGHTED_INTERLEAVE, MPOL_PREFERRED, MPOL_PREFERRED_MANY, MPOL_LOCAL`,
				`linux.memoryPolicy.nodes: "x" is not a list of numbers and ranges like 0-3,7`,
			}},
		{change: `{"linux":{"memoryPolicy":{"mode":"MPOL_DEFAULT","nodes":"0"}}}`,
			errs: []string{`linux.memoryPolicy.nodes: "0" is not possible: MPOL_DEFAULT takes no nodes`}},
		{change: `{"linux":{"memoryPolicy":{"mode":"MPOL_BIND","flags":["MPOL_F_OTHER","MPOL_F_STATIC_NODES","MPOL_F_RELATIVE_NODES"]}}}`,
			errs: []string{
				`linux.memoryPolicy.nodes: it is missing: MPOL_BIND needs one node at least`,
				`linux.memoryPolicy.flags[0]: "MPOL_F_OTHER" is not one of MPOL_F_NUMA_BALANCING, MPOL_F_RELATIVE_NODES, MPOL_F_STATIC_NODES`,
				`linux.memoryPolicy.flags[1]: MPOL_F_RELATIVE_NODES and MPOL_F_STATIC_NODES exclude each other`,
			}},
		{change: `{"linux":{"memoryPolicy":{"mode":"MPOL_INTERLEAVE","nodes":"0","flags":["MPOL_F_NUMA_BALANCING"]}}}`,
			errs: []string{`linux.memoryPolicy.flags[0]: MPOL_F_NUMA_BALANCING is not possible with "MPOL_INTERLEAVE", only with MPOL_BIND and MPOL_PREFERRED_MANY`}},
	})
}
