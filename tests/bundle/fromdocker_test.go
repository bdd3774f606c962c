package bundle

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/creel-project/creel/tests/harness"
)

func TestTheProcessIsAsUnderDocker(t *testing.T) {
	b := begin(t)
	b.says("/bin/sh -c", `tr '\0' ' ' </proc/1/cmdline | cut -d' ' -f1,2`, m{}, m{}, nil)
	b.says("two words|web|/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin|/srv", `echo "$A|$HOSTNAME|$PATH|$PWD"`,
		m{"Env": []string{"A=two words"}, "WorkingDir": "/srv"}, m{}, nil)
	b.says("1000 1001 1001 4 2000", "echo $(id -u) $(id -g) $(id -G)", m{"User": "www"}, m{"GroupAdd": []string{"adm"}}, nil)
	b.says("web", "hostname", m{}, m{}, nil)
	b.says("0077\n17 23\n300", "umask; echo $(ulimit -Sn) $(ulimit -Hn); cat /proc/self/oom_score_adj", m{},
		m{"Umask": 0o077, "OomScoreAdj": 300, "Ulimits": []m{{"Name": "nofile", "Soft": 17, "Hard": 23}}}, nil)
}

func TestTheUserMustBeInTheContainersPasswd(t *testing.T) {
	b := begin(t)
	r := b.Fails(b.from("true", m{"User": "daemon"}, m{}, nil), `Config.User: "daemon": unable to find user daemon`)
	if _, err := os.Stat(filepath.Join(b.bundle, "config.json")); err == nil {
		t.Errorf("a config was written: %s", r)
	}
	// the host has such a user, and a link in the root filesystem does not lead to it
	b.Must(os.WriteFile(b.Path("passwd"), []byte("daemon:x:1:1::/:/bin/sh\n"), 0o644))
	b.Must(os.Remove(filepath.Join(b.bundle, "rootfs/etc/passwd")))
	for _, link := range []string{b.Path("passwd"), "../../../passwd"} {
		b.Must(os.Symlink(link, filepath.Join(b.bundle, "rootfs/etc/passwd")))
		b.Fails(b.from("true", m{"User": "daemon"}, m{}, nil), `unable to find user daemon`)
		b.Must(os.Remove(filepath.Join(b.bundle, "rootfs/etc/passwd")))
	}
}

func TestPrivilegesAreDockers(t *testing.T) {
	b := begin(t)
	const look = "grep -E '^(CapInh|CapPrm|CapEff|CapBnd|CapAmb|NoNewPrivs|Seccomp):' /proc/self/status"
	// without CAP_NET_RAW, which is 13 of a80425fb
	const without = "CapInh:\t0000000000000000\nCapPrm:\t00000000a80405fb\nCapEff:\t00000000a80405fb\nCapBnd:\t00000000a80405fb\nCapAmb:\t0000000000000000"
	b.says(without+"\nNoNewPrivs:\t1\nSeccomp:\t2", look, m{}, m{"CapDrop": []string{"NET_RAW", "SETPCAP"}, "CapAdd": []string{"SETPCAP"}, "SecurityOpt": []string{"no-new-privileges"}}, nil)
	b.says("NoNewPrivs:\t0\nSeccomp:\t0", "grep -E '^(NoNewPrivs|Seccomp):' /proc/self/status", m{}, m{"SecurityOpt": []string{"seccomp=unconfined"}}, nil)
	b.says("CapPrm:\t0000000000000000\nCapEff:\t0000000000000000\nCapBnd:\t00000000a80425fb", "grep -E '^Cap(Prm|Eff|Bnd):' /proc/self/status", m{"User": "www"}, m{}, nil)
	// a rule of a profile of the container's own
	b.says("no", "mkdir /d || echo no", m{}, m{"SecurityOpt": []string{
		`seccomp={"defaultAction":"SCMP_ACT_ALLOW","archMap":[{"architecture":"SCMP_ARCH_X86_64","subArchitectures":["SCMP_ARCH_X86"]},{"architecture":"SCMP_ARCH_AARCH64"}],
		"syscalls":[{"names":["mkdir","mkdirat"],"action":"SCMP_ACT_ERRNO","includes":{"minKernel":"4.8"},"excludes":{"caps":["CAP_SYS_ADMIN"]}}]}`}}, nil)
}

