package badinput

import (
	"math"
	"os"
	"strings"
	"testing"

	"github.com/creel-project/creel/tests/harness"
	"github.com/opencontainers/runtime-spec/specs-go"
)

// The range, or the form, that each value of process has.
func TestValuesOfProcessOutOfRangeAreNamed(t *testing.T) {
	refused(t, []mistake{
		{"an OOM score above", func(s *S) { s.Process.OOMScoreAdj = harness.Ptr(1001) }, []string{"process.oomScoreAdj", "1001"}},
		{"an OOM score below", func(s *S) { s.Process.OOMScoreAdj = harness.Ptr(-1001) }, []string{"process.oomScoreAdj", "-1001"}},
		{"a umask", func(s *S) { s.Process.User.Umask = harness.Ptr(uint32(0o1000)) }, []string{"process.user.umask", "512"}},
		{"no uid", func(s *S) { s.Process.User.UID = math.MaxUint32 }, []string{"process.user.uid", "4294967295"}},
		{"no gid", func(s *S) { s.Process.User.GID = math.MaxUint32 }, []string{"process.user.gid", "4294967295"}},
		{"no group", func(s *S) { s.Process.User.AdditionalGids = []uint32{1, math.MaxUint32} }, []string{"process.user.additionalGids[1]", "4294967295"}},
		{"too many groups", func(s *S) { s.Process.User.AdditionalGids = make([]uint32, 65537) }, []string{"process.user.additionalGids", "65537"}},
		{"a variable without a value", func(s *S) { s.Process.Env = []string{"A=1", "B"} }, []string{"process.env[1]", `"B"`}},
		{"a variable without a name", func(s *S) { s.Process.Env = []string{"=1"} }, []string{"process.env[0]", `"=1"`}},
		{"a NUL in a variable", func(s *S) { s.Process.Env = []string{"A=1\x00B=2"} }, []string{"process.env[0]", "NUL"}},
		{"a NUL in an argument", func(s *S) { s.Process.Args = []string{"/bin/true", "a\x00b"} }, []string{"process.args[1]", "NUL"}},
		{"a NUL in the directory", func(s *S) { s.Process.Cwd = "/tmp\x00/x" }, []string{"process.cwd", "NUL"}},
		{"an empty program", func(s *S) { s.Process.Args = []string{""} }, []string{"process.args[0]"}},
		{"an I/O priority", func(s *S) {
			s.Process.IOPriority = &specs.LinuxIOPriority{Class: specs.IOPRIO_CLASS_BE, Priority: 8}
		}, []string{"process.ioPriority.priority", "8"}},
		{"a nice value", func(s *S) { s.Process.Scheduler = &specs.Scheduler{Policy: specs.SchedOther, Nice: 20} }, []string{"process.scheduler.nice", "20"}},
		{"a priority of nobody's", func(s *S) { s.Process.Scheduler = &specs.Scheduler{Policy: specs.SchedOther, Priority: 5} }, []string{"process.scheduler.priority", "5"}},
		{"a missing priority", func(s *S) { s.Process.Scheduler = &specs.Scheduler{Policy: specs.SchedFIFO} }, []string{"process.scheduler.priority", "0"}},
		{"a deadline before the end", func(s *S) {
			s.Process.Scheduler = &specs.Scheduler{Policy: specs.SchedDeadline, Runtime: 10_000_000, Deadline: 5_000_000, Period: 20_000_000}
		}, []string{"process.scheduler.deadline", "5000000"}},
		{"a flag of the scheduler", func(s *S) {
			s.Process.Scheduler = &specs.Scheduler{Policy: specs.SchedOther, Flags: []specs.LinuxSchedulerFlag{"SCHED_FLAG_X"}}
		}, []string{"process.scheduler.flags[0]", "SCHED_FLAG_X"}},
	})
}

