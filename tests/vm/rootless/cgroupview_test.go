package rootless

import (
	"strings"
	"testing"

	"github.com/creel-project/creel/tests/harness"
	"github.com/opencontainers/runtime-spec/specs-go"
)

// hostsCgroups leaves the container in the host's cgroup namespace, with cgroups that are to be writable.
func hostsCgroups(s *specs.Spec) {
	harness.NoNamespace(specs.CgroupNamespace)(s)
	for i := range s.Mounts {
		if m := &s.Mounts[i]; m.Type == "cgroup" {
			m.Options = []string{"nosuid", "noexec", "nodev", "relatime", "rw"}
		}
	}
}

// tries looks for a cgroup that the user owns, as his systemd's is, and tries to write there.
const tries = `cd /sys/fs/cgroup` + manager + ` || exit 1
	stat -c %u . ; mkdir creel-escape 2>&1; echo 0 2>&1 > cgroup.procs
	grep ' /sys/fs/cgroup ' /proc/self/mountinfo | tail -n 1 | sed 's/.* \(r[ow]\),.* - .*/\1/'; true`

// A container that root of the machine did not make has no say over the host's cgroups, whatever its user may
// (CVE-2023-25809). The config has them below a bind mount of /sys that is read-only at its top alone.
func TestTheHostsCgroupsAreReadOnlyInAUsersContainerWithoutANamespaceOfThem(t *testing.T) {
	h := harness.New(t)
	b := bundle(h, subordinate, hostsCgroups, harness.Script(tries))
	for name, run := range map[string]func(*harness.H, ...string) *harness.Process{"plain": plain, "delegated": delegated} {
		got := h.Ok(run(h, "run", "--bundle", b, h.ID()).Result()).Stdout
		lines := strings.Split(strings.TrimSpace(got), "\n")
		if len(lines) != 4 || lines[0] != "0" || !strings.Contains(lines[1], "Read-only file system") ||
			!strings.Contains(lines[2], "Read-only file system") || lines[3] != "ro" {
			t.Errorf("%s: %q", name, lines)
		}
	}
}

// The same for who is root of a user namespace already, as rootless engines run a runtime.
func TestTheHostsCgroupsAreReadOnlyInAContainerOfAUsersUserNamespace(t *testing.T) {
	h := harness.New(t)
	b := bundle(h, hostsCgroups, harness.NoNamespace(specs.UserNamespace), harness.Script(tries), func(s *specs.Spec) {
		s.Linux.UIDMappings, s.Linux.GIDMappings = nil, nil
	})
	got := h.Ok(inUserNS(h, "run", "--bundle", b, h.ID()).Result()).Stdout
	if lines := strings.Split(strings.TrimSpace(got), "\n"); len(lines) != 4 || lines[0] != "0" ||
		!strings.Contains(lines[1], "Read-only file system") || !strings.Contains(lines[2], "Read-only file system") || lines[3] != "ro" {
		t.Errorf("%q", lines)
	}
}

// With a cgroup namespace of its own, the container's root may write where its cgroup begins.
func TestACgroupNamespaceOfItsOwnIsTheContainersToWrite(t *testing.T) {
	h := harness.New(t)
	b := bundle(h, subordinate, limits(32<<20, 20), relative(h.ID()), hostsCgroups, harness.Namespace(specs.CgroupNamespace, ""),
		harness.Script("mkdir /sys/fs/cgroup/inner && ls -d /sys/fs/cgroup/inner; ls -d /sys/fs/cgroup/user.slice 2>/dev/null; true"))
	if got := h.Ok(delegated(h, "run", "--bundle", b, h.ID()).Result()).Stdout; got != "/sys/fs/cgroup/inner\n" {
		t.Errorf("got %q", got)
	}
}