func TestPathsAreMaskedAndReadOnlyAsByDocker(t *testing.T) {
	b := begin(t)
	b.says("0\nno\nno", "cat /proc/kcore /proc/timer_list | wc -c; echo 1 2>&- >/proc/sys/kernel/ostype || echo no; mkdir /sys/x 2>&- || echo no", m{}, m{}, nil)
	b.says("masked", "wc -c </etc/passwd 2>&- | grep -qx 0 && echo masked", m{}, m{"MaskedPaths": []string{"/etc/passwd"}, "ReadonlyPaths": []string{}}, nil)
}

func TestMountsAreAsUnderDocker(t *testing.T) {
	b := begin(t)
	volume, secret := b.Path("volume"), b.Path("secret")
	b.Must(os.MkdirAll(filepath.Join(volume, "part/deep"), 0o755))
	b.Must(os.WriteFile(filepath.Join(volume, "part/deep/file"), []byte("deep\n"), 0o644))
	b.Must(os.WriteFile(secret, []byte("10.0.0.2 db\n"), 0o644))
	mounts := m{
		"HostsPath": secret,
		"Mounts": []m{
			{"Type": "volume", "Name": "v", "Source": volume, "Destination": "/v", "RW": true, "Propagation": ""},
			{"Type": "bind", "Source": volume, "Destination": "/ro", "RW": false, "Propagation": "rprivate"},
			{"Type": "volume", "Source": volume, "Destination": "/part", "RW": true},
			{"Type": "tmpfs", "Destination": "/t", "RW": true},
		},
	}
	host := m{
		"ReadonlyRootfs": true, "ShmSize": 1 << 20, "Tmpfs": m{"/tmp": "size=64k,exec"},
		"Mounts": []m{
			{"Type": "volume", "Target": "/part", "VolumeOptions": m{"Subpath": "part/deep"}},
			{"Type": "tmpfs", "Target": "/t", "TmpfsOptions": m{"SizeBytes": 65536, "Mode": 0o700}},
		},
	}
	b.says("deep\ndeep\n10.0.0.2 db", "cat /v/part/deep/file /part/file /etc/hosts", m{}, host, mounts)
	b.says("/ /ro /etc/hosts", "for f in / /ro /etc/hosts /v /tmp /t /dev/shm; do if [ -d $f ]; then touch $f/x 2>&-; else echo >$f 2>&-; fi || echo $f; done | xargs echo", m{}, host, mounts)
	b.says("/dev/shm 1024\n/t 64\n/tmp 64", "df -k /t /tmp /dev/shm | awk 'NR>1 {print $6, $2}' | sort", m{}, host, mounts)
	b.says("rw,nosuid,nodev\nrw,nosuid,nodev,noexec", "awk '$2==\"/tmp\"||$2==\"/t\" {print $2, $4}' /proc/mounts | sort -r | cut -d' ' -f2 | cut -d, -f1-4 | sed 's/,relatime.*//'", m{}, host, mounts)
}

func TestDevicesAreAsUnderDocker(t *testing.T) {
	b := begin(t)
	b.says("1 b\nno", "stat -c '%t %T' /dev/f; cat /dev/f 2>/dev/null || echo no", m{}, m{"Devices": []m{
		{"PathOnHost": "/dev/kmsg", "PathInContainer": "/dev/f", "CgroupPermissions": "m"}}}, nil)
}

func TestADeviceHasItsOtherNameInAUserNamespaceToo(t *testing.T) {
	b := begin(t)
	b.Chown(filepath.Join(b.bundle, "rootfs"), 100000, 100000)
	b.says("1 3\nwritten\n1 5", "stat -c '%t %T' /dev/n/x; echo x >/dev/n/x && echo written; stat -c '%t %T' /dev/zero", m{}, m{"Devices": []m{
		{"PathOnHost": "/dev/null", "PathInContainer": "/dev/n/x", "CgroupPermissions": "rwm"}, {"PathOnHost": "/dev/zero"}}}, nil, "--userns", "100000:65536")
}

