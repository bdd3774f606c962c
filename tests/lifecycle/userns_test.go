package lifecycle

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
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
		"cat /proc/self/uid_map /proc/self/gid_map /proc/self/setgroups; id; stat -c %u:%g / /bin/busybox /dev /dev/shm /dev/pts /dev/mqueue; touch /made; echo end; exec sleep 1000")))
	c.Says("end")
	expect(t, fields(c.Output()), "0 100000 65536 0 100000 65536 allow uid=0(root) gid=0 0:0 0:0 0:0 0:0 0:0 0:0 end")
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

// joins makes a config join namespaces of process pid.
func joins(pid int, kinds ...specs.LinuxNamespaceType) harness.Mutate {
	return func(s *specs.Spec) {
		for _, kind := range kinds {
			harness.Namespace(kind, fmt.Sprintf("/proc/%d/ns/%s", pid, nsFiles[kind][0]))(s)
		}
	}
}

func TestAJoinedUserNamespaceMayLieBelowPrivateDirectories(t *testing.T) {
	h := harness.New(t)
	private := h.Path("private")
	h.Must(os.Mkdir(private, 0o700))
	root := filepath.Join(private, "rootfs")
	h.Must(harness.MakeRootfs(root))
	h.Chown(root, 100000, 100000)
	h.WriteFile(filepath.Join(private, "volume/mine"), "kept in private\n", 0o644)
	h.Chown(filepath.Join(private, "volume/mine"), 100007, 100008)
	h.WriteFile(filepath.Join(private, "volume/foreign"), "", 0o644)
	bind := harness.Bind(filepath.Join(private, "volume"), "/mnt", "ro")
	const script = "cat /mnt/mine; stat -c '%n %u:%g' /mnt/mine /mnt/foreign /bin; id -u; readlink /proc/self/ns/user; touch /mnt/x 2>/dev/null || echo ro"
	const want = "kept in private\n/mnt/mine 7:8\n/mnt/foreign 65534:65534\n/bin 0:0\n0\n"

	pid := h.HeldUserNS(0)
	got := h.Sh(script, harness.Root(root), joins(pid, specs.UserNamespace), bind)
	expect(t, got, want+h.ProcLink(pid, "ns/user")+"\nro")

	// as in a pod: what its first process has is joined
	pid = h.HeldUserNS(syscall.CLONE_NEWPID | syscall.CLONE_NEWNET | syscall.CLONE_NEWIPC | syscall.CLONE_NEWUTS)
	got = h.Sh(script, harness.Root(root), bind, func(s *specs.Spec) { s.Hostname = "" },
		joins(pid, specs.UserNamespace, specs.PIDNamespace, specs.NetworkNamespace, specs.IPCNamespace, specs.UTSNamespace))
	expect(t, got, want+h.ProcLink(pid, "ns/user")+"\nro")
}

func TestAContainerIsCreatedAndStartedInAJoinedUserNamespace(t *testing.T) {
	h := harness.New(t)
	root := h.OwnRoot()
	h.Chown(root, 100000, 100000)
	pid := h.HeldUserNS(0)
	c := h.Started(h.Bundle(harness.Root(root), joins(pid, specs.UserNamespace), harness.Script("stat -c 'mqueue of %u:%g' /dev/mqueue; exec sleep 1000")))
	c.Says("mqueue of 0:0")
	expect(t, h.ProcLink(h.State(c.ID).Pid, "ns/user"), h.ProcLink(pid, "ns/user"))
	h.Ok(h.Creel("delete", "--force", c.ID))
}

// Whichever of its processes fails, a container leaves nothing; the leak check looks.
func TestWhatFailsInAJoinedUserNamespaceIsToldWithItsField(t *testing.T) {
	h := harness.New(t)
	root := h.OwnRoot()
	h.Chown(root, 100000, 100000)
	pid := h.HeldUserNS(0)
	joined := joins(pid, specs.UserNamespace)
	h.Fails(h.Run(h.Bundle(harness.Root(root), joined, harness.Bind(h.Path("absent"), "/mnt"))),
		"mounts[", h.Path("absent")+" → /mnt: open source: no such file or directory")
	h.Fails(h.Run(h.Bundle(harness.Root(root), joined, harness.Bind(h.Path(), "/bin/busybox"))), "/bin/busybox: mount", "not a directory")
	h.Fails(h.Run(h.Bundle(harness.Root(h.Path("absent")), joined)), "root.path", "no such file or directory")
	h.Fails(h.Run(h.Bundle(harness.Root(root), joined, harness.Namespace(specs.NetworkNamespace, fmt.Sprintf("/proc/%d/ns/ipc", pid)))), "linux.namespaces[")
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
