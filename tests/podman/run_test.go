package podman

import (
	"testing"

	"github.com/creel-project/creel/tests/engines"
	"github.com/creel-project/creel/tests/harness"
)

// cgroupFile prints a file of the container's own cgroup: by controller and name on v1, by name on v2.
func cgroupFile(controller, v1, v2 string) string {
	if harness.V2() {
		return "cat /sys/fs/cgroup/" + v2
	}
	return "cat /sys/fs/cgroup/" + controller + "/" + v1
}

const namespaces = "for n in ipc uts cgroup net pid; do readlink /proc/self/ns/$n; done"

// flags are what `podman run` hands to the runtime: each with a script and what it prints.
var flags = []struct {
	name, script, want string
	args               []string
	controller         string
}{
	{"memory", cgroupFile("memory", "memory.limit_in_bytes", "memory.max"), "33554432", []string{"--memory=32m"}, "memory"},
	{"memory-reservation", cgroupFile("memory", "memory.soft_limit_in_bytes", "memory.low"), "16777216", []string{"--memory=32m", "--memory-reservation=16m"}, "memory"},
	{"cpus", cgroupFile("cpu", "cpu.cfs_quota_us", "cpu.max"), either("50000", "50000 100000"), []string{"--cpus=0.5"}, "cpu"},
	{"cpu-shares", cgroupFile("cpu", "cpu.shares", "cpu.weight"), either("512", "20"), []string{"--cpu-shares=512"}, "cpu"},
	{"cpuset-cpus", "grep Cpus_allowed_list /proc/self/status", "Cpus_allowed_list:\t0", []string{"--cpuset-cpus=0"}, "cpuset"},
	{"pids-limit", cgroupFile("pids", "pids.max", "pids.max"), "21", []string{"--pids-limit=21"}, "pids"},
	{"user", "id -u; id -g; id -G", "1000\n77\n77 88", []string{"--user=1000:77", "--group-add=88"}, ""},
	{"user by name", "id -un; echo $HOME", "user\n/home/user", []string{"--user=user"}, ""},
	{"cap-add", "grep -e CapPrm -e CapBnd /proc/self/status", "CapPrm:\t0000000000002000\nCapBnd:\t0000000000002000", []string{"--cap-drop=all", "--cap-add=net_raw"}, ""},
	{"cap-add for a user", "grep -e CapPrm -e CapAmb /proc/self/status", "CapPrm:\t0000000000002000\nCapAmb:\t0000000000002000", []string{"--user=1000", "--cap-drop=all", "--cap-add=net_raw"}, ""},
	{"cap-drop", "chown 1 /tmp 2>&1", "chown: /tmp: Operation not permitted", []string{"--cap-drop=chown"}, ""},
	{"privileged", "ls -d /dev/fuse /dev/kmsg; mount -t tmpfs none /mnt && echo mounted", "/dev/fuse\n/dev/kmsg\nmounted", []string{"--privileged", "--tmpfs=/mnt"}, ""},
	{"read-only", "touch /x 2>&1; touch /tmp/y && echo y", "touch: /x: Read-only file system\ny", []string{"--read-only"}, ""},
	{"read-only without tmpfs", "touch /tmp/y 2>&1", "touch: /tmp/y: Read-only file system", []string{"--read-only", "--read-only-tmpfs=false"}, ""},
	{"tmpfs", "stat -c %a /t; df -k /t | tail -n1 | awk '{print $2}'; grep ' /t ' /proc/mounts", "700\n1024\ntmpfs /t tmpfs rw,nosuid,nodev,noexec,relatime,size=1024k,mode=700*", []string{"--tmpfs=/t:size=1m,mode=700,noexec"}, ""},
	{"shm-size", "df -k /dev/shm | tail -n1 | awk '{print $2}'", "3072", []string{"--shm-size=3m"}, ""},
	{"device", "stat -c '%t:%T' /dev/f; (: <>/dev/f) 2>&1; : </dev/f && echo read", "a:e5\nsh: can't create /dev/f: Operation not permitted\nread", []string{"--device=/dev/fuse:/dev/f:r"}, ""},
	{"device-cgroup-rule", "mknod /tmp/f c 10 229 && : <>/tmp/f && echo open", "open", []string{"--cap-add=mknod", "--device-cgroup-rule=c 10:229 rwm"}, ""},
	{"sysctl", "cat /proc/sys/kernel/shm_rmid_forced /proc/sys/net/ipv4/ip_forward", "1\n1", []string{"--sysctl=kernel.shm_rmid_forced=1", "--sysctl=net.ipv4.ip_forward=1"}, ""},
	{"ulimit", "ulimit -n; ulimit -Hn; ulimit -c", "100\n200\n0", []string{"--ulimit=nofile=100:200", "--ulimit=core=0", "--ulimit=nproc=1000"}, ""},
	{"hostname", "hostname; grep -c there /etc/hosts", "there\n1", []string{"--hostname=there"}, ""},
	{"add-host and dns", "grep box /etc/hosts | tr '\\t' ' '; cat /etc/resolv.conf", "10.1.1.1 box\nsearch example.org\nnameserver 10.1.1.2", []string{"--network=bridge", "--add-host=box:10.1.1.1", "--dns=10.1.1.2", "--dns-search=example.org"}, ""},
	{"env", "echo $A; echo $PATH", "b\n/bin", []string{"--env=A=b", "--env=PATH=/bin"}, ""},
	{"workdir", "pwd", "/etc", []string{"--workdir=/etc"}, ""},
	{"umask", "umask", "0077", []string{"--umask=0077"}, ""},
	{"oom-score-adj", "cat /proc/self/oom_score_adj", "500", []string{"--oom-score-adj=500"}, ""},
	{"personality", "uname -m", "i686", []string{"--personality=LINUX32"}, ""},
	{"no-new-privileges", "grep NoNewPrivs /proc/self/status", "NoNewPrivs:\t1", []string{"--security-opt=no-new-privileges"}, ""},
	{"the default seccomp profile", "grep Seccomp: /proc/self/status", "Seccomp:\t2", nil, ""},
	{"no seccomp profile", "grep Seccomp: /proc/self/status; unshare -U echo user", "Seccomp:\t0\nuser", []string{"--security-opt=seccomp=unconfined"}, ""},
	{"a seccomp profile", "mkdir /tmp/x 2>&1", "mkdir: can't create directory '/tmp/x': Value too large for defined data type", []string{"--security-opt=seccomp=testdata/seccomp.json"}, ""},
	{"mask", "wc -c </proc/uptime; cat /proc/keys >/dev/null && grep -c ' /proc/keys ' /proc/mounts", "0\n0", []string{"--security-opt=mask=/proc/uptime", "--security-opt=unmask=/proc/keys"}, ""},
	{"init", "cat /proc/1/comm; sleep 0 & wait; ps -o pid,comm | head -n2 | tail -n1 | awk '{print $1}'", "podman-init\n1", []string{"--init"}, ""},
	{"cgroups=disabled", "cat /proc/self/cgroup | grep -c " + parent, "0", []string{"--cgroups=disabled"}, ""},
	{"cgroups=no-conmon", "cat /proc/self/cgroup | grep -c '^0::/$'", "1", []string{"--cgroups=no-conmon", "--cgroupns=private"}, ""},
	{"cgroups=enabled", "cat /proc/self/cgroup | tail -n1", "0::/" + parent + "/libpod-*", []string{"--cgroups=enabled", "--cgroupns=host"}, ""},
	{"cgroup-parent", "cat /proc/self/cgroup | tail -n1", "0::" + mine + "/libpod-*", []string{"--cgroup-parent=" + mine, "--cgroupns=host"}, ""},
	{"systemd", "grep -c -e ' /run tmpfs' -e ' /run/lock tmpfs' -e ' /tmp tmpfs' /proc/mounts; echo $container", "3\npodman", []string{"--systemd=always"}, ""},
	{"annotation", "echo ran", "ran", []string{"--annotation=org.example=x"}, ""},
	{"entrypoint", "two", "one -c two", []string{"--entrypoint=[\"echo\", \"one\"]"}, ""},
	{"timezone", "date +%Z", "JST", []string{"--tz=Asia/Tokyo"}, ""},
}