func TestLimitsAreAsUnderDocker(t *testing.T) {
	for _, controller := range []string{"memory", "pids", "cpu"} {
		harness.Needs(t, controller)
	}
	b := begin(t)
	b.Ok(b.from("sleep 1000", m{}, m{"Memory": 64 << 20, "PidsLimit": 50, "CpuShares": 512}, nil, "--force"))
	c := b.Started(b.bundle)
	id := c.ID
	for _, limit := range []struct{ controller, v1, v2, value1, value2 string }{
		{"memory", "memory.limit_in_bytes", "memory.max", "67108864", "67108864"},
		{"pids", "pids.max", "pids.max", "50", "50"},
		{"cpu", "cpu.shares", "cpu.weight", "512", "59"},
	} {
		file, want := limit.v1, limit.value1
		if harness.V2() {
			file, want = limit.v2, limit.value2
		}
		path := strings.TrimSpace(b.Host("grep -E '[:,]" + limit.controller + "[:,]|^0::' /proc/" + strconv.Itoa(b.State(id).Pid) + "/cgroup | head -n 1 | cut -d: -f3"))
		if got := strings.TrimSpace(b.CgroupFile(limit.controller, path, file)); got != want {
			t.Errorf("%s is %s, want %s", file, got, want)
		}
	}
	b.Ok(b.Creel("delete", "--force", id))
}

func TestAUserNamespaceShiftsTheRoot(t *testing.T) {
	b := begin(t)
	b.Chown(filepath.Join(b.bundle, "rootfs"), 100000, 100000)
	b.says("0 100000 65536\n0 root\n1000 1001", `echo $(cat /proc/self/uid_map); echo $(id -u) $(stat -c %U /bin/busybox); su www -s /bin/sh -c 'echo $(id -u) $(id -g)'`,
		m{}, m{}, nil, "--userns", "100000:65536")
	b.says("mounted", "test -d /sys/class/net && echo mounted", m{}, m{"NetworkMode": "host"}, nil, "--userns", "100000:65536")
}

func TestNamespacesAreThoseThatDockerWouldMake(t *testing.T) {
	b := begin(t)
	const look = "for n in ipc mnt net pid uts; do readlink /proc/self/ns/$n; done"
	host := strings.Fields(b.Host(look))
	for name, shared := range map[string]string{"NetworkMode": "net", "PidMode": "pid", "IpcMode": "ipc", "UTSMode": "uts", "none": ""} {
		b.Ok(b.from(look, m{}, m{name: "host"}, nil, "--force"))
		for i, own := range strings.Fields(b.Ok(b.Run(b.bundle)).Stdout) {
			kind, _, _ := strings.Cut(own, ":")
			if (own == host[i]) != (kind == shared) {
				t.Errorf("%s host: %s is %s, the host's %s", name, kind, own, host[i])
			}
		}
	}
}

func TestHooksRunWithTheirArguments(t *testing.T) {
	b := begin(t)
	out := b.Path("out")
	var flags []string
	for _, stage := range []string{"prestart", "createRuntime", "createContainer", "poststart", "poststop"} {
		flags = append(flags, "--hook", stage+`:/bin/sh -c 'echo "$0" >>`+out+`' `+stage)
	}
	b.says("", "true", m{}, m{}, nil, append(flags, "--hook", `startContainer:/bin/sh -c 'echo startContainer >/tmp/out'`)...)
	got, err := os.ReadFile(out)
	b.Must(err)
	if want := "prestart\ncreateRuntime\ncreateContainer\npoststart\npoststop\n"; string(got) != want {
		t.Errorf("the hooks wrote %q, want %q", got, want)
	}
	inside, err := os.ReadFile(filepath.Join(b.bundle, "rootfs/tmp/out"))
	if err != nil || string(inside) != "startContainer\n" {
		t.Errorf("startContainer wrote %q, %v", inside, err)
	}
}