func TestValuesOfResourcesOutOfRangeAreNamed(t *testing.T) {
	res := func(set func(r *specs.LinuxResources)) harness.Mutate { return func(s *S) { set(s.Linux.Resources) } }
	refused(t, []mistake{
		{"a memory limit", res(func(r *specs.LinuxResources) { r.Memory = &specs.LinuxMemory{Limit: harness.Ptr(int64(-2))} }), []string{"linux.resources.memory.limit", "-2"}},
		{"swappiness", res(func(r *specs.LinuxResources) { r.Memory = &specs.LinuxMemory{Swappiness: harness.Ptr(uint64(101))} }), []string{"linux.resources.memory.swappiness", "101"}},
		{"swap without memory", res(func(r *specs.LinuxResources) { r.Memory = &specs.LinuxMemory{Swap: harness.Ptr(int64(1 << 20))} }), []string{"linux.resources.memory.swap", "1048576"}},
		{"a period", res(func(r *specs.LinuxResources) { r.CPU = &specs.LinuxCPU{Period: harness.Ptr(uint64(999))} }), []string{"linux.resources.cpu.period", "999"}},
		{"a quota", res(func(r *specs.LinuxResources) { r.CPU = &specs.LinuxCPU{Quota: harness.Ptr(int64(999))} }), []string{"linux.resources.cpu.quota", "999"}},
		{"idle", res(func(r *specs.LinuxResources) { r.CPU = &specs.LinuxCPU{Idle: harness.Ptr(int64(2))} }), []string{"linux.resources.cpu.idle", "2"}},
		{"processors", res(func(r *specs.LinuxResources) { r.CPU = &specs.LinuxCPU{Cpus: "0-one"} }), []string{"linux.resources.cpu.cpus", "0-one"}},
		{"memory nodes", res(func(r *specs.LinuxResources) { r.CPU = &specs.LinuxCPU{Mems: "0;1"} }), []string{"linux.resources.cpu.mems", "0;1"}},
		{"tasks", res(func(r *specs.LinuxResources) { r.Pids = &specs.LinuxPids{Limit: harness.Ptr(int64(-2))} }), []string{"linux.resources.pids.limit", "-2"}},
		{"a block weight", res(func(r *specs.LinuxResources) { r.BlockIO = &specs.LinuxBlockIO{Weight: harness.Ptr(uint16(5))} }), []string{"linux.resources.blockIO.weight", "5"}},
		{"a page size", res(func(r *specs.LinuxResources) { r.HugepageLimits = []specs.LinuxHugepageLimit{{Pagesize: "huge"}} }), []string{"linux.resources.hugepageLimits[0].pageSize", "huge"}},
		{"a page size that the machine lacks", res(func(r *specs.LinuxResources) {
			r.HugepageLimits = []specs.LinuxHugepageLimit{{Pagesize: "3MB", Limit: 1}}
		}), []string{"linux.resources.hugepageLimits", "3MB"}},
		{"a path for a file of unified", res(func(r *specs.LinuxResources) { r.Unified = map[string]string{"../cgroup.procs": "1"} }), []string{`linux.resources.unified`, "../cgroup.procs"}},
		{"a device's type", res(func(r *specs.LinuxResources) { r.Devices = []specs.LinuxDeviceCgroup{{Type: "p", Access: "r"}} }), []string{"linux.resources.devices[0].type", `"p"`}},
		{"a device's major number", res(func(r *specs.LinuxResources) {
			r.Devices = []specs.LinuxDeviceCgroup{{Type: "c", Major: harness.Ptr(int64(-5)), Access: "r"}}
		}), []string{"linux.resources.devices[0].major", "-5"}},
		{"an RDMA limit of nothing", res(func(r *specs.LinuxResources) { r.Rdma = map[string]specs.LinuxRdma{"mlx": {}} }), []string{`linux.resources.rdma`, "mlx"}},
		{"a cgroup below a file", func(s *S) { s.Linux.CgroupsPath = "/cgroup.procs/x" }, []string{"linux.cgroupsPath", "/cgroup.procs/x"}},
		{"a name of a cgroup that is too long", func(s *S) { s.Linux.CgroupsPath = "/" + strings.Repeat("x", 5000) }, []string{"linux.cgroupsPath", "file name too long"}},
		{"a newline in a cgroup's name", func(s *S) { s.Linux.CgroupsPath = "/a\nb" }, []string{"linux.cgroupsPath", `\n`}},
	})
}