// either is what a file of cgroup v1 or v2 says.
func either(v1, v2 string) string {
	if harness.V2() {
		return v2
	}
	return v1
}

func TestFlagsOfRunReachTheContainer(t *testing.T) {
	for _, f := range flags {
		t.Run(f.name, func(t *testing.T) {
			if f.controller != "" {
				harness.Needs(t, f.controller)
			}
			switch f.name {
			case "personality":
				engines.DiffersBefore(t, "runc", "1.2", "it knows no personalities")
			case "cgroups=disabled":
				engines.Differs(t, "runc", "its containers have cgroups")
			}
			h := engines.New(t)
			args := append([]string{"run", "--rm"}, offline(f.args)...)
			shell := []string{image, "sh", "-c", f.script}
			if f.name == "entrypoint" {
				shell = []string{image, "-c", f.script}
			}
			r := h.Program("podman", append(args, shell...)...)
			if !matches(r.Stdout, f.want+"\n") {
				t.Errorf("want %q: %s", f.want, r)
			}
		})
	}
}

func TestNamespacesAreSharedWithTheHost(t *testing.T) {
	h := engines.New(t)
	host := h.Host(namespaces)
	got := podman(h, "run", "--rm", "--network=host", "--ipc=host", "--uts=host", "--cgroupns=host", "--pid=host", image, "sh", "-c", namespaces)
	expect(h, got+"\n", host)
	for i, line := range engines.Lines(podman(h, "run", "--rm", "--cgroupns=private", image, "sh", "-c", namespaces)) {
		if line == engines.Lines(host)[i] {
			t.Errorf("%s is the host's", line)
		}
	}
}

func TestNamespacesAreSharedWithAnotherContainer(t *testing.T) {
	h := engines.New(t)
	background(h, "owner", "--ipc=shareable", image, "sleep", "1000")
	shared := "for n in ipc net pid; do readlink /proc/self/ns/$n; done"
	got := podman(h, "run", "--rm", "--network=container:owner", "--ipc=container:owner", "--pid=container:owner", image, "sh", "-c", shared)
	expect(h, got, podman(h, "exec", "owner", "sh", "-c", shared))
}

func TestSecretsAreFilesOrVariables(t *testing.T) {
	h := engines.New(t)
	h.WriteFile(h.Path("secret"), "s3cret", 0o600)
	podman(h, "secret", "create", "creel", h.Path("secret"))
	defer podman(h, "secret", "rm", "creel")
	got := podman(h, "run", "--rm", "--network=none", "--secret=creel,uid=7,mode=0400", "--secret=creel,type=env,target=SECRET", image, "sh", "-c",
		"cat /run/secrets/creel; stat -c ' %u %a' /run/secrets/creel; echo $SECRET")
	expect(h, got, "s3cret 7 400\ns3cret")
}

func TestARootFilesystemWithoutAnImageIsRun(t *testing.T) {
	h := engines.New(t)
	expect(h, podman(h, "run", "--rm", "--network=none", "--rootfs", h.OwnRoot(), "/bin/echo", "bare"), "bare")
}
