package lifecycle

import (
	"strings"
	"testing"

	"github.com/creel-project/creel/tests/harness"
	"github.com/opencontainers/runtime-spec/specs-go"
)

// CVE-2023-25809. The cgroups are the caller's, as the container has none of its own.
func TestTheHostsCgroupsAreReadOnlyForWhoHasNoCgroupOfHisOwn(t *testing.T) {
	for name, sys := range map[string]specs.Mount{
		"/sys is a tmpfs": {Destination: "/sys", Type: "tmpfs"},
		// read-only at its top alone, as in the config of creel spec --rootless
		"/sys is the host's": {Destination: "/sys", Source: "/sys", Options: []string{"rbind", "nosuid", "noexec", "nodev", "ro"}},
	} {
		t.Run(name, func(t *testing.T) { hostsCgroupsAreReadOnly(t, sys) })
	}
}

func hostsCgroupsAreReadOnly(t *testing.T, sys specs.Mount) {
	writable := func(s *specs.Spec) {
		harness.NoNamespace(specs.CgroupNamespace)(s)
		s.Mounts = withoutMount(withoutMount(s.Mounts, "/sys/fs/cgroup"), "/sys")
		s.Mounts = append(s.Mounts, sys, specs.Mount{
			Destination: "/sys/fs/cgroup", Type: "cgroup", Options: []string{"nosuid", "noexec", "nodev", "rw"},
		})
		s.Linux.MaskedPaths, s.Linux.ReadonlyPaths = nil, nil
		// of several mounts at one place the last one is on top
		harness.Script(`awk '$2 ~ "^/sys/fs/cgroup" && $3 ~ "^cgroup" { top[$2] = substr($4, 1, 3) } END { for (i in top) print top[i] }' /proc/self/mounts | sort -u
			cat /sys/fs/cgroup/pids/cgroup.procs /sys/fs/cgroup/cgroup.procs 2>/dev/null | grep -c .
			for d in /sys/fs/cgroup /sys/fs/cgroup/pids; do mkdir $d/creel-escape && echo escaped to $d; done 2>/dev/null; true`)(s)
	}
	h := harness.New(t)
	n, u := newNested(h), newUserAt(h, "user")
	for name, r := range map[string]harness.Result{
		"root of a user namespace": n.creel("run", "--bundle", h.Bundle(n.root(0), writable), "own").Result(),
		"an ordinary user":         u.creel("run", "--bundle", u.bundle(writable), "own").Result(),
	} {
		words := strings.Fields(h.Ok(r).Stdout)
		if len(words) != 2 || words[0] != "ro," || words[1] == "0" {
			t.Errorf("%s: options, number of processes, escapes: %q", name, words)
		}
	}
}
