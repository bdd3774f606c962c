package cri

import (
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/creel-project/creel/tests/engines"
	runtime "k8s.io/cri-api/pkg/apis/runtime/v1"
)

// first is the id of the host that root of a pod with a user namespace has, as kubelet gives each pod 65536 of its own.
const first = 1 << 20

// ownUsers gives a pod a user namespace.
func ownUsers(c *runtime.PodSandboxConfig) {
	c.Linux.SecurityContext.NamespaceOptions.UsernsOptions = &runtime.UserNamespace{
		Mode: runtime.NamespaceMode_POD, Uids: mapped(), Gids: mapped(),
	}
}

func mapped() []*runtime.IDMapping { return []*runtime.IDMapping{{HostId: first, Length: 65536}} }

// usersPod runs a pod with a user namespace.
func usersPod(t *testing.T, change ...func(*runtime.PodSandboxConfig)) *Pod {
	t.Helper()
	engines.Since(t, "containerd", "2.0", "user namespaces of pods")
	engines.DiffersBefore(t, "runc", "1.2", "it cannot map the ids of mounts, and containerd refuses such pods")
	return begin(t).pod(append([]func(*runtime.PodSandboxConfig){ownUsers}, change...)...)
}

func TestAPodHasItsOwnUsers(t *testing.T) {
	p := usersPod(t)
	a, b := p.container(sleep), p.container(sleep)
	a.says("0 1048576 65536 0 1048576 65536", "echo $(cat /proc/self/uid_map /proc/self/gid_map)")
	for _, c := range []*Container{a, b} {
		pid := c.known(c.ID).Pid
		if x, y := c.ProcLink(pid, "ns/user"), c.ProcLink(c.known(p.ID).Pid, "ns/user"); x != y {
			t.Errorf("%s, not the pod's %s", x, y)
		}
		if s := c.ProcFile(pid, "status"); !strings.Contains(s, "Uid:\t1048576\t1048576") {
			t.Error(s)
		}
	}
	a.says("pod", "hostname")
	a.says(p.status().Network.Ip, "ip -4 -o addr show eth0 | awk '{ split($4, a, \"/\"); print a[1] }'")
	a.says("00000000a80425fb", "grep CapEff /proc/1/status | cut -f 2")
}

func TestTheImagesFilesAreThePodsRoots(t *testing.T) {
	c := usersPod(t).container(sleep)
	c.says("0 0", "stat -c '%u %g' /bin/busybox")
	c.says("0 0", "touch /x && stat -c '%u %g' /x")
	c.says("1000 1000", "chown 1000:1000 /x && stat -c '%u %g' /x")
	c.says("0 0", "cat /etc/hostname >/dev/null && stat -c '%u %g' /etc/hostname")
}

func TestFilesInAVolumeAreTheSameUsersInsideAndOutside(t *testing.T) {
	p := usersPod(t)
	dir := p.Path("volume")
	p.Host("mkdir " + dir)
	p.WriteFile(dir+"/there", "", 0o600)
	c := p.container(sleep, func(c *runtime.ContainerConfig) {
		c.Mounts = []*runtime.Mount{{HostPath: dir, ContainerPath: "/volume", UidMappings: mapped(), GidMappings: mapped()}}
	})
	c.says("0 0", "stat -c '%u %g' /volume/there")
	c.says("", "touch /volume/root && touch /volume/user && chown 1000:2000 /volume/user")
	for name, want := range map[string][2]uint32{"root": {0, 0}, "user": {1000, 2000}} {
		info, err := os.Stat(dir + "/" + name)
		p.Must(err)
		if s := info.Sys().(*syscall.Stat_t); s.Uid != want[0] || s.Gid != want[1] {
			t.Errorf("%s is %d:%d's", name, s.Uid, s.Gid)
		}
	}
}

func TestAPodWithItsOwnUsersHasSysctlsAndUsersAndLimits(t *testing.T) {
	p := usersPod(t, func(c *runtime.PodSandboxConfig) {
		c.Linux.Sysctls = map[string]string{"net.ipv4.ip_unprivileged_port_start": "80", "kernel.shm_rmid_forced": "1"}
	})
	c := p.container(sleep, func(c *runtime.ContainerConfig) {
		c.Linux.SecurityContext.RunAsUser = &runtime.Int64Value{Value: 1234}
		c.Linux.Resources.MemoryLimitInBytes = 64 << 20
	})
	c.says("80 1", "echo $(cat /proc/sys/net/ipv4/ip_unprivileged_port_start /proc/sys/kernel/shm_rmid_forced)")
	c.says("1234", "id -u")
	c.holds(engines.Limits{Memory: 64 << 20})
	if s := c.ProcFile(c.known(c.ID).Pid, "status"); !strings.Contains(s, "Uid:\t1049810\t1049810") {
		t.Error(s)
	}
}

func TestACommandThatIsNotThereIsNamedInAPodWithItsOwnUsers(t *testing.T) {
	c := usersPod(t).create("", func(c *runtime.ContainerConfig) { c.Command = []string{"/no/such/program"} })
	if err := c.start(); err == nil || !strings.Contains(err.Error(), "/no/such/program") {
		t.Error(err)
	}
}

func TestAPodOfTheHostsUsersHasNoMap(t *testing.T) {
	engines.Since(t, "containerd", "2.0", "user namespaces of pods")
	c := begin(t).pod(func(c *runtime.PodSandboxConfig) {
		c.Linux.SecurityContext.NamespaceOptions.UsernsOptions = &runtime.UserNamespace{Mode: runtime.NamespaceMode_NODE}
	}).container(sleep)
	host, err := os.Readlink("/proc/self/ns/user")
	c.Must(err)
	c.says(host, "readlink /proc/self/ns/user")
}
