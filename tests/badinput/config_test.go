package badinput

import (
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"github.com/creel-project/creel/tests/harness"
	"github.com/opencontainers/runtime-spec/specs-go"
)

type S = specs.Spec

func TestValuesThatNobodyKnowsAreNamed(t *testing.T) {
	refused(t, []mistake{
		{"version", func(s *S) { s.Version = "2.0.0" }, []string{"ociVersion", "2.0.0"}},
		{"no version", func(s *S) { s.Version = "" }, []string{"ociVersion"}},
		{"a version that is none", func(s *S) { s.Version = "one" }, []string{"ociVersion", "one"}},
		{"namespace", func(s *S) { s.Linux.Namespaces = append(s.Linux.Namespaces, specs.LinuxNamespace{Type: "dream"}) }, []string{"linux.namespaces[6].type", "dream"}},
		{"namespace twice", func(s *S) { s.Linux.Namespaces = append(s.Linux.Namespaces, specs.LinuxNamespace{Type: "pid"}) }, []string{"linux.namespaces", "pid"}},
		{"rlimit", func(s *S) { s.Process.Rlimits = []specs.POSIXRlimit{{Type: "RLIMIT_LUCK"}} }, []string{"process.rlimits[0].type", "RLIMIT_LUCK"}},
		{"rlimit twice", func(s *S) {
			r := specs.POSIXRlimit{Type: "RLIMIT_CORE"}
			s.Process.Rlimits = []specs.POSIXRlimit{r, r}
		}, []string{"process.rlimits[1]", "RLIMIT_CORE"}},
		{"soft above hard", func(s *S) { s.Process.Rlimits = []specs.POSIXRlimit{{Type: "RLIMIT_CORE", Soft: 2, Hard: 1}} }, []string{"process.rlimits[0]", "2"}},
		{"propagation", func(s *S) { s.Linux.RootfsPropagation = "everywhere" }, []string{"linux.rootfsPropagation", "everywhere"}},
		{"scheduler", func(s *S) { s.Process.Scheduler = &specs.Scheduler{Policy: "SCHED_MAGIC"} }, []string{"process.scheduler", "SCHED_MAGIC"}},
		{"I/O class", func(s *S) { s.Process.IOPriority = &specs.LinuxIOPriority{Class: "IOPRIO_CLASS_FIRST"} }, []string{"process.ioPriority", "IOPRIO_CLASS_FIRST"}},
		{"personality", func(s *S) { s.Linux.Personality = &specs.LinuxPersonality{Domain: "SOLARIS"} }, []string{"linux.personality", "SOLARIS"}},
		{"device type", func(s *S) { s.Linux.Devices = []specs.LinuxDevice{{Path: "/dev/x", Type: "z"}} }, []string{"linux.devices[0].type", "z"}},
		{"device rule", func(s *S) { s.Linux.Resources.Devices = []specs.LinuxDeviceCgroup{{Access: "rq"}} }, []string{"linux.resources.devices[0].access", "rq"}},
		{"seccomp action", func(s *S) { s.Linux.Seccomp = &specs.LinuxSeccomp{DefaultAction: "SCMP_ACT_PERHAPS"} }, []string{"linux.seccomp.defaultAction", "SCMP_ACT_PERHAPS"}},
		{"seccomp architecture", func(s *S) {
			s.Linux.Seccomp = &specs.LinuxSeccomp{DefaultAction: specs.ActAllow, Architectures: []specs.Arch{"SCMP_ARCH_PDP11"}}
		}, []string{"linux.seccomp.architectures[0]", "SCMP_ARCH_PDP11"}},
		{"seccomp operator", func(s *S) {
			s.Linux.Seccomp = &specs.LinuxSeccomp{DefaultAction: specs.ActAllow, Syscalls: []specs.LinuxSyscall{{
				Names: []string{"read"}, Action: specs.ActErrno, Args: []specs.LinuxSeccompArg{{Op: "SCMP_CMP_MAYBE"}},
			}}}
		}, []string{"linux.seccomp.syscalls[0]", "SCMP_CMP_MAYBE"}},
		{"time clock", func(s *S) {
			harness.Namespace(specs.TimeNamespace, "")(s)
			s.Linux.TimeOffsets = map[string]specs.LinuxTimeOffset{"lunar": {Secs: 1}}
		}, []string{"linux.timeOffsets", "lunar"}},
	})
}