func TestValuesOfLinuxOutOfRangeAreNamed(t *testing.T) {
	filter := func(f specs.LinuxSeccomp) harness.Mutate { return func(s *S) { s.Linux.Seccomp = &f } }
	call := func(c specs.LinuxSyscall) harness.Mutate {
		return filter(specs.LinuxSeccomp{DefaultAction: specs.ActAllow, Syscalls: []specs.LinuxSyscall{c}})
	}
	sysctl := func(name, value string) harness.Mutate {
		return func(s *S) { s.Linux.Sysctl = map[string]string{name: value} }
	}
	device := func(d specs.LinuxDevice) harness.Mutate {
		return func(s *S) { s.Linux.Devices = []specs.LinuxDevice{d} }
	}
	refused(t, []mistake{
		{"a flag of a filter", filter(specs.LinuxSeccomp{DefaultAction: specs.ActAllow, Flags: []specs.LinuxSeccompFlag{"SECCOMP_FILTER_FLAG_X"}}), []string{"linux.seccomp.flags[0]", "SECCOMP_FILTER_FLAG_X"}},
		{"no default action", filter(specs.LinuxSeccomp{}), []string{"linux.seccomp.defaultAction"}},
		{"an action of a call", call(specs.LinuxSyscall{Names: []string{"read"}, Action: "SCMP_ACT_X"}), []string{"linux.seccomp.syscalls[0].action", "SCMP_ACT_X"}},
		{"an argument", call(specs.LinuxSyscall{Names: []string{"read"}, Action: specs.ActErrno, Args: []specs.LinuxSeccompArg{{Index: 6, Op: specs.OpEqualTo}}}), []string{"linux.seccomp.syscalls[0].args[0].index", "6"}},
		{"an errno", call(specs.LinuxSyscall{Names: []string{"read"}, Action: specs.ActErrno, ErrnoRet: harness.Ptr(uint(5000))}), []string{"linux.seccomp.syscalls[0].errnoRet", "5000"}},
		{"a sysctl that is none", sysctl("net", "1"), []string{`linux.sysctl["net"]`}},
		{"a sysctl that nobody has", sysctl("net.ipv4.no_such_thing", "1"), []string{"linux.sysctl", "net.ipv4.no_such_thing", "no such file or directory"}},
		{"a value of a sysctl", sysctl("net.ipv4.ip_forward", "perhaps"), []string{"linux.sysctl", "net.ipv4.ip_forward", "perhaps", "invalid argument"}},
		{"the hostname as a sysctl", sysctl("kernel.hostname", "x"), []string{"linux.sysctl", "kernel.hostname"}},
		{"a device without a path", device(specs.LinuxDevice{Type: "c"}), []string{"linux.devices[0].path"}},
		{"a device with a relative path", device(specs.LinuxDevice{Path: "dev/x", Type: "c"}), []string{"linux.devices[0].path", "dev/x"}},
		{"a device's number", device(specs.LinuxDevice{Path: "/dev/x", Type: "c", Major: 4096, Minor: 0}), []string{"linux.devices[0]", "4096"}},
		{"a device's owner", device(specs.LinuxDevice{Path: "/dev/x", Type: "c", Major: 1, Minor: 3, UID: harness.Ptr(uint32(math.MaxUint32))}), []string{"linux.devices[0].uid", "4294967295"}},
		{"a masked path that is relative", func(s *S) { s.Linux.MaskedPaths = []string{"proc/keys"} }, []string{"linux.maskedPaths[0]", "proc/keys"}},
		{"everything masked", func(s *S) { s.Linux.MaskedPaths = []string{"/"} }, []string{"linux.maskedPaths[0]", `"/"`}},
		{"a flag of a personality", func(s *S) {
			s.Linux.Personality = &specs.LinuxPersonality{Domain: specs.PerLinux, Flags: []specs.LinuxPersonalityFlag{"X"}}
		}, []string{"linux.personality.flags[0]", `"X"`}},
		{"time offsets of the host", func(s *S) { s.Linux.TimeOffsets = map[string]specs.LinuxTimeOffset{"monotonic": {Secs: 1}} }, []string{"linux.timeOffsets", `"time"`}},
		{"nanoseconds of a time offset", func(s *S) {
			harness.Namespace(specs.TimeNamespace, "")(s)
			s.Linux.TimeOffsets = map[string]specs.LinuxTimeOffset{"monotonic": {Nanosecs: 1_000_000_000}}
		}, []string{"linux.timeOffsets", "1000000000"}},
		{"a time offset before the beginning", func(s *S) {
			harness.Namespace(specs.TimeNamespace, "")(s)
			s.Linux.TimeOffsets = map[string]specs.LinuxTimeOffset{"boottime": {Secs: -1 << 40}}
		}, []string{"linux.timeOffsets"}},
		{"a relative path of a namespace", func(s *S) { harness.Namespace(specs.NetworkNamespace, "proc/self/ns/net")(s) }, []string{"linux.namespaces[5].path", "proc/self/ns/net"}},
		{"too many ranges", func(s *S) {
			harness.UserNS(0, 1)(s)
			for i := range uint32(340) {
				s.Linux.UIDMappings = append(s.Linux.UIDMappings, specs.LinuxIDMapping{ContainerID: i + 1, HostID: i + 1, Size: 1})
			}
		}, []string{"linux.uidMappings", "341"}},
		{"ids beyond the last", func(s *S) {
			harness.UserNS(0, 10)(s)
			s.Linux.UIDMappings = append(s.Linux.UIDMappings, specs.LinuxIDMapping{ContainerID: 10, HostID: math.MaxUint32 - 5, Size: 10})
		}, []string{"linux.uidMappings[1].size", "10"}},
	})
}