func TestTheMemoryOfAnotherContainerIsSharedWhereTheHostHasIt(t *testing.T) {
	b := begin(t)
	dir := b.Path("shm") // as dockerd mounts that of a container that is shareable
	b.Must(os.Mkdir(dir, 0o755))
	b.MountTmpfs(dir)
	b.WriteFile(filepath.Join(dir, "x"), "shared\n", 0o644)
	const look = "readlink /proc/self/ns/ipc; cat /dev/shm/x 2>/dev/null || echo its own"
	join := func(other m) (ipc, out string, r harness.Result) {
		b.Ok(b.from("sleep 1000", m{}, m{}, other, "--force"))
		c := b.Started(b.bundle)
		pid := b.State(c.ID).Pid
		r = b.Ok(b.from(look, m{}, m{"IpcMode": "container:other"}, nil, "--force", "--join", "other="+strconv.Itoa(pid)))
		ipc, out = b.ProcLink(pid, "ns/ipc"), b.Ok(b.Run(b.bundle)).Stdout
		b.Ok(b.Creel("delete", "--force", c.ID))
		return ipc, out, r
	}
	ipc, out, r := join(m{"Mounts": []m{{"Type": "bind", "Source": dir, "Destination": "/dev/shm", "RW": true}}})
	if out != ipc+"\nshared\n" || strings.Contains(r.Stderr, "IpcMode") {
		t.Errorf("beside %s: %q; %s", ipc, out, r.Stderr)
	}
	ipc, out, r = join(nil)
	if out != ipc+"\nits own\n" || !strings.Contains(r.Stderr, "HostConfig.IpcMode is not expressed: the namespace is the other container's, but not its /dev/shm") {
		t.Errorf("beside %s: %q; %s", ipc, out, r.Stderr)
	}
}

func TestWhatIsTheHostsIsSeenInAUserNamespaceBesideASharedMount(t *testing.T) {
	b := begin(t)
	b.Chown(filepath.Join(b.bundle, "rootfs"), 100000, 100000)
	dir := b.Path("shared")
	b.Must(os.Mkdir(dir, 0o755))
	look := func(want, script string, host m) {
		b.Helper()
		b.says(want+"shared", script+"; grep -q ' /shared .* shared:' /proc/self/mountinfo && echo shared", m{}, host,
			m{"Mounts": []m{{"Type": "bind", "Source": dir, "Destination": "/shared", "RW": true, "Propagation": "rshared"}}}, "--userns", "100000:65536")
	}
	look("0\nread-only\n", "cat /proc/sys/net/ipv4/ip_unprivileged_port_start; grep -q ' /proc/sys proc ro' /proc/mounts && echo read-only", m{"PidMode": "host"})
	look("network\n", "test -d /sys/class/net/lo && echo network", m{"NetworkMode": "host"})
}

func TestNamespacesThatAreJoinedAreThoseOfTheirUserNamespace(t *testing.T) {
	b := begin(t)
	b.Chown(filepath.Join(b.bundle, "rootfs"), 100000, 100000)
	users := []string{"--force", "--userns", "100000:65536"}
	b.Ok(b.from("sleep 1000", m{}, m{}, nil, users...))
	c := b.Started(b.bundle)
	pid := b.State(c.ID).Pid
	join := append(users, "--join", "other="+strconv.Itoa(pid))
	for name, ns := range map[string]string{"NetworkMode": "net", "PidMode": "pid", "IpcMode": "ipc"} {
		b.says(b.ProcLink(pid, "ns/"+ns)+"\n"+b.ProcLink(pid, "ns/user"), "readlink /proc/self/ns/"+ns+"; readlink /proc/self/ns/user",
			m{}, m{name: "container:other"}, nil, join...)
	}
	b.Ok(b.Creel("delete", "--force", c.ID))
	b.Fails(b.from("true", m{}, m{"PidMode": "container:self"}, nil, append(users, "--join", "self="+strconv.Itoa(os.Getpid()))...),
		"has the host's user namespace")
}
