package docker

import (
	"strings"
	"testing"
)

func TestExecFlags(t *testing.T) {
	d := begin(t)
	c := d.start("--env FROM=run --workdir /etc", "sleep 1000")
	for _, tt := range []struct{ name, flags, script, want string }{
		{"as the container's process", "", "id -u; pwd; echo $FROM; grep CapEff /proc/self/status", "^0\n/etc\nrun\nCapEff:\t00000000a80425fb$"},
		{"user", "--user 1234:5678", "id -u; id -g", "^1234\n5678$"},
		{"user by name", "--user user", "id -u; id -G", "^1000\n1000 2000$"},
		{"working directory", "--workdir /tmp", "pwd", "^/tmp$"},
		{"environment", "--env A=1 --env FROM=exec", "echo $A $FROM", "^1 exec$"},
		{"terminal", "--tty", "tty", "^/dev/pts/[0-9]+$"},
		{"privileged", "--privileged", "grep CapEff /proc/self/status", "CapEff:\t0000[0-9a-f]{4}f[ef]"},
		{"the same seccomp", "", "grep Seccomp: /proc/self/status", "2$"},
		{"in the container's cgroup", "", "[ \"$(cat /proc/self/cgroup)\" = \"$(cat /proc/1/cgroup)\" ] && echo same", "^same$"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			needs(t, tt.flags, tt.script)
			args := append(append([]string{"exec"}, words(tt.flags)...), c, "sh", "-c", tt.script)
			wantMatch(t, d.do("", args...), tt.want)
		})
	}
}

func TestExecPassesStreamsAndStatusOn(t *testing.T) {
	d := begin(t)
	c := d.start("", "sleep 1000")
	r := d.do("in", "exec", "--interactive", c, "sh", "-c", "cat; echo err >&2; exit 3")
	if r.Stdout != "in" || r.Stderr != "err\n" || r.Status != 3 {
		t.Error(r)
	}
	d.fails(d.do("", "exec", c, "nosuch"), `exec: "nosuch": executable file not found in $PATH`, 126, 127)
	d.fails(d.do("", "exec", c, "/etc/passwd"), `permission denied`, 126)
}

func TestADetachedExecGoesOnByItself(t *testing.T) {
	d := begin(t)
	c := d.start("", "sleep 1000")
	d.ok("exec", "--detach", c, "sh", "-c", "sleep 0.1; echo done >/done; sleep 1000")
	d.Eventually("it wrote its file", func() bool { return d.do("", "exec", c, "cat", "/done").Stdout == "done\n" })
	if n := strings.Count(d.ok("top", c), "sleep 1000"); n != 2 {
		t.Errorf("top shows %d sleeps in\n%s", n, d.ok("top", c))
	}
}

func TestAnInteractiveExecHasTheClientsTerminalSize(t *testing.T) {
	d := begin(t)
	c := d.start("", "sleep 1000")
	d.saysItsSize(33, 91, "exec", "-it", c, "sh")
}
