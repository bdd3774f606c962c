package container

import (
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"github.com/creel-project/creel/tests/harness"
	"github.com/opencontainers/runtime-spec/specs-go"
)

var kinds = map[specs.LinuxNamespaceType]string{
	specs.PIDNamespace: "pid", specs.NetworkNamespace: "net", specs.IPCNamespace: "ipc", specs.UTSNamespace: "uts",
	specs.MountNamespace: "mnt", specs.CgroupNamespace: "cgroup", specs.TimeNamespace: "time",
}

func hostNS(t *testing.T, file string) string {
	t.Helper()
	link, err := os.Readlink("/proc/self/ns/" + file)
	if err != nil {
		t.Fatal(err)
	}
	return link
}

func TestEveryNamespaceIsNewOrTheHosts(t *testing.T) {
	for kind, file := range kinds {
		if kind != specs.TimeNamespace { // the default config has none
			h := harness.New(t)
			if got := h.Sh("readlink /proc/self/ns/" + file); got == hostNS(t, file) {
				t.Errorf("%s: the container is in the host's", kind)
			}
		}
		if kind == specs.MountNamespace {
			continue
		}
		h := harness.New(t)
		got := h.Sh("readlink /proc/self/ns/"+file, harness.NoNamespace(kind), func(s *S) {
			if kind == specs.UTSNamespace {
				s.Hostname = ""
			}
		})
		if got != hostNS(t, file) {
			t.Errorf("%s: the container is in %s, not in the host's", kind, got)
		}
	}
}

func TestANamespaceGivenByItsPathIsJoined(t *testing.T) {
	h := harness.New(t)
	first := h.Started(h.Bundle(harness.Sleep))
	pid := h.State(first.ID).Pid
	for kind, file := range kinds {
		if kind == specs.MountNamespace || kind == specs.TimeNamespace {
			continue
		}
		got := h.Sh("readlink /proc/self/ns/"+file, harness.Namespace(kind, fmt.Sprintf("/proc/%d/ns/%s", pid, file)), func(s *S) {
			if kind == specs.UTSNamespace {
				s.Hostname = ""
			}
		})
		if want := h.ProcLink(pid, "ns/"+file); got != want {
			t.Errorf("%s: the container is in %s, not in %s", kind, got, want)
		}
	}
}

func TestAUserNamespaceIsJoinedWithItsMaps(t *testing.T) {
	h := harness.New(t)
	root := shifted(h)
	first := h.Started(h.Bundle(harness.Sleep, root))
	pid := h.State(first.ID).Pid
	got := h.Sh("readlink /proc/self/ns/user; id -u; cat /proc/self/uid_map", harness.Root(h.Path("rootfs")),
		harness.Namespace(specs.UserNamespace, fmt.Sprintf("/proc/%d/ns/user", pid)))
	want := h.ProcLink(pid, "ns/user") + "\n0\n" + fmt.Sprintf("%10d %10d %10d", 0, 100000, 65536)
	if got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestIdsAreShiftedOutsideAsTheMapsSay(t *testing.T) {
	h := harness.New(t)
	c := h.Started(h.Bundle(harness.Sleep, shifted(h), func(s *S) { s.Process.User = specs.User{UID: 7, GID: 8} }))
	status := h.ProcFile(h.State(c.ID).Pid, "status")
	contains(t, status, "Uid:\t100007\t100007\t100007\t100007", "Gid:\t100008\t100008\t100008\t100008")
}

func TestTimeOffsetsMoveTheClocks(t *testing.T) {
	offset := func(s *S) {
		harness.Namespace(specs.TimeNamespace, "")(s)
		s.Linux.TimeOffsets = map[string]specs.LinuxTimeOffset{"boottime": {Secs: 10_000_000}, "monotonic": {Secs: 5}}
	}
	h := harness.New(t)
	for name, more := range map[string]harness.Mutate{"alone": func(*S) {}, "with a user namespace": shifted(h)} {
		got := h.Sh("cut -d. -f1 /proc/uptime", more, offset)
		if n, err := strconv.Atoi(got); err != nil || n < 10_000_000 {
			t.Errorf("%s: up for %q seconds", name, got)
		}
	}
}

func TestTheLoopbackInterfaceOfANewNetworkNamespaceIsUp(t *testing.T) {
	says(t, "ip -o link show lo | grep -o 'LOOPBACK,UP'; ping -c 1 -W 2 127.0.0.1 >/dev/null && echo answers", "LOOPBACK,UP\nanswers",
		harness.Caps("CAP_NET_RAW"))
}

func TestAnOrdinaryUserRunsAContainerWithItsOwnIdMapped(t *testing.T) {
	h := harness.New(t)
	root := h.OwnRoot()
	h.Chown(root, 1000, 1000)
	b := h.Bundle(harness.Root(root), harness.Script("id -u; cat /proc/self/uid_map /proc/self/setgroups; hostname"), func(s *S) {
		harness.Namespace(specs.UserNamespace, "")(s)
		harness.NoNamespace(specs.NetworkNamespace)(s)
		harness.NoNamespace(specs.CgroupNamespace)(s)
		s.Linux.UIDMappings = []specs.LinuxIDMapping{{HostID: 1000, Size: 1}}
		s.Linux.GIDMappings = []specs.LinuxIDMapping{{HostID: 1000, Size: 1}}
		s.Linux.Resources = nil
		var kept []specs.Mount
		for _, m := range s.Mounts {
			switch m.Type {
			case "cgroup":
			case "devpts":
				m.Options = []string{"newinstance", "ptmxmode=0666", "mode=0620"}
				kept = append(kept, m)
			default:
				kept = append(kept, m)
			}
		}
		s.Mounts = kept
	})
	state := h.Path("user-state")
	h.Must(os.Mkdir(state, 0o700))
	h.Must(os.Chown(state, 1000, 1000))
	out, err := exec.Command("setpriv", "--reuid=1000", "--regid=1000", "--clear-groups", "env", "-i", "PATH="+os.Getenv("PATH"),
		harness.Program(), "--root", state, "run", "--bundle", b, "rootless").CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	want := "0\n" + fmt.Sprintf("%10d %10d %10d", 0, 1000, 1) + "\ndeny\ncreel\n"
	if !strings.HasSuffix(string(out), want) {
		t.Errorf("got %q, want %q", out, want)
	}
}
