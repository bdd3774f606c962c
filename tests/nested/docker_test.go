package nested

import (
	"slices"
	"strings"
	"testing"

	"github.com/creel-project/creel/tests/harness"
	moby "github.com/moby/profiles/seccomp"
	"github.com/opencontainers/runtime-spec/specs-go"
)

// docker is Docker's default profile for a container with the outer one's capabilities. An older one lacks some calls.
func docker(h *harness.H, lacks ...string) harness.Mutate {
	h.Helper()
	return func(s *specs.Spec) {
		p, err := moby.GetDefaultProfile(s)
		h.Must(err)
		for i := range p.Syscalls {
			p.Syscalls[i].Names = slices.DeleteFunc(p.Syscalls[i].Names, func(name string) bool { return slices.Contains(lacks, name) })
		}
		p.Syscalls = slices.DeleteFunc(p.Syscalls, func(r specs.LinuxSyscall) bool { return len(r.Names) == 0 })
		s.Linux.Seccomp = p
	}
}

// Docker's profiles allow what mounts are made with to who has CAP_SYS_ADMIN, but never pivot_root. Those before
// 20.10.10 answer EPERM for clone3, and some time longer for mount_setattr.
func TestContainersLiveBehindDockersProfileWithoutPivotRoot(t *testing.T) {
	for name, lacks := range map[string][]string{"today's": nil, "an older one": {"clone3", "close_range", "mount_setattr"}} {
		t.Run(name, func(t *testing.T) {
			h := harness.New(t)
			root := outer(h)
			bundle(h, root, "inner", speak)
			sleeper(h, root)
			script := strings.NewReplacer("creel run ", "creel run --no-pivot ", "creel create ", "creel create --no-pivot ").Replace(life)
			r := h.Run(h.Bundle(privileged(root), docker(h, lacks...), harness.Script(script)))
			if r.Status != 0 || r.Stdout != lived || r.Stderr != "" {
				t.Error(r)
			}
			r = h.Run(h.Bundle(privileged(root), docker(h, lacks...), harness.Script("creel run --bundle /inner web")))
			h.Fails(r, "a seccomp filter around creel refuses pivot_root: root.path: pivot_root: operation not permitted")
		})
	}
}

// Without CAP_SYS_ADMIN the profile allows no namespaces.
func TestDockersProfileWithoutPrivilegesIsBlamedForWhatItRefuses(t *testing.T) {
	h := harness.New(t)
	root := outer(h)
	bundle(h, root, "inner", speak)
	r := h.Run(h.Bundle(privileged(root), harness.Caps("CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_SETUID", "CAP_SETGID", "CAP_SYS_CHROOT"), docker(h),
		harness.Script("creel run --bundle /inner web")))
	h.Fails(r, "a seccomp filter around creel refuses ", "unshare: ", "operation not permitted")
}
