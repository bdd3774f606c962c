package security

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/creel-project/creel/tests/harness"
	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

// admin gives the container's root every capability that could change mounts.
var admin = harness.Caps("CAP_SYS_ADMIN", "CAP_DAC_OVERRIDE", "CAP_SYS_CHROOT", "CAP_MKNOD", "CAP_FOWNER", "CAP_CHOWN")

// userNamespaces are the two ways to one in which root is user 100000 of the host.
func userNamespaces(h *harness.H) map[string]harness.Mutate {
	h.Helper()
	return map[string]harness.Mutate{
		"new":    harness.UserNS(100000, 65536),
		"joined": harness.Namespace(specs.UserNamespace, fmt.Sprintf("/proc/%d/ns/user", h.HeldUserNS(0))),
	}
}

// A source's own flags stay locked for a container with a user namespace,
// whatever its root is allowed to do there.
func TestTheContainersRootCannotClearAFlagOfASource(t *testing.T) {
	h := harness.New(t)
	source, root := h.Path("source"), h.OwnRoot()
	h.Chown(root, 100000, 100000)
	h.Must(os.Mkdir(source, 0o777))
	h.Must(unix.Mount("tmpfs", source, "tmpfs", unix.MS_RDONLY|unix.MS_NOSUID|unix.MS_NODEV|unix.MS_NOEXEC, ""))
	t.Cleanup(func() { h.Must(unix.Unmount(source, unix.MNT_DETACH)) })
	for name, userns := range userNamespaces(h) {
		b := h.Bundle(harness.Root(root), userns, admin, harness.Bind(source, "/data", "rbind"), harness.Script(`
			for o in rw,nosuid,nodev,noexec ro,suid,nodev,noexec ro,nosuid,dev,noexec ro,nosuid,nodev,exec; do
				mount -o remount,bind,$o /data 2>/dev/null && echo "cleared by $o"
			done
			touch /data/evil 2>/dev/null && echo wrote
			grep ' /data ' /proc/self/mounts`))
		r := h.Ok(h.Run(b))
		if strings.Contains(r.Stdout, "cleared") || strings.Contains(r.Stdout, "wrote") || !strings.Contains(r.Stdout, "ro,nosuid,nodev,noexec") {
			t.Error(name, r)
		}
	}
}

// A directory that only the host's root can reach is mounted by the host's
// right, and gives the container no right beyond its ids.
func TestASourceBelowAPrivateDirectoryCanBeMountedButNotLeft(t *testing.T) {
	h := harness.New(t)
	v, root := newVictim(h), h.OwnRoot()
	h.Chown(root, 100000, 100000)
	private := h.Path("private")
	h.WriteFile(private+"/open/file", "shared", 0o644)
	h.Must(os.Chmod(private, 0o700))
	for name, userns := range userNamespaces(h) {
		got := h.Sh("cat /data/file; echo evil > /data/file || true; ls /data/.. | grep -c private || true", harness.Root(root),
			userns, admin, harness.Bind(private+"/open", "/data", "rbind"))
		if !strings.HasPrefix(got, "shared") || !strings.HasSuffix(got, "0") {
			t.Errorf("%s: got %q", name, got)
		}
	}
	v.unchanged()
}

// CVE-2023-25809: who shares the host's cgroup namespace may not write to it
// with a user namespace of his own.
func TestTheHostsCgroupsAreReadOnlyForAUserNamespace(t *testing.T) {
	h := harness.New(t)
	root := h.OwnRoot()
	h.Chown(root, 100000, 100000)
	got := h.Sh("mount | grep -c 'on /sys/fs/cgroup.* type cgroup.*(rw' || true", harness.Root(root), harness.UserNS(100000, 65536),
		harness.NoNamespace(specs.CgroupNamespace), func(s *specs.Spec) {
			for i := range s.Mounts {
				if s.Mounts[i].Type == "cgroup" {
					s.Mounts[i].Options = []string{"nosuid", "noexec", "nodev", "relatime", "rw"}
				}
			}
		})
	if got != "0" {
		t.Errorf("%s mounts of cgroups are writable", got)
	}
}

// In a user namespace devices are the host's nodes, and no other can be made.
func TestTheContainersRootCannotMakeADeviceInAUserNamespace(t *testing.T) {
	h := harness.New(t)
	root := h.OwnRoot()
	h.Chown(root, 100000, 100000)
	got := h.Sh("mknod /dev/mem2 c 1 1 2>/dev/null && echo made; test -c /dev/null && echo null", harness.Root(root), harness.UserNS(100000, 65536), admin)
	if got != "null" {
		t.Errorf("got %q", got)
	}
}
