package fromdocker

import (
	"slices"
	"strings"
	"testing"
)

// facts is a script of the image: it prints what a process of the container can see of its first process, a fact a line.
const facts = `#!/bin/sh
p=/proc/1
tr '\0' ' ' <$p/cmdline; echo
tr '\0' '\n' <$p/environ | sort | sed 's/^/env /'
echo "cwd $(readlink $p/cwd)"
grep -E '^(Uid|Gid|Groups|Cap[A-Z].*|NoNewPrivs|Seccomp|Umask):' $p/status
sed 's/  */ /g; s/^/limit /' $p/limits
echo "oom $(cat $p/oom_score_adj)"
echo "hostname $(hostname)"
cat /etc/hostname /etc/resolv.conf | sed 's/^/file /'
awk '{ print "mount", $2, ($3 == "overlay" ? "root" : $3), ($4 ~ /^ro/ ? "ro" : "rw"), ($4 ~ /nosuid/ ? "nosuid" : "suid"),
	($4 ~ /nodev/ ? "nodev" : "dev"), ($4 ~ /noexec/ ? "noexec" : "exec") }' /proc/mounts
for f in net/ipv4/ip_unprivileged_port_start net/ipv4/ping_group_range net/ipv4/ip_local_port_range kernel/msgmax; do
	echo "sysctl $f $(cat /proc/sys/$f)"
done
for c in memory/memory.limit_in_bytes memory/memory.memsw.limit_in_bytes cpu/cpu.cfs_quota_us cpu/cpu.cfs_period_us cpu/cpu.shares \
	cpuset/cpuset.cpus pids/pids.max devices/devices.list memory.max memory.swap.max cpu.max cpu.weight cpuset.cpus pids.max; do
	[ ! -e /sys/fs/cgroup/$c ] || sed "s|^|cgroup $c |" /sys/fs/cgroup/$c
done
ls -ln /dev | awk 'NR > 1 { print "dev", $1, ($1 ~ /^[bc]/ ? $5 $6 : ""), $NF; print "devowner", $3, $4, $NF }'
df -k /dev/shm | awk 'NR > 1 { print "shm", $2 }'
ls -lnd /srv /srv/www /srv/www/index.html /data /data/kept /bin/busybox /etc/passwd | awk '{ print "owner", $1, $3, $4, $NF }'
for d in /x /tmp/x /data/x /host/x; do (: >$d) 2>/dev/null && echo "write $d" || echo "no write $d"; done
cat /proc/kcore 2>/dev/null | wc -c | sed 's/^/kcore /'
ip -o link show eth0 | sed 's/.*mtu \([0-9]*\).*/mtu \1/'
ip -o addr show lo | sed 's/.*inet/lo inet/; s/ .*\\/ /'
`

// compare reports every fact in which two containers differ, but those that are known to be so by a word at the
// beginning of the line.
func compare(t *testing.T, docker, creel string, but ...string) {
	t.Helper()
	a, b := lines(docker), lines(creel)
	known := func(line string) bool {
		return slices.ContainsFunc(but, func(prefix string) bool { return strings.HasPrefix(line, prefix) })
	}
	for _, line := range a {
		if !slices.Contains(b, line) && !known(line) {
			t.Errorf("only under Docker: %s", line)
		}
	}
	for _, line := range b {
		if !slices.Contains(a, line) && !known(line) {
			t.Errorf("only under creel:  %s", line)
		}
	}
	if len(a) < 80 {
		t.Errorf("%d facts are too few:\n%s", len(a), docker)
	}
}

func lines(text string) []string { return strings.Split(strings.TrimSpace(text), "\n") }
