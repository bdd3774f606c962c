// Package systemd tests the driver that lets systemd make a container's cgroup. It runs in the VM.
package systemd

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/creel-project/creel/tests/harness"
	"github.com/opencontainers/runtime-spec/specs-go"
)

func TestMain(m *testing.M) { os.Exit(harness.MainInVM(m)) }

// withSystemd is a test whose commands have --systemd-cgroup.
func withSystemd(t *testing.T) *harness.H {
	h := harness.New(t)
	h.Global = []string{"--systemd-cgroup"}
	return h
}

// in places the container in a scope.
func in(path string) harness.Mutate {
	return func(s *specs.Spec) { s.Linux.CgroupsPath = path }
}

func resources(set func(r *specs.LinuxResources)) harness.Mutate {
	return func(s *specs.Spec) { set(s.Linux.Resources) }
}

func annotation(key, value string) harness.Mutate {
	return func(s *specs.Spec) {
		if s.Annotations == nil {
			s.Annotations = map[string]string{}
		}
		s.Annotations[key] = value
	}
}

// property asks systemd for a property of a unit.
func property(h *harness.H, unit, name string) string {
	h.Helper()
	return strings.TrimSpace(h.Host("systemctl show --value --property=" + name + " " + unit))
}

func equal(h *harness.H, unit string, want map[string]string) {
	h.Helper()
	for name, value := range want {
		if got := property(h, unit, name); got != value {
			h.Errorf("%s of %s is %q, want %q", name, unit, got, value)
		}
	}
}

// files compares files of a cgroup.
func files(h *harness.H, path string, want map[string]string) {
	h.Helper()
	for name, value := range want {
		if got := h.CgroupFile("", path, name); got != value {
			h.Errorf("%s is %q, want %q", name, got, value)
		}
	}
}

// gone fails the test unless neither systemd nor the kernel knows the scope any more.
func gone(h *harness.H, path string) {
	h.Helper()
	if _, err := os.Stat("/sys/fs/cgroup" + path); err == nil {
		h.Errorf("the cgroup %s is left", path)
	}
	if state := property(h, filepath.Base(path), "LoadState"); state != "not-found" {
		h.Errorf("the unit of %s is %s", path, state)
	}
}
