package lifecycle

import (
	"fmt"
	"strings"
	"testing"

	"github.com/creel-project/creel/tests/harness"
	"github.com/opencontainers/runtime-spec/specs-go"
)

// A cgroup namespace is rooted where its maker sits at that instant, in each
// hierarchy (cgroup_namespaces(7)): made one write too early it shows "/.." and, on
// v1, mounts another cgroup's files. creel moves init into one hierarchy after the
// other while init makes its other namespaces: what has no order shows in some runs only.
func TestACgroupNamespaceIsRootedInTheContainersCgroups(t *testing.T) {
	limits := func(s *specs.Spec) {
		if harness.V2() { // the controllers are v1's on a machine like this
			return
		}
		s.Linux.Resources.Memory = &specs.LinuxMemory{Limit: harness.Ptr(int64(123 << 20))}
		s.Linux.Resources.Pids = &specs.LinuxPids{Limit: harness.Ptr(int64(77))}
	}
	script, want := "", ""
	if !harness.V2() {
		script = "cd /sys/fs/cgroup; cat memory/memory.limit_in_bytes pids/pids.max; "
		want = fmt.Sprintf("%d\n77\n", 123<<20)
	}
	for name, m := range map[string]harness.Mutate{
		"one stage": func(*specs.Spec) {}, "two stages": harness.UserNS(0, 65536),
		"two stages, one user":   harness.Namespace(specs.PIDNamespace, "/proc/1/ns/pid"),
		"little else to unshare": harness.NoNamespace(specs.NetworkNamespace),
	} {
		t.Run(name, func(t *testing.T) {
			h := harness.New(t)
			b := h.Bundle(harness.Script(script+"cat /proc/self/cgroup"), harness.Namespace(specs.CgroupNamespace, ""), limits, m)
			for i := range 50 {
				r := h.Ok(h.Run(b))
				limits, lines := r.Stdout[:min(len(want), len(r.Stdout))], r.Stdout[min(len(want), len(r.Stdout)):]
				expect(t, limits, want)
				if lines == "" {
					t.Fatal("no cgroups")
				}
				for line := range strings.Lines(lines) {
					if !strings.HasSuffix(line, ":/\n") {
						t.Errorf("after %d others: %s", i, line)
					}
				}
			}
		})
	}
}
