package container

import (
	"strings"
	"testing"

	"github.com/creel-project/creel/tests/harness"
	"github.com/opencontainers/runtime-spec/specs-go"
)

func memoryPolicy(mode specs.MemoryPolicyModeType, nodes string, flags ...specs.MemoryPolicyFlagType) harness.Mutate {
	return func(s *S) { s.Linux.MemoryPolicy = &specs.LinuxMemoryPolicy{Mode: mode, Nodes: nodes, Flags: flags} }
}

func TestTheProcessAndItsChildrenHaveTheMemoryPolicy(t *testing.T) {
	h := harness.New(t)
	for want, m := range map[string]harness.Mutate{
		"bind:0":              memoryPolicy(specs.MpolBind, "0"),
		"interleave=static:0": memoryPolicy(specs.MpolInterleave, "0", specs.MpolFStaticNodes),
		"prefer=relative:0":   memoryPolicy(specs.MpolPreferred, "0", specs.MpolFRelativeNodes),
		"local":               memoryPolicy(specs.MpolLocal, ""),
		"default":             memoryPolicy(specs.MpolDefault, ""),
	} {
		// cat is a child of the process; its own pages show its policy
		got := h.Sh("cat /proc/self/numa_maps", m)
		first, _, _ := strings.Cut(got, "\n")
		if f := strings.Fields(first); len(f) < 2 || f[1] != want {
			t.Errorf("want %s, have %s", want, first)
		}
	}
}

func TestAMemoryNodeThatTheMachineLacksIsAnError(t *testing.T) {
	h := harness.New(t)
	b := h.Bundle(memoryPolicy(specs.MpolBind, "1000"))
	h.Fails(h.Run(b), "linux.memoryPolicy: set the memory policy MPOL_BIND for the nodes 1000: invalid argument")
}
