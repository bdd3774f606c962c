package lifecycle

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/creel-project/creel/tests/harness"
	"github.com/opencontainers/runtime-spec/specs-go"
)

// fields joins the words of a text by single spaces.
func fields(text string) string { return strings.Join(strings.Fields(text), " ") }

// shifted gives the container a user namespace and a root filesystem that fits it.
func shifted(h *harness.H) harness.Mutate {
	h.Helper()
	root := h.OwnRoot()
	h.Chown(root, 100000, 100000)
	return func(s *specs.Spec) {
		harness.Root(root)(s)
		harness.UserNS(100000, 65536)(s)
	}
}

func TestRootOfAUserNamespaceIsAnotherUserOfTheHost(t *testing.T) {
	h := harness.New(t)
	c := h.Started(h.Bundle(shifted(h), harness.Script(
		"cat /proc/self/uid_map /proc/self/gid_map /proc/self/setgroups; id; stat -c %u:%g / /bin/busybox /dev /dev/shm /dev/pts; touch /made; echo end; exec sleep 1000")))
	c.Says("end")
	expect(t, fields(c.Output()), "0 100000 65536 0 100000 65536 allow uid=0(root) gid=0 0:0 0:0 0:0 0:0 0:0 end")
	st := h.State(c.ID)
	has(t, h.ProcFile(st.Pid, "status"), "\nUid:\t100000\t100000\t100000\t100000\n", "\nGid:\t100000\t100000\t100000\t100000\n")
	info, err := os.Stat(filepath.Join(st.Rootfs, "made"))
	h.Must(err)
	if got := fmt.Sprint(info.Sys()); !strings.Contains(got, "100000") {
		t.Errorf("a file made by the container's root: %s", got)
	}
}

func TestIdMapsMayHaveSeveralRanges(t *testing.T) {
	h := harness.New(t)
	b := h.Bundle(harness.Script("cat /proc/self/uid_map; echo; cat /proc/self/gid_map; id -u; id -g; id -G"),
		harness.Namespace(specs.UserNamespace, ""), func(s *specs.Spec) {
			s.Linux.UIDMappings = []specs.LinuxIDMapping{{ContainerID: 0, HostID: 0, Size: 1}, {ContainerID: 1, HostID: 200000, Size: 1000}, {ContainerID: 5000, HostID: 300000, Size: 2}}
			s.Linux.GIDMappings = []specs.LinuxIDMapping{{ContainerID: 0, HostID: 0, Size: 1}, {ContainerID: 1, HostID: 400000, Size: 1000}}
			s.Process.User = specs.User{UID: 5001, GID: 7, AdditionalGids: []uint32{8, 9}}
		})
	r := h.Ok(h.Run(b))
	expect(t, fields(r.Stdout), "0 0 1 1 200000 1000 5000 300000 2 0 0 1 1 400000 1000 5001 7 7 8 9")
}

func TestAUserNamespaceNeedNotMapRoot(t *testing.T) {
	h := harness.New(t)
	b := h.Bundle(harness.Script("cat /proc/self/uid_map; id -u; id -g"), noTTYGroup, harness.Namespace(specs.UserNamespace, ""), func(s *specs.Spec) {
		s.Linux.UIDMappings = []specs.LinuxIDMapping{{ContainerID: 1000, HostID: 0, Size: 10}}
		s.Linux.GIDMappings = s.Linux.UIDMappings
		s.Process.User = specs.User{UID: 1000, GID: 1001}
	})
	r := h.Run(b)
	expect(t, fields(h.Ok(r).Stdout), "1000 0 10 1000 1001")
}

// What the container's root could not reach itself is opened with the host's privileges.
func TestAUserNamespaceMayLieBelowPrivateDirectories(t *testing.T) {
	h := harness.New(t)
	private := h.Path("private")
	h.Must(os.Mkdir(private, 0o700))
	root := filepath.Join(private, "rootfs")
	h.Must(harness.MakeRootfs(root))
	h.Chown(root, 100000, 100000)
	h.WriteFile(filepath.Join(private, "volume/file"), "kept in private\n", 0o644)
	got := h.Sh("cat /mnt/file; id -u", harness.Root(root), harness.UserNS(100000, 65536), harness.Bind(filepath.Join(private, "volume"), "/mnt", "ro"))
	expect(t, got, "kept in private\n0")
}

func TestTheDevicesOfAUserNamespaceWork(t *testing.T) {
	h := harness.New(t)
	got := h.Sh(`for d in null zero full random urandom tty; do stat -c '%n %t:%T' /dev/$d; done
		echo x > /dev/null && head -c 3 /dev/zero | wc -c; head -c 3 /dev/urandom | wc -c; mknod /tmp/n c 1 3 2>/dev/null || echo no mknod`, shifted(h))
	expect(t, got, "/dev/null 1:3\n/dev/zero 1:5\n/dev/full 1:7\n/dev/random 1:8\n/dev/urandom 1:9\n/dev/tty 5:0\n3\n3\nno mknod")
}

func TestCapabilitiesOfAUserNamespaceAreThoseOfTheConfig(t *testing.T) {
	h := harness.New(t)
	got := h.Sh("grep -E '^Cap' /proc/self/status", shifted(h), harness.Caps("CAP_SYS_ADMIN", "CAP_CHOWN"))
	expect(t, fields(got), "CapInh: 0000000000000000 CapPrm: 0000000000200001 CapEff: 0000000000200001 CapBnd: 0000000000200001 CapAmb: 0000000000000000")
}
