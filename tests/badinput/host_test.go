package badinput

import (
	"strings"
	"testing"

	"github.com/creel-project/creel/tests/harness"
	"github.com/opencontainers/runtime-spec/specs-go"
)

// onHost takes all out of a config that needs a mount namespace, and the namespace.
func onHost(s *S) {
	harness.NoNamespace(specs.MountNamespace)(s)
	s.Root.Readonly, s.Mounts = false, nil
	s.Linux.MaskedPaths, s.Linux.ReadonlyPaths = nil, nil
}

// Nothing that a config asks for is left out because it has no mount namespace, and nothing
// of it happens to the host. The harness compares the host's mounts.
func TestWhatWouldChangeTheHostsMountsIsNamed(t *testing.T) {
	none := `linux.namespaces has none of type "mount"`
	own := func(s *S) { harness.Namespace(specs.MountNamespace, "/proc/self/ns/mnt")(s) }
	refused(t, []mistake{
		{"a read-only root", func(s *S) { onHost(s); s.Root.Readonly = true }, []string{"root.readonly", "true", none}},
		{"mounts", func(s *S) { onHost(s); harness.Bind("/tmp", "/tmp")(s) }, []string{"mounts: 1 ", none}},
		{"propagation", func(s *S) { onHost(s); s.Linux.RootfsPropagation = "rshared" }, []string{"linux.rootfsPropagation", "rshared", none}},
		{"masked paths", func(s *S) { onHost(s); s.Linux.MaskedPaths = []string{"/tmp"} }, []string{"linux.maskedPaths", "/tmp", none}},
		{"read-only paths", func(s *S) { onHost(s); s.Linux.ReadonlyPaths = []string{"/tmp"} }, []string{"linux.readonlyPaths", "/tmp", none}},
		{"devices", func(s *S) {
			onHost(s)
			s.Linux.Devices = []specs.LinuxDevice{{Path: "/dev/zero", Type: "c", Major: 1, Minor: 5}}
		}, []string{"linux.devices", none}},
		{"the host's own namespace by its path", func(s *S) { onHost(s); own(s) }, []string{"linux.namespaces", "/proc/self/ns/mnt is the host's mount namespace"}},
	})
}

func TestAContainerWithoutAMountNamespaceNeedsNoMount(t *testing.T) {
	h := harness.New(t)
	root := h.OwnRoot()
	if got := h.Sh("ls /bin/busybox; ls /dev", harness.Root(root), onHost, func(s *S) { s.Root.Path = root }); got != "/bin/busybox" {
		t.Errorf("got %q: the root, and no node that would stay in it", got)
	}
}

func TestWhatWouldChangeTheHostsNamesAndClocksIsNamed(t *testing.T) {
	without := func(kind specs.LinuxNamespaceType, change harness.Mutate) harness.Mutate {
		return func(s *S) {
			s.Hostname = ""
			harness.NoNamespace(kind)(s)
			change(s)
		}
	}
	own := func(kind specs.LinuxNamespaceType, file string, change harness.Mutate) harness.Mutate {
		return func(s *S) {
			s.Hostname = ""
			harness.Namespace(kind, "/proc/self/ns/"+file)(s)
			change(s)
		}
	}
	sysctl := func(name string) harness.Mutate {
		return func(s *S) { s.Linux.Sysctl = map[string]string{name: "1"} }
	}
	domain := func(s *S) { s.Domainname = "d" }
	offsets := func(s *S) { s.Linux.TimeOffsets = map[string]specs.LinuxTimeOffset{"monotonic": {Secs: 1}} }
	refused(t, []mistake{
		{"a hostname", without(specs.UTSNamespace, func(s *S) { s.Hostname = "h" }), []string{"hostname", `"h"`, `none of type "uts"`}},
		{"a hostname in the host's own", own(specs.UTSNamespace, "uts", func(s *S) { s.Hostname = "h" }), []string{"hostname", `"h"`, "/proc/self/ns/uts is the host's uts namespace"}},
		{"a domain name", without(specs.UTSNamespace, domain), []string{"domainname", `"d"`, `none of type "uts"`}},
		{"a domain name in the host's own", own(specs.UTSNamespace, "uts", domain), []string{"domainname", `"d"`, "is the host's uts namespace"}},
		{"a domain name as a sysctl", without(specs.UTSNamespace, sysctl("kernel.domainname")), []string{`linux.sysctl["kernel.domainname"]`, `none of type "uts"`}},
		{"shared memory", without(specs.IPCNamespace, sysctl("kernel.shmmax")), []string{`linux.sysctl["kernel.shmmax"]`, `none of type "ipc"`}},
		{"shared memory in the host's own", own(specs.IPCNamespace, "ipc", sysctl("kernel.shmmax")), []string{`linux.sysctl["kernel.shmmax"]`, "is the host's ipc namespace"}},
		{"message queues", without(specs.IPCNamespace, sysctl("fs.mqueue.msg_max")), []string{`linux.sysctl["fs.mqueue.msg_max"]`, `none of type "ipc"`}},
		{"the network", without(specs.NetworkNamespace, sysctl("net.ipv4.ip_forward")), []string{`linux.sysctl["net.ipv4.ip_forward"]`, `none of type "network"`}},
		{"the network in the host's own", own(specs.NetworkNamespace, "net", sysctl("net.ipv4.ip_forward")), []string{`linux.sysctl["net.ipv4.ip_forward"]`, "is the host's network namespace"}},
		{"limits of users", sysctl("user.max_user_namespaces"), []string{`linux.sysctl["user.max_user_namespaces"]`, `none of type "user"`}},
		{"time offsets", offsets, []string{"linux.timeOffsets", `none of type "time"`}},
		{"group ids without a user namespace", func(s *S) { s.Linux.GIDMappings = []specs.LinuxIDMapping{{HostID: 1, Size: 1}} }, []string{"linux.gidMappings", `none of type "user"`}},
	})
}

func TestAllThatWouldChangeTheHostIsReportedTogether(t *testing.T) {
	h := harness.New(t)
	r := h.Fails(h.Run(h.Bundle(func(s *S) {
		s.Linux.Namespaces = nil
		s.Linux.RootfsPropagation = "rslave"
	})))
	for _, field := range []string{"hostname", "root.readonly", "mounts", "linux.rootfsPropagation", "linux.maskedPaths", "linux.readonlyPaths"} {
		if !strings.Contains(r.Stderr, field+": ") {
			t.Errorf("%s is not among the mistakes: %v", field, r)
		}
	}
}
