package lifecycle

import (
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/creel-project/creel/tests/harness"
	"github.com/opencontainers/runtime-spec/specs-go"
)

// nsFiles are the files in /proc/PID/ns by the type that the specification names,
// with the flag of unshare(1).
var nsFiles = map[specs.LinuxNamespaceType][2]string{
	specs.PIDNamespace: {"pid", "--pid"}, specs.NetworkNamespace: {"net", "--net"}, specs.MountNamespace: {"mnt", "--mount"},
	specs.IPCNamespace: {"ipc", "--ipc"}, specs.UTSNamespace: {"uts", "--uts"}, specs.UserNamespace: {"user", "--user"},
	specs.CgroupNamespace: {"cgroup", "--cgroup"}, specs.TimeNamespace: {"time", "--time"},
}

func nsLink(h *harness.H, file string) string {
	h.Helper()
	target, err := os.Readlink("/proc/self/ns/" + file)
	h.Must(err)
	return target
}

// noTTYGroup takes the group of terminals out of a config, for user namespaces that
// do not map it.
func noTTYGroup(s *specs.Spec) {
	for i := range s.Mounts {
		s.Mounts[i].Options = slices.DeleteFunc(s.Mounts[i].Options, func(o string) bool { return o == "gid=5" })
	}
}

// bare is a config without anything that needs a namespace of some type.
func bare(s *specs.Spec) {
	noTTYGroup(s)
	s.Hostname = ""
	s.Mounts = withoutMount(s.Mounts, "/sys")
	s.Mounts = withoutMount(s.Mounts, "/dev/mqueue")
	s.Mounts = withoutMount(s.Mounts, "/sys/fs/cgroup")
	s.Linux.MaskedPaths, s.Linux.ReadonlyPaths = nil, nil
}

func TestANamespaceIsNewOrTheHostsAsTheConfigSays(t *testing.T) {
	for kind, ns := range nsFiles {
		t.Run(string(kind), func(t *testing.T) {
			h := harness.New(t)
			host := nsLink(h, ns[0])
			fresh := harness.Namespace(kind, "")
			if kind == specs.UserNamespace {
				fresh = harness.UserNS(0, 65536)
			}
			if got := h.Sh("readlink /proc/self/ns/"+ns[0], bare, fresh); got == host {
				t.Errorf("a new one is the host's, %s", host)
			}
			if kind == specs.MountNamespace {
				return // without one there is no root filesystem of one's own
			}
			expect(t, h.Sh("readlink /proc/self/ns/"+ns[0], bare, harness.NoNamespace(kind)), host)
		})
	}
}

// holder starts a process in new namespaces and returns its pid.
func holder(h *harness.H, flags ...string) int {
	h.Helper()
	cmd := exec.Command("unshare", append(flags, "--fork", "--kill-child", "sh", "-c", "echo; exec sleep 1000")...)
	out, err := cmd.StdoutPipe()
	h.Must(err)
	h.Must(cmd.Start())
	h.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
	})
	_, err = out.Read(make([]byte, 1)) // the child is there
	h.Must(err)
	children, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%[1]d/children", cmd.Process.Pid))
	h.Must(err)
	pid, err := strconv.Atoi(strings.TrimSpace(string(children)))
	h.Must(err)
	return pid
}

func TestANamespaceIsJoinedByPath(t *testing.T) {
	for kind, ns := range nsFiles {
		t.Run(string(kind), func(t *testing.T) {
			h := harness.New(t)
			flags := []string{ns[1]}
			if kind == specs.UserNamespace {
				flags = append(flags, "--map-root-user")
			}
			pid := holder(h, flags...)
			path := fmt.Sprintf("/proc/%d/ns/%s", pid, ns[0])
			want, err := os.Readlink(path)
			h.Must(err)
			joined := []harness.Mutate{bare, harness.Namespace(kind, path)}
			expect(t, h.Sh("readlink /proc/self/ns/"+ns[0], joined...), want)
			switch kind {
			case specs.UserNamespace, specs.MountNamespace, specs.PIDNamespace:
				return // no mounts are possible there from a new user namespace
			}
			expect(t, h.Sh("readlink /proc/self/ns/"+ns[0], append(joined, harness.UserNS(0, 65536))...), want)
		})
	}
}

func TestAllNamespacesOfAnotherProcessAreJoinedAtOnce(t *testing.T) {
	h := harness.New(t)
	pid := holder(h, "--pid", "--net", "--ipc", "--uts", "--cgroup", "--user", "--map-root-user", "--mount")
	got := h.Sh("for n in pid net ipc uts cgroup user; do readlink /proc/self/ns/$n; done", bare, func(s *specs.Spec) {
		for kind, ns := range nsFiles {
			if kind != specs.MountNamespace && kind != specs.TimeNamespace {
				harness.Namespace(kind, fmt.Sprintf("/proc/%d/ns/%s", pid, ns[0]))(s)
			}
		}
	})
	var want []string
	for _, n := range []string{"pid", "net", "ipc", "uts", "cgroup", "user"} {
		want = append(want, h.ProcLink(pid, "ns/"+n))
	}
	expect(t, got, strings.Join(want, "\n"))
}