func TestValuesThatDoNotFitTogetherAreNamed(t *testing.T) {
	refused(t, []mistake{
		{"overlapping container ids", func(s *S) {
			harness.UserNS(100000, 10)(s)
			s.Linux.UIDMappings = append(s.Linux.UIDMappings, specs.LinuxIDMapping{ContainerID: 5, HostID: 200000, Size: 10})
		}, []string{"linux.uidMappings"}},
		{"overlapping host ids", func(s *S) {
			harness.UserNS(100000, 10)(s)
			s.Linux.GIDMappings = append(s.Linux.GIDMappings, specs.LinuxIDMapping{ContainerID: 50, HostID: 100005, Size: 10})
		}, []string{"linux.gidMappings"}},
		{"an empty map", func(s *S) {
			harness.UserNS(100000, 10)(s)
			s.Linux.UIDMappings = append(s.Linux.UIDMappings, specs.LinuxIDMapping{ContainerID: 50, HostID: 200000})
		}, []string{"linux.uidMappings[1].size"}},
		{"a user namespace without a map", func(s *S) {
			harness.UserNS(100000, 10)(s)
			s.Linux.UIDMappings = nil
		}, []string{"linux.uidMappings"}},
		{"maps without a user namespace", func(s *S) { s.Linux.UIDMappings = []specs.LinuxIDMapping{{HostID: 1, Size: 1}} }, []string{"linux.uidMappings", `"user"`}},
		{"a user that is not mapped", func(s *S) {
			harness.UserNS(100000, 10)(s)
			s.Process.User.UID = 10
		}, []string{"process.user.uid", "10"}},
		{"a hostname without a uts namespace", func(s *S) { harness.NoNamespace(specs.UTSNamespace)(s) }, []string{"hostname"}},
		{"a hostname too long", func(s *S) { s.Hostname = strings.Repeat("h", 65) }, []string{"hostname"}},
		{"a sysctl of the host", func(s *S) { s.Linux.Sysctl = map[string]string{"vm.swappiness": "1"} }, []string{"linux.sysctl", "vm.swappiness"}},
		{"a sysctl of a shared network", func(s *S) {
			harness.NoNamespace(specs.NetworkNamespace)(s)
			s.Linux.Sysctl = map[string]string{"net.ipv4.ip_forward": "1"}
		}, []string{"linux.sysctl", "net.ipv4.ip_forward"}},
		{"a sysctl that climbs", func(s *S) { s.Linux.Sysctl = map[string]string{"net/../vm/swappiness": "1"} }, []string{"linux.sysctl", "net/../vm/swappiness"}},
		{"bind with file system options", func(s *S) { harness.Bind("/tmp", "/data", "size=1m")(s) }, []string{"mounts[7]", "size=1m"}},
		{"one map of a mount", func(s *S) {
			harness.Bind("/tmp", "/data", "idmap")(s)
			s.Mounts[7].UIDMappings = []specs.LinuxIDMapping{{HostID: 1, Size: 1}}
		}, []string{"mounts[7]", "gidMappings"}},
		{"swap below memory", func(s *S) {
			s.Linux.Resources.Memory = &specs.LinuxMemory{Limit: harness.Ptr(int64(1 << 24)), Swap: harness.Ptr(int64(1 << 20))}
		}, []string{"linux.resources.memory.swap"}},
	})
}

func TestWhatIsMissingOrNotUsableIsNamed(t *testing.T) {
	refused(t, []mistake{
		{"no process", func(s *S) { s.Process = nil }, []string{"process"}},
		{"no args", func(s *S) { s.Process.Args = nil }, []string{"process.args"}},
		{"no cwd", func(s *S) { s.Process.Cwd = "" }, []string{"process.cwd"}},
		{"a relative cwd", func(s *S) { s.Process.Cwd = "tmp" }, []string{"process.cwd", "tmp"}},
		{"a cwd that is a file", func(s *S) { s.Process.Cwd = "/etc/passwd" }, []string{"process.cwd", "not a directory"}},
		{"no root", func(s *S) { s.Root = nil }, []string{"root"}},
		{"a root that is missing", func(s *S) { s.Root.Path = "/nonexistent/rootfs" }, []string{"root.path", "/nonexistent/rootfs", "no such file or directory"}},
		{"a root that is a file", func(s *S) { s.Root.Path = "/etc/passwd" }, []string{"root.path", "/etc/passwd", "not a directory"}},
		{"a program that is missing", func(s *S) { s.Process.Args = []string{"nosuch"} }, []string{"process.args[0]", `exec: "nosuch": executable file not found in $PATH`}},
		{"a path that is missing", func(s *S) { s.Process.Args = []string{"/nosuch"} }, []string{"process.args[0]", "/nosuch", "no such file or directory"}},
		{"a program that is a directory", func(s *S) { s.Process.Args = []string{"/etc"} }, []string{"process.args[0]", "/etc", "is a directory"}},
		{"a program that is not executable", func(s *S) { s.Process.Args = []string{"/etc/passwd"} }, []string{"process.args[0]", "/etc/passwd", "permission denied"}},
		{"a mount source", func(s *S) { harness.Bind("/nonexistent/source", "/data")(s) }, []string{"mounts[7]", "/nonexistent/source", "/data", "no such file or directory"}},
		{"a file system", func(s *S) { harness.Mount(specs.Mount{Type: "dreamfs", Destination: "/data"})(s) }, []string{"mounts[7]", "dreamfs", "no such device"}},
		{"a file system option", func(s *S) {
			harness.Mount(specs.Mount{Type: "tmpfs", Destination: "/data", Options: []string{"size=much"}})(s)
		}, []string{"mounts[7]", "/data", "size", "invalid argument"}},
		{"a namespace path", func(s *S) { harness.Namespace(specs.NetworkNamespace, "/nonexistent/net")(s) }, []string{"linux.namespaces", "/nonexistent/net", "no such file or directory"}},
		{"a namespace path that is a file", func(s *S) { harness.Namespace(specs.NetworkNamespace, "/etc/passwd")(s) }, []string{"linux.namespaces", "/etc/passwd"}},
		{"a namespace of another type", func(s *S) { harness.Namespace(specs.NetworkNamespace, "/proc/self/ns/uts")(s) }, []string{"linux.namespaces", "/proc/self/ns/uts"}},
		{"an AppArmor profile without AppArmor", func(s *S) { s.Process.ApparmorProfile = "docker-default" }, []string{"process.apparmorProfile", "docker-default"}},
	})
}

