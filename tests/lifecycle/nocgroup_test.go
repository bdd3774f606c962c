package lifecycle

import (
	"os"
	"strings"
	"testing"

	"github.com/creel-project/creel/tests/harness"
	"github.com/opencontainers/runtime-spec/specs-go"
)

// ownCgroups are those of this process.
func ownCgroups(h *harness.H) string {
	h.Helper()
	text, err := os.ReadFile("/proc/self/cgroup")
	h.Must(err)
	return string(text)
}

// TestWithoutACgroupAContainerStaysInItsCallers, and all commands do what they do for others.
func TestWithoutACgroupAContainerStaysInItsCallers(t *testing.T) {
	h := harness.New(t)
	b := h.Bundle(harness.Sleep)
	c := h.Create(b) // with a cgroup, to see that the flag matters to new containers alone
	h.Ok(h.Creel("--cgroup-manager=disabled", "delete", "--force", c.ID))

	h.Global = []string{"--cgroup-manager", "disabled"}
	c = h.Create(b)
	h.Global = nil // later commands know from the record
	if got := h.ProcFile(h.State(c.ID).Pid, "cgroup"); got != ownCgroups(h) {
		t.Errorf("init is in\n%s\nthe caller in\n%s", got, ownCgroups(h))
	}
	h.Ok(h.Creel("start", c.ID))
	h.WaitFor(c.ID, "running")
	if r := h.Ok(h.Creel("list", "--quiet")); strings.TrimSpace(r.Stdout) != c.ID {
		t.Errorf("list says %q", r.Stdout)
	}
	h.Fails(h.Creel("delete", c.ID), "running")
	h.Ok(h.Creel("kill", c.ID, "KILL"))
	h.WaitFor(c.ID, "stopped")
	h.Ok(h.Creel("delete", c.ID))
}

func TestWithoutACgroupLimitsAreAWarning(t *testing.T) {
	h := harness.New(t)
	h.Global = []string{"--cgroup-manager=disabled"}
	r := h.Ok(h.Run(h.Bundle(harness.Script("true"), func(s *specs.Spec) {
		s.Linux.Resources = &specs.LinuxResources{Memory: &specs.LinuxMemory{Limit: harness.Ptr(int64(4096))}, Pids: &specs.LinuxPids{Limit: harness.Ptr(int64(1))}}
	})))
	if !strings.Contains(r.Stderr, "linux.resources: memory, pids: not limited, as there is no cgroup") {
		t.Errorf("no warning: %s", r)
	}
	r = h.Ok(h.Run(h.Bundle(harness.Script("true"), func(s *specs.Spec) {
		s.Linux.Resources = &specs.LinuxResources{Devices: []specs.LinuxDeviceCgroup{{Allow: false, Access: "rwm"}}}
	})))
	if r.Stderr != "" {
		t.Errorf("rules on devices are in every config: %s", r)
	}
}

// TestWithoutACgroupAndAPidNamespaceSIGKILLReachesInit, as nobody knows the others.
func TestWithoutACgroupAndAPidNamespaceSIGKILLReachesInit(t *testing.T) {
	h := harness.New(t)
	h.Global = []string{"--cgroup-manager=disabled"}
	c := h.Started(h.Bundle(harness.Args("sleep", "1000"), harness.NoNamespace(specs.PIDNamespace)))
	h.Ok(h.Creel("kill", c.ID, "KILL"))
	h.WaitFor(c.ID, "stopped")
	h.Ok(h.Creel("delete", c.ID))
}

func TestWithoutACgroupACgroupMountShowsTheCallers(t *testing.T) {
	for _, own := range []bool{false, true} {
		h := harness.New(t)
		h.Global = []string{"--cgroup-manager=disabled"}
		ns := harness.NoNamespace(specs.CgroupNamespace)
		if own {
			ns = harness.Namespace(specs.CgroupNamespace, "")
		}
		got := h.Sh("ls /sys/fs/cgroup", ns, harness.Mount(specs.Mount{Destination: "/sys/fs/cgroup", Type: "cgroup", Source: "cgroup", Options: []string{"ro"}}))
		if !strings.Contains(got, "memory") && !strings.Contains(got, "cgroup.controllers") {
			t.Errorf("with a cgroup namespace %t it sees %q", own, got)
		}
	}
}
