package docker

import (
	"os"
	"path/filepath"
	"testing"
)

func TestProcessFlagsReachTheProcess(t *testing.T) {
	d := begin(t)
	vars := filepath.Join(d.TempDir(), "vars")
	if err := os.WriteFile(vars, []byte("FROM=file\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	d.runs(t, []run{
		{"user and group by number", "--user 1234:2345", "id -u; id -g", "^1234\n2345$"},
		{"user by name, with the groups of its own", "--user user", "id -u; id -g; id -G", "^1000\n1000\n1000 2000$"},
		{"further groups", "--group-add 3000 --group-add more", "id -G", `^0 (.* )?2000 3000|^0 (.* )?3000 2000`},
		{"environment", "--env A=1 --env-file " + vars, "echo $A $FROM", "^1 file$"},
		{"working directory, which is made", "--workdir /a/b", "pwd", "^/a/b$"},
		{"capabilities as a rule", "", "grep CapEff /proc/self/status", "00000000a80425fb$"},
		{"a further capability", "--cap-add NET_ADMIN", "grep CapBnd /proc/self/status", "00000000a80435fb$"},
		{"all capabilities dropped", "--cap-drop ALL", "grep -E 'Cap(Prm|Eff|Bnd)' /proc/self/status", "^(Cap...:\t0{16}\n?){3}$"},
		{"one capability of all", "--cap-drop ALL --cap-add CHOWN", "grep CapEff /proc/self/status", "0000000000000001$"},
		{"a user's capabilities", "--user 1000", "grep -E 'Cap(Eff|Bnd)' /proc/self/status", "^CapEff:\t0{16}\nCapBnd:\t00000000a80425fb$"},
		{"no new privileges", "--security-opt no-new-privileges", "grep NoNewPrivs /proc/self/status", "1$"},
		{"new privileges as a rule", "", "grep NoNewPrivs /proc/self/status", "0$"},
		{"OOM score", "--oom-score-adj 300", "cat /proc/1/oom_score_adj", "^300$"},
		{"sysctl of the network", "--sysctl net.ipv4.ip_unprivileged_port_start=77", "cat /proc/sys/net/ipv4/ip_unprivileged_port_start", "^77$"},
		{"sysctl of IPC", "--sysctl kernel.msgmax=4096", "cat /proc/sys/kernel/msgmax", "^4096$"},
		{"init", "--init", "ps -o pid,comm; cat /proc/1/comm", "(docker-init|tini)"},
		{"terminal", "--tty", "tty; ls -l /dev/console", "^/dev/pts/0\r\nc"},
		{"no terminal", "", "tty", "not a tty"},
	})
}

func TestTheEntrypointIsReplaced(t *testing.T) {
	d := begin(t)
	if out := d.ok("run", "--rm", "--entrypoint", "/bin/echo", image, "a", "b c"); out != "a b c" {
		t.Errorf("the entrypoint said %q", out)
	}
}

func TestStdinReachesTheProcess(t *testing.T) {
	d := begin(t)
	r := d.do("some text\n", "run", "--rm", "--interactive", image, "cat")
	if r.Status != 0 || r.Stdout != "some text\n" {
		t.Error(r)
	}
}

func TestAnInteractiveTerminalHasTheClientsSize(t *testing.T) {
	d := begin(t)
	d.saysItsSize(41, 107, "run", "--rm", "-it", image, "sh")
}

const noMkdir = `{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["mkdir","mkdirat"],"action":"SCMP_ACT_ERRNO"}]}`

func TestSeccompProfiles(t *testing.T) {
	d := begin(t)
	profile := filepath.Join(d.TempDir(), "profile.json")
	if err := os.WriteFile(profile, []byte(noMkdir), 0o644); err != nil {
		t.Fatal(err)
	}
	d.runs(t, []run{
		{"the engine's own", "", "grep Seccomp: /proc/self/status; unshare -U true", "2\n.*(?i:operation not permitted)"},
		{"none", "--security-opt seccomp=unconfined", "grep Seccomp: /proc/self/status", "0$"},
		{"from a file", "--security-opt seccomp=" + profile, "grep Seccomp: /proc/self/status; mkdir /x", "2\nmkdir: .*(?i:operation not permitted)"},
	})
}

func TestPrivilegedContainersHaveAll(t *testing.T) {
	d := begin(t)
	d.runs(t, []run{
		{"mounts", "--privileged", "mount -t tmpfs none /mnt && mount | grep -c ' /mnt '", "^1$"},
		{"devices", "--privileged", "ls /dev/fuse /dev/net/tun", "^/dev/fuse\n/dev/net/tun$"},
		{"no seccomp", "--privileged", "grep Seccomp: /proc/self/status", "0$"},
		{"nothing masked or read-only", "--privileged", "echo 4096 >/proc/sys/kernel/msgmax && grep -c -E ' /proc/[a-z]' /proc/self/mounts", "^0$"},
		{"masked otherwise", "", "cat /proc/kcore | wc -c; (echo 1 >/proc/sys/kernel/msgmax) 2>&1", "^0\n.*Read-only"},
		{"paths of the system", "--security-opt systempaths=unconfined", "grep -c -E ' /proc/[a-z]' /proc/self/mounts", "^0$"},
	})
}

func TestDevices(t *testing.T) {
	d := begin(t)
	d.runs(t, []run{
		{"a device", "--device /dev/fuse", "ls -l /dev/fuse; : <>/dev/fuse && echo opened", "10, 229 .*\nopened$"},
		{"elsewhere, read only", "--device /dev/fuse:/dev/other:r", ": </dev/other && echo opened; (: >/dev/other) 2>&1", "^opened\n.*(?i:operation not permitted)"},
		{"a rule", "--device-cgroup-rule 'c 10:229 rwm'", "mknod /f c 10 229; : <>/f && echo opened", "^opened$"},
		{"none as a rule", "", "mknod /f c 10 229; : <>/f", "(?i:operation not permitted)"},
	})
}