func TestATerminalNeedsSomebodyAtItsOtherEnd(t *testing.T) {
	h := harness.New(t)
	b := h.Bundle(func(s *S) { s.Process.Terminal = true })
	h.Fails(h.Creel("create", "--bundle", b, h.ID()), "cannot allocate tty if creel will detach without setting console socket")
	alone := func(c *exec.Cmd) { c.SysProcAttr = &syscall.SysProcAttr{Setsid: true} } // without a controlling terminal
	h.Fails(h.Go(alone, "run", "--bundle", b, h.ID()).Result(), "process.terminal: none of stdin, stdout and stderr is a terminal", "/dev/tty")
	h.Fails(h.Run(b, "--detach", "--console-socket", h.Path("nobody")), "process.terminal", h.Path("nobody"), "no such file or directory")
	h.Fails(h.Creel("create", "--bundle", h.Bundle(), "--console-socket", h.Path("nobody"), h.ID()), "cannot use console socket")
}

func TestHooksThatFailAreNamedWithTheirOwnWords(t *testing.T) {
	one := 1
	hook := func(path string, args ...string) specs.Hook {
		return specs.Hook{Path: path, Args: append([]string{path}, args...)}
	}
	hang := hook("/bin/sleep", "60")
	hang.Timeout = &one
	words := hook("/bin/sh", "-c", "echo the reason >&2; exit 3")
	killed := hook("/bin/sh", "-c", "kill -9 $$")
	kinds := map[string]func(*S, specs.Hook){
		"prestart":        func(s *S, k specs.Hook) { s.Hooks = &specs.Hooks{Prestart: []specs.Hook{k}} },
		"createRuntime":   func(s *S, k specs.Hook) { s.Hooks = &specs.Hooks{CreateRuntime: []specs.Hook{k}} },
		"createContainer": func(s *S, k specs.Hook) { s.Hooks = &specs.Hooks{CreateContainer: []specs.Hook{k}} },
	}
	for kind, set := range kinds {
		field := "hooks." + kind + "[0]"
		refused(t, []mistake{
			{kind + " missing", func(s *S) { set(s, hook("/nonexistent/hook")) }, []string{field, "/nonexistent/hook", "no such file or directory"}},
			{kind + " fails", func(s *S) { set(s, words) }, []string{field, "the reason", "exit status 3"}},
			{kind + " is killed", func(s *S) { set(s, killed) }, []string{field, "signal: killed"}},
			{kind + " hangs", func(s *S) { set(s, hang) }, []string{field, "timed out"}},
			{kind + " relative", func(s *S) { set(s, hook("bin/sh")) }, []string{field, "bin/sh"}},
		})
	}
}

func TestAStartHookThatFailsFailsStartAndEndsTheContainer(t *testing.T) {
	h := harness.New(t)
	c := h.Create(h.Bundle(func(s *S) {
		s.Hooks = &specs.Hooks{StartContainer: []specs.Hook{{Path: "/bin/sh", Args: []string{"sh", "-c", "exit 4"}}}}
	}))
	h.Fails(h.Creel("start", c.ID), "hooks.startContainer[0]", "exit status 4")
}

func TestAllMistakesOfAConfigAreReportedTogether(t *testing.T) {
	h := harness.New(t)
	r := h.Run(h.Bundle(func(s *S) {
		s.Process.Cwd = "relative"
		s.Process.Rlimits = []specs.POSIXRlimit{{Type: "RLIMIT_LUCK"}}
		s.Linux.RootfsPropagation = "everywhere"
		s.Linux.Namespaces = append(s.Linux.Namespaces, specs.LinuxNamespace{Type: "dream"})
	}))
	if r.Status == 0 {
		t.Fatal(r)
	}
	for _, want := range []string{"process.cwd", "process.rlimits[0]", "linux.rootfsPropagation", "linux.namespaces[6]"} {
		if !strings.Contains(r.Stderr, want) {
			t.Errorf("%s is not among the mistakes: %v", want, r)
		}
	}
}
