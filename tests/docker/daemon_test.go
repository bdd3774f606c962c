package docker

import (
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/creel-project/creel/tests/engines"
)

// netns makes a network namespace with its loopback, and returns what starts a program there.
func netns(d *client, name string) []string {
	d.Helper()
	d.Host("ip netns add " + name + " && ip -n " + name + " link set lo up")
	d.Cleanup(func() { d.Host("ip netns del " + name) })
	return []string{"nsenter", "--net=/run/netns/" + name}
}

// further starts one more daemon for a test, in a network of its own because of docker0.
func further(t *testing.T, name string, args ...string) *client {
	t.Helper()
	d := begin(t)
	d.on = newEngine(name, args, netns(d, name))
	d.Cleanup(d.remove)
	d.Must(d.on.start())
	d.Cleanup(func() { d.Must(d.on.Stop()) })
	return d
}

// unattended is what is known of a container that ended with status 8 while the daemon was not there. containerd 1.7
// takes it for one that never ran, and its status is lost.
func unattended() string {
	if engines.Has("containerd", "1.7") {
		return "255"
	}
	return "8"
}

func TestLiveRestore(t *testing.T) {
	for _, crash := range []bool{false, true} {
		t.Run(map[bool]string{false: "the daemon is stopped", true: "the daemon crashes"}[crash], func(t *testing.T) {
			d := further(t, "live", "--live-restore")
			stays := d.start("", "i=0; while :; do echo turn $i; i=$((i+1)); sleep 0.05; [ -e /go ] && exit 7; done")
			ends := d.start("", "while [ ! -e /go ]; do sleep 0.05; done; exit 8")
			pid := d.ok("inspect", "--format", "{{.State.Pid}}", stays)
			d.ok("exec", "--detach", ends, "sh", "-c", "sleep 1; touch /go")
			if crash {
				d.Must(d.on.Kill())
			} else {
				d.Must(d.on.Stop())
			}
			d.Eventually("one container ended meanwhile", func() bool { return !strings.Contains(d.Host("ps -e -o args"), "exit 8") })
			d.Must(d.on.start())
			d.wantState(stays, "running "+pid, "{{.State.Status}} {{.State.Pid}}")
			d.Eventually("the end was noticed", func() bool { return d.ok("inspect", "--format", "{{.State.Status}}", ends) == "exited" })
			d.wantState(ends, unattended(), "{{.State.ExitCode}}")
			d.ok("exec", stays, "touch", "/go")
			if got := d.ok("wait", stays); got != "7" {
				t.Errorf("wait says %q", got)
			}
			if log := d.ok("logs", stays); !strings.Contains(log, "turn 0\nturn 1\n") {
				t.Errorf("the log holds %q", log)
			}
		})
	}
}

func TestUserNamespaceRemap(t *testing.T) {
	for file, lines := range map[string]string{
		"passwd": "creelremap:x:7777:7777::/:/bin/false\n", "group": "creelremap:x:7777:\n",
		"subuid": "creelremap:300000:65536\n", "subgid": "creelremap:400000:65536\n",
	} { // the tests' own /etc
		if err := appendTo("/etc/"+file, lines); err != nil {
			t.Fatal(err)
		}
	}
	d := further(t, "remap", "--userns-remap", "creelremap")
	dir := d.TempDir()
	d.Must(os.Chmod(dir, 0o777))
	d.runs(t, []run{
		{"ids", "", "cat /proc/self/uid_map /proc/self/gid_map; id -u", `^0\s+300000\s+65536\n\s+0\s+400000\s+65536\n0$`},
		{"the image is root's", "", "stat -c '%u %g' /bin /bin/busybox; touch /x && echo written", "^0 0\n0 0\nwritten$"},
		{"a volume's files are the mapped ids'", "-v " + dir + ":/v", "touch /v/f && stat -c '%u %g' /v/f", "^0 0$"},
		{"a user", "--user 1000", "id -u; grep CapEff /proc/self/status", "^1000\nCapEff:\t0{16}$"},
		{"limits", "--memory 64m --pids-limit 50", "cg memory.max memory/memory.limit_in_bytes", "^67108864$"},
		{"sysctls and tmpfs", "--tmpfs /t --sysctl net.ipv4.ip_unprivileged_port_start=7 --sysctl kernel.msgmax=4096", "touch /t/x; cat /proc/sys/kernel/msgmax", "^4096$"},
		{"devices", "--device /dev/fuse", ": <>/dev/null && ls /dev/fuse", "^/dev/fuse$"},
		{"terminal", "-t", "tty", "/dev/pts/0"},
		{"the host's user namespace", "--userns host", "cat /proc/self/uid_map", `^0\s+0\s+4294967295$`},
		{"all rights need the host's user namespace", "--privileged", "true", "privileged mode is incompatible with user namespaces"},
		{"privileged", "--privileged --userns host", "mount -t tmpfs none /mnt && echo mounted", "^mounted$"},
	})
	info, err := os.Stat(dir + "/f")
	d.Must(err)
	if uid, gid := owner(info); uid != 300000 || gid != 400000 {
		t.Errorf("the file is %d:%d's", uid, gid)
	}
	c := d.start("", "sleep 1000")
	wantMatch(t, d.do("", "exec", c, "sh", "-c", "id -u; cat /proc/self/uid_map"), `^0\n\s+0\s+300000`)
	wantMatch(t, d.do("", "cp", c+":/etc/group", "-"), "root:x:0:")
}

func appendTo(path, text string) error {
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = f.WriteString(text)
	return err
}

func owner(info os.FileInfo) (uid, gid uint32) {
	stat := info.Sys().(*syscall.Stat_t)
	return stat.Uid, stat.Gid
}
