package compile

import (
	"fmt"

	"github.com/creel-project/creel/internal/numlist"
	"github.com/creel-project/creel/libcontainer/plan"
	"github.com/opencontainers/runtime-spec/specs-go"
)

// memoryPolicy appends the NUMA memory policy. It comes when the process is in
// its cgroup, whose cpuset the kernel intersects the nodes with.
func (b *builder) memoryPolicy() {
	l := b.Spec.Linux
	if l == nil || l.MemoryPolicy == nil {
		return
	}
	m := l.MemoryPolicy
	doing := "set the memory policy " + string(m.Mode)
	for _, f := range m.Flags {
		doing += "|" + string(f)
	}
	if m.Nodes != "" {
		doing += " for the nodes " + m.Nodes
	}
	o := b.op(plan.MemPolicy, "linux.memoryPolicy", doing)
	nodes, _ := memoryNodes(m) // supported has refused what is no list
	o.Text = nodes.Bytes()
	o.N[0] = policyMode(m.Mode)
	for _, f := range m.Flags {
		o.N[0] |= policyFlag(f)
	}
}

func memoryNodes(m *specs.LinuxMemoryPolicy) (numlist.Mask, error) {
	if m.Nodes == "" {
		return nil, nil
	}
	return numlist.Parse(m.Nodes, numlist.Nodes)
}

func nodesError(m *specs.LinuxMemoryPolicy) error {
	if _, err := memoryNodes(m); err != nil {
		return fmt.Errorf("linux.memoryPolicy.nodes: %w", err)
	}
	return nil
}

// MemoryPolicyModes returns the modes that linux.memoryPolicy knows, in the
// kernel's order (linux/mempolicy.h).
func MemoryPolicyModes() []string {
	return []string{
		string(specs.MpolDefault), string(specs.MpolPreferred), string(specs.MpolBind), string(specs.MpolInterleave),
		string(specs.MpolLocal), string(specs.MpolPreferredMany), string(specs.MpolWeightedInterleave),
	}
}

// MemoryPolicyFlags returns the flags that linux.memoryPolicy knows.
func MemoryPolicyFlags() []string {
	return []string{string(specs.MpolFNumaBalancing), string(specs.MpolFRelativeNodes), string(specs.MpolFStaticNodes)}
}

// policyMode numbers the modes: MPOL_PREFERRED_MANY is from Linux 5.15,
// MPOL_WEIGHTED_INTERLEAVE from 6.9.
func policyMode(m specs.MemoryPolicyModeType) uint64 {
	for i, name := range MemoryPolicyModes() {
		if name == string(m) {
			return uint64(i)
		}
	}
	return 0
}

func policyFlag(f specs.MemoryPolicyFlagType) uint64 {
	switch f {
	case specs.MpolFStaticNodes:
		return 1 << 15
	case specs.MpolFRelativeNodes:
		return 1 << 14
	case specs.MpolFNumaBalancing: // from Linux 5.12
		return 1 << 13
	}
	return 0
}

// affinity appends the binding to CPUs. Like the memory policy it follows the
// change of cgroup, which resets it to the cpuset's.
func (b *builder) affinity() {
	if b.CPUs == "" {
		return
	}
	o := b.op(plan.Affinity, "process.execCPUAffinity.final", "run on the CPUs "+b.CPUs)
	m, _ := b.cpus()
	o.Text = m.Bytes()
}

func (b *builder) cpus() (numlist.Mask, error) {
	if b.CPUs == "" {
		return nil, nil
	}
	m, err := numlist.Parse(b.CPUs, numlist.CPUs)
	if err != nil {
		return nil, fmt.Errorf("process.execCPUAffinity.final: %w", err)
	}
	return m, nil
}
