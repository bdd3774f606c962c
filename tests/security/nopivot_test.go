package security

import (
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/creel-project/creel/tests/harness"
	"github.com/opencontainers/runtime-spec/specs-go"
)

// mountView mounts a whole proc or sysfs on the host, as a chroot there has it.
func mountView(h *harness.H, fstype, dir string) {
	h.Helper()
	h.Must(os.MkdirAll(dir, 0o755))
	h.Must(syscall.Mount(fstype, dir, fstype, 0, ""))
	h.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			h.Errorf("unmount %s: %v", dir, err)
		}
	})
}

// asUser runs the process as a user whom no map needs a privilege for.
func asUser(s *specs.Spec) { s.Process.User = specs.User{UID: 1000, GID: 1000} }

// Without pivot_root the host's mounts stay below the container's root. A process
// that makes itself a user namespace may mount proc there if it has a full view of
// one already (mount_namespaces(7)), and that of the host must not count: the
// masks of the container's own would be gone.
func TestWithoutPivotRootNoHostsProcMakesAFreshOnePossible(t *testing.T) {
	for name, m := range map[string]harness.Mutate{
		"root": func(*specs.Spec) {}, "user namespace": harness.UserNS(0, 65536),
	} {
		t.Run(name, func(t *testing.T) {
			h := harness.New(t)
			for _, dir := range []string{"jail/proc", "a jail/proc", "stack", "stack"} {
				mountView(h, "proc", h.Path(dir))
				mountView(h, "sysfs", h.Path(strings.ReplaceAll(dir, "proc", "sys")))
			}
			root := h.OwnRoot()
			mountView(h, "proc", root+"/proc") // covered by the container's own
			b := h.Bundle(harness.Root(root), m, asUser, harness.Script(`
				unshare -Urmpnf sh -c 'mount -t proc fresh /tmp && echo fresh proc; mount -t sysfs fresh /tmp && echo fresh sysfs; echo tried'`))
			for _, flags := range [][]string{nil, {"--no-pivot"}} {
				if r := h.Ok(h.Run(b, flags...)); r.Stdout != "tried\n" {
					t.Errorf("with %q: %s", flags, r)
				}
			}
			if _, err := os.Stat(h.Path("a jail/proc/1")); err != nil {
				t.Errorf("THE HOST WAS CHANGED: %v", err)
			}
		})
	}
}

// What leaves its chroot, or enters its own mount namespace anew, comes to the
// root of the namespace, which is the container's: it was moved over "/".
func TestWithoutPivotRootTheRootOfTheNamespaceIsTheContainers(t *testing.T) {
	for name, m := range map[string]harness.Mutate{
		"root": func(*specs.Spec) {}, "user namespace": harness.UserNS(0, 65536),
	} {
		t.Run(name, func(t *testing.T) {
			h := harness.New(t)
			b := h.Bundle(harness.Root(h.OwnRoot()), m, harness.Caps("CAP_SYS_CHROOT", "CAP_SYS_ADMIN", "CAP_SYS_PTRACE"),
				harness.Script("nsenter --mount=/proc/1/ns/mnt ls / /.. /../.. | grep -v :$ | sort -u"))
			for _, flags := range [][]string{nil, {"--no-pivot"}} {
				if r := h.Ok(h.Run(b, flags...)); strings.Join(strings.Fields(r.Stdout), " ") != "bin dev etc proc root sys tmp" {
					t.Errorf("with %q: %s", flags, r)
				}
			}
		})
	}
}
