package docker

import (
	"os"
	"regexp"
	"testing"
)

// ns is what a namespace of the tests' own processes is called.
func ns(t *testing.T, kind string) string {
	t.Helper()
	name, err := os.Readlink("/proc/self/ns/" + kind)
	if err != nil {
		t.Fatal(err)
	}
	return name
}

func TestNamespaceFlags(t *testing.T) {
	d := begin(t)
	d.runs(t, []run{
		{"hostname", "--hostname box", "hostname; cat /etc/hostname", "^box\nbox$"},
		{"domain name", "--hostname box --domainname example.test", "cat /proc/sys/kernel/domainname", "^example.test$"},
		{"host's pids", "--pid host", "readlink /proc/self/ns/pid", quoted(ns(t, "pid"))},
		{"host's IPC", "--ipc host", "readlink /proc/self/ns/ipc", quoted(ns(t, "ipc"))},
		{"host's UTS", "--uts host", "readlink /proc/self/ns/uts", quoted(ns(t, "uts"))},
		{"host's network", "--network host", "readlink /proc/self/ns/net", quoted(ns(t, "net"))},
		{"host's cgroups", "--cgroupns host", "readlink /proc/self/ns/cgroup", quoted(ns(t, "cgroup"))},
		{"own cgroups", "--cgroupns private", "grep -v -c ':/$' /proc/self/cgroup", "^0$"},
		{"own IPC without /dev/shm of the engine's", "--ipc private", "touch /dev/shm/x && echo written", "^written$"},
		{"no IPC", "--ipc none", "ls -d /dev/shm 2>&1; true", "(?i:no such file)|^/dev/shm$"},
	})
}

func quoted(s string) string { return "^" + regexp.QuoteMeta(s) + "$" }

func TestNamespacesOfAnotherContainer(t *testing.T) {
	d := begin(t)
	c := d.start("--ipc shareable", "sleep 1000")
	for _, tt := range []struct{ flag, kind string }{
		{"--pid", "pid"}, {"--ipc", "ipc"}, {"--network", "net"},
	} {
		t.Run(tt.kind, func(t *testing.T) {
			want := d.ok("exec", c, "readlink", "/proc/self/ns/"+tt.kind)
			d.runs(t, []run{{"joined", tt.flag + " container:" + c, "readlink /proc/self/ns/" + tt.kind, quoted(want)}})
		})
	}
}

func TestASharedIPCNamespaceSharesDevShm(t *testing.T) {
	d := begin(t)
	c := d.start("--ipc shareable", "sleep 1000")
	d.ok("exec", c, "sh", "-c", "echo both >/dev/shm/f")
	d.runs(t, []run{{"joined", "--ipc container:" + c, "cat /dev/shm/f", "^both$"}})
}