func TestContainersOfAPodShareNamespaces(t *testing.T) {
	for _, userns := range []bool{false, true} {
		t.Run(fmt.Sprintf("userns %v", userns), func(t *testing.T) {
			h := harness.New(t)
			m := func(*specs.Spec) {}
			if userns {
				m = harness.UserNS(0, 65536)
			}
			pause := h.Started(h.Bundle(harness.Script("echo up; exec sleep 1000"), m, func(s *specs.Spec) { s.Hostname = "pod" }))
			pause.Says("up")
			pid := h.State(pause.ID).Pid
			b := h.Bundle(harness.Script("hostname; ps -o pid,comm; echo up; exec sleep 1000"), func(s *specs.Spec) {
				s.Hostname = ""
				for _, kind := range []specs.LinuxNamespaceType{specs.PIDNamespace, specs.NetworkNamespace, specs.IPCNamespace, specs.UTSNamespace} {
					harness.Namespace(kind, fmt.Sprintf("/proc/%d/ns/%s", pid, nsFiles[kind][0]))(s)
				}
				if userns {
					harness.Namespace(specs.UserNamespace, fmt.Sprintf("/proc/%d/ns/user", pid))(s)
				}
			})
			c := h.Started(b)
			c.Says("up")
			has(t, c.Output(), "pod\n", "    1 sleep\n")
			h.Ok(h.Creel("kill", c.ID, "KILL"))
			h.WaitFor(c.ID, "stopped")
			if s := h.State(pause.ID); s.Status != "running" {
				t.Errorf("state %+v", s)
			}
			h.Ok(h.Creel("delete", "--force", c.ID))
			if s := h.State(pause.ID); s.Status != "running" {
				t.Errorf("state %+v", s)
			}
		})
	}
}

func TestTheLoopbackInterfaceOfANewNetworkIsUp(t *testing.T) {
	h := harness.New(t)
	has(t, h.Sh("ip addr show lo"), "LOOPBACK,UP", "inet 127.0.0.1/8")
	has(t, h.Sh("ip addr show lo", harness.UserNS(0, 65536)), "LOOPBACK,UP", "inet 127.0.0.1/8")
}

func TestHostAndDomainNameAreTheContainersOwn(t *testing.T) {
	h := harness.New(t)
	host, err := os.Hostname()
	h.Must(err)
	got := h.Sh("hostname; cat /proc/sys/kernel/domainname", func(s *specs.Spec) { s.Hostname, s.Domainname = "web", "example.org" })
	expect(t, got, "web\nexample.org")
	expect(t, h.Sh("hostname", func(s *specs.Spec) { s.Hostname = strings.Repeat("n", 64) }), strings.Repeat("n", 64))
	expect(t, h.Sh("hostname", func(s *specs.Spec) { s.Hostname = "" }), host)
	if now, err := os.Hostname(); err != nil || now != host {
		t.Errorf("the host is called %q now", now)
	}
}

func TestSysctlsOfTheContainersNamespacesAreSet(t *testing.T) {
	for _, userns := range []bool{false, true} {
		t.Run(fmt.Sprintf("userns %v", userns), func(t *testing.T) {
			h := harness.New(t)
			m := func(*specs.Spec) {}
			if userns {
				m = harness.UserNS(0, 65536)
			}
			files := []string{"net/ipv4/ip_forward", "kernel/shm_rmid_forced", "kernel/msgmax", "net/ipv4/conf/lo/forwarding"}
			before := readAll(h, files)
			got := h.Sh("cd /proc/sys; cat "+strings.Join(files, " "), m, func(s *specs.Spec) {
				s.Linux.Sysctl = map[string]string{
					"net.ipv4.ip_forward": "1", "kernel.shm_rmid_forced": "1", "kernel/msgmax": "12345", "net/ipv4/conf/lo/forwarding": "1",
				}
			})
			expect(t, got, "1\n1\n12345\n1")
			expect(t, readAll(h, files), before)
		})
	}
}

func readAll(h *harness.H, files []string) (all string) {
	h.Helper()
	for _, f := range files {
		text, err := os.ReadFile("/proc/sys/" + f)
		h.Must(err)
		all += string(text)
	}
	return all
}

func TestTimeOffsetsMoveTheContainersClocks(t *testing.T) {
	for _, userns := range []bool{false, true} {
		t.Run(fmt.Sprintf("userns %v", userns), func(t *testing.T) {
			h := harness.New(t)
			m := func(*specs.Spec) {}
			if userns {
				m = harness.UserNS(0, 65536)
			}
			out := h.Sh("cat /proc/self/timens_offsets; cut -d. -f1 /proc/uptime", m, harness.Namespace(specs.TimeNamespace, ""), func(s *specs.Spec) {
				s.Linux.TimeOffsets = map[string]specs.LinuxTimeOffset{"monotonic": {Secs: 1000, Nanosecs: 5}, "boottime": {Secs: 7_000_000}}
			})
			lines := strings.Split(out, "\n")
			expect(t, strings.Join(strings.Fields(lines[0]+" "+lines[1]), " "), "monotonic 1000 5 boottime 7000000 0")
			up, err := strconv.Atoi(lines[2])
			h.Must(err)
			var info syscall.Sysinfo_t
			h.Must(syscall.Sysinfo(&info))
			if moved := int64(up) - info.Uptime; moved < 6_999_990 || moved > 7_000_010 {
				t.Errorf("the clock moved by %d s", moved)
			}
		})
	}
}
