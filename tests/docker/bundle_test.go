package docker

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// look prints what can be seen of a process from the host. What the engine and the runtime call differently is left out: the
// file system of the root, the paths of cgroups, and time namespaces, which Docker made in its version 29.
const look = `p=/proc/$1
tr '\0' ' ' <$p/cmdline; echo
tr '\0' '\n' <$p/environ | sort
grep -E '^(Uid|Gid|Groups|Umask|Cap|NoNewPrivs|Seccomp:)' $p/status
readlink $p/cwd
cat $p/limits $p/oom_score_adj
awk '$5 != "/" && $5 !~ "^/sys/fs/cgroup/" {i = 7; while ($i != "-") i++; print $5, $4, $6, $(i+1), $(i+3)}' $p/mountinfo | sort
nsenter --target $1 --uts --net sh -c 'hostname; cat /proc/sys/kernel/domainname; sysctl net.core.somaxconn net.ipv4.ip_unprivileged_port_start net.ipv4.ping_group_range'
for n in cgroup ipc mnt net pid uts user; do [ "$(readlink $p/ns/$n)" = "$(readlink /proc/self/ns/$n)" ] && echo $n host || echo $n own; done
for f in memory/memory.limit_in_bytes memory/memory.memsw.limit_in_bytes memory/memory.soft_limit_in_bytes cpu/cpu.shares cpu/cpu.cfs_quota_us \
	cpuset/cpuset.cpus pids/pids.max memory.max memory.low cpu.max cpu.weight cpuset.cpus pids.max; do
	c=$(grep -E "[:,]${f%/*}:|^0::" $p/cgroup | head -n 1 | cut -d: -f3)
	d=/sys/fs/cgroup/$c; [ "${f%/*}" = "$f" ] || d=/sys/fs/cgroup/${f%/*}$c
	[ -e $d/${f#*/} ] && echo $f $(cat $d/${f#*/})
done
cat /sys/fs/cgroup/devices$(grep :devices: $p/cgroup | cut -d: -f3)/devices.list 2>/dev/null | sort
true
`

func TestABundleOfAContainerIsTheSameContainer(t *testing.T) {
	program, err := filepath.Abs("../../bin/creel-bundle")
	if err == nil {
		_, err = os.Stat(program)
	}
	if err != nil {
		t.Fatal(err)
	}
	for name, flags := range map[string]string{
		"without flags": "",
		"with twenty flags": "--hostname web --domainname example.org --user 1000:1000 --group-add more --cap-drop NET_RAW --cap-add SYS_TIME --ulimit nofile=512:1024 " +
			"--memory 64m --memory-reservation 32m --cpus 0.5 --cpu-shares 512 --cpuset-cpus 0 --pids-limit 100 --oom-score-adj 100 --read-only --tmpfs /tmp:size=1m,exec " +
			"--mount type=tmpfs,dst=/mnt,tmpfs-size=65536 --volume logs:/v:ro --device /dev/fuse:/dev/fuse:rw --sysctl net.core.somaxconn=64 --shm-size 16m " +
			"--security-opt no-new-privileges --init --label a=b --env A=1 --env 'B=two words' --workdir /v --dns 9.9.9.9 --add-host db:10.0.0.2",
		"with the host's namespaces": "--network host --ipc host --pid host --uts host",
		"unconfined":                 "--security-opt seccomp=unconfined --security-opt systempaths=unconfined --network none --cap-drop ALL",
	} {
		t.Run(name, func(t *testing.T) {
			d := begin(t)
			id := d.start(flags, "sleep 1000")
			d.Cleanup(func() { d.do("", "volume", "rm", "--force", "logs") })
			bundle := d.Path("bundle")
			d.Must(os.MkdirAll(filepath.Join(bundle, "rootfs"), 0o755))
			d.Host("docker --host " + d.on.Host() + " export " + id + " | tar -C " + bundle + "/rootfs --numeric-owner -xp")
			d.Ok(d.Program(program, "from-docker", "--host", d.on.Host(), "--init-path", "/usr/bin/tini-static", "--output", bundle, id))
			c := d.Started(bundle)
			want := d.look(d.ok("inspect", "--format", "{{.State.Pid}}", id))
			got := d.look(strconv.Itoa(d.State(c.ID).Pid))
			for i, line := range got {
				if i >= len(want) || line != want[i] {
					t.Errorf("differs from line %d on:\n%s\nunder Docker:\n%s", i+1, strings.Join(got, "\n"), strings.Join(want, "\n"))
					break
				}
			}
			if len(got) < len(want) {
				t.Errorf("%d lines, under Docker %d", len(got), len(want))
			}
			d.Ok(d.Creel("delete", "--force", c.ID))
		})
	}
}

// look returns what is seen of a process, a line each.
func (d *client) look(pid string) []string {
	d.Helper()
	return strings.Split(strings.TrimSpace(d.Ok(d.Program("sh", "-c", look, "look", pid)).Stdout), "\n")
}