func TestMountsThatCannotBeAreNamed(t *testing.T) {
	mount := func(m specs.Mount) harness.Mutate { return harness.Mount(m) }
	refused(t, []mistake{
		{"no destination", mount(specs.Mount{Type: "tmpfs"}), []string{"mounts[7].destination"}},
		{"no type", mount(specs.Mount{Destination: "/data"}), []string{"mounts[7].type"}},
		{"no source", mount(specs.Mount{Destination: "/data", Type: "bind"}), []string{"mounts[7].source"}},
		{"a NUL in the source", mount(specs.Mount{Destination: "/data", Type: "tmpfs", Source: "a\x00b"}), []string{"mounts[7].source", "NUL"}},
		{"tmpfs over proc", mount(specs.Mount{Destination: "/proc", Type: "tmpfs"}), []string{"mounts[7]", "/proc"}},
		{"a directory over proc", func(s *S) { harness.Bind("/tmp", "/proc")(s) }, []string{"mounts[7].source", "/tmp"}},
		{"a file inside proc", func(s *S) { harness.Bind("/etc/passwd", "/proc/self/environ")(s) }, []string{"mounts[7].destination", "/proc/self/environ"}},
		{"a directory over a file", func(s *S) { harness.Bind("/tmp", "/etc/passwd")(s) }, []string{"mounts[7]", "/etc/passwd", "not a directory"}},
		{"a file over a directory", func(s *S) { harness.Bind("/etc/passwd", "/etc")(s) }, []string{"mounts[7]", "/etc"}},
		{"a mount below a file", func(s *S) { harness.Bind("/tmp", "/etc/passwd/x")(s) }, []string{"mounts[7]", "/etc/passwd/x", "not a directory"}},
		{"overlay without layers", mount(specs.Mount{Destination: "/data", Type: "overlay", Source: "overlay", Options: []string{"lowerdir=/nonexistent"}}), []string{"mounts[7]", "/data"}},
		{"ids mapped on a tmpfs", mount(specs.Mount{Destination: "/data", Type: "tmpfs", UIDMappings: []specs.LinuxIDMapping{{Size: 1}}, GIDMappings: []specs.LinuxIDMapping{{Size: 1}}}), []string{"mounts[7]"}},
		{"ids mapped by no map", func(s *S) { harness.Bind("/tmp", "/data", "idmap")(s) }, []string{"mounts[7].options", "idmap"}},
	})
}

func TestProgramsThatCannotBeExecutedAreNamed(t *testing.T) {
	h := harness.New(t)
	root := h.OwnRoot()
	h.WriteFile(root+"/bin/noformat", "nothing that a kernel knows", 0o755)
	h.WriteFile(root+"/bin/nointerpreter", "#!/nowhere\n", 0o755)
	h.WriteFile(root+"/bin/private", "#!/bin/sh\n", 0o700)
	h.WriteFile(root+"/closed/program", "#!/bin/sh\n", 0o755)
	h.Must(os.Chmod(root+"/closed", 0o700))
	h.Must(os.Symlink("/nowhere", root+"/bin/dangling"))
	user := func(s *S) { s.Process.User = specs.User{UID: 1000, GID: 1000} }
	for _, c := range []struct {
		program string
		want    []string
	}{
		{"noformat", []string{"exec format error"}},
		{"nointerpreter", []string{"no such file or directory"}},
		{"/bin/private", []string{"process.args[0]", `exec: "/bin/private": permission denied`}},
		{"private", []string{"process.args[0]", `exec: "private": executable file not found in $PATH`}},
		{"/closed/program", []string{"process.args[0]", "permission denied"}},
		{"/bin/dangling", []string{"process.args[0]", "no such file or directory"}},
		{"/bin/sh/x", []string{"process.args[0]", "not a directory"}},
		{"dangling", []string{"process.args[0]", `executable file not found in $PATH`}},
	} {
		h.Fails(h.Run(h.Bundle(harness.Root(root), harness.Args(c.program), user)), append(c.want, c.program)...)
		if left := h.Containers(); len(left) > 0 {
			t.Errorf("%s: left %v", c.program, left)
		}
	}
}

func TestDirectoriesThatCannotBeEnteredAreNamed(t *testing.T) {
	h := harness.New(t)
	root := h.OwnRoot()
	h.Must(os.Symlink("loop", root+"/loop"))
	h.WriteFile(root+"/file", "", 0o644)
	for dir, want := range map[string]string{
		"/file": "not a directory", "/file/below": "not a directory", "/loop": "too many levels of symbolic links",
		"/" + strings.Repeat("x", 256): "file name too long", "/proc/self/fd/0": "process.cwd",
	} {
		h.Fails(h.Run(h.Bundle(harness.Root(root), func(s *S) { s.Process.Cwd = dir })), "process.cwd", want)
	}
}
