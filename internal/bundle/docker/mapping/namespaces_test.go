package mapping

import (
	"testing"

	"github.com/creel-project/creel/internal/bundle/network"
)

func TestNamespacesAreThoseOfTheModes(t *testing.T) {
	const others = `{"type":"mount"},{"type":"uts"},{"type":"pid"},{"type":"ipc"},{"type":"cgroup"},{"type":"time"}`
	joined := func(kind, file string) string { return `{"type":"` + kind + `","path":"/proc/4711/ns/` + file + `"}` }
	rows(t, []row{
		{"all are new", `{}`, "linux/namespaces", `[` + others + `,{"type":"network"}]`, nil},
		{"the host's network", `{"HostConfig":{"NetworkMode":"host"}}`, "linux/namespaces", `[` + others + `]`, nil},
		{"the network of another container", `{"HostConfig":{"NetworkMode":"container:other"}}`, "linux/namespaces?type=network", joined("network", "net"), nil},
		{"a network that is switched off is new and empty", `{"HostConfig":{"NetworkMode":"none"}}`, "linux/namespaces?type=network", `{"type":"network"}`, nil},
		{"the host's processes", `{"HostConfig":{"PidMode":"host"}}`, "linux/namespaces?type=pid", "", nil},
		{"those of another container", `{"HostConfig":{"PidMode":"container:other"}}`, "linux/namespaces?type=pid", joined("pid", "pid"), nil},
		{"the host's IPC", `{"HostConfig":{"IpcMode":"host"}}`, "linux/namespaces?type=ipc", "", nil},
		{"that of another container", `{"HostConfig":{"IpcMode":"container:other"}}`, "linux/namespaces?type=ipc", joined("ipc", "ipc"), nil},
		{"one to share", `{"HostConfig":{"IpcMode":"shareable"}}`, "linux/namespaces?type=ipc", `{"type":"ipc"}`, nil},
		{"none at all is one of its own", `{"HostConfig":{"IpcMode":"none"}}`, "linux/namespaces?type=ipc", `{"type":"ipc"}`, nil},
		{"the host's names", `{"HostConfig":{"UTSMode":"host"}}`, "linux/namespaces?type=uts", "", nil},
		{"the host's cgroups", `{"HostConfig":{"CgroupnsMode":"host"}}`, "linux/namespaces?type=cgroup", "", nil},
		{"cgroups of its own", `{"HostConfig":{"CgroupnsMode":"private"}}`, "linux/namespaces?type=cgroup", `{"type":"cgroup"}`, old},
		{"cgroup v1 is the host's by default", `{}`, "linux/namespaces?type=cgroup", "", old},
		{"a kernel without time namespaces", `{}`, "linux/namespaces?type=time", "", old},
		{"no user namespace", `{}`, "linux/namespaces?type=user", "", nil},
		{"a user namespace", `{}`, "linux/namespaces?type=user", `{"type":"user"}`, mapped(100000, 65536)},
		{"it maps users", `{}`, "linux/uidMappings", `[{"containerID":0,"hostID":100000,"size":65536}]`, mapped(100000, 65536)},
		{"it maps groups", `{}`, "linux/gidMappings", `[{"containerID":0,"hostID":100000,"size":65536}]`, mapped(100000, 65536)},
		{"the network of another container is its user namespace's", `{"HostConfig":{"NetworkMode":"container:other"}}`,
			"linux/namespaces?type=user", joined("user", "user"), mapped(100000, 65536)},
		{"so are its processes", `{"HostConfig":{"PidMode":"container:other"}}`, "linux/namespaces?type=user", joined("user", "user"), mapped(100000, 65536)},
		{"and its IPC", `{"HostConfig":{"IpcMode":"container:other"}}`, "linux/namespaces?type=user", joined("user", "user"), mapped(100000, 65536)},
		{"a user namespace that is joined has its own maps", `{"HostConfig":{"IpcMode":"container:other"}}`, "linux/uidMappings", "", mapped(100000, 65536)},
	})
}

// old is a machine of yesterday.
func old(o *Options) {
	o.Facts.CgroupV2, o.Facts.TimeNamespaces, o.Facts.RecursiveReadonly, o.Facts.AppArmor, o.Facts.SELinux = false, false, false, false, false
}

// by is with --network.
func by(mode string) func(*Options) {
	return func(o *Options) { o.Network = network.Choice{Mode: mode, CNI: "lab", Program: "/usr/bin/creel-netns"} }
}

func TestNetworksAreMadeByHooks(t *testing.T) {
	const ports = `{"HostConfig":{"PortBindings":{"80/tcp":[{"HostIp":"127.0.0.1","HostPort":"8080"}],"53/udp":[{"HostPort":"53"},{"HostIp":"::1","HostPort":"53"}]}}}`
	rows(t, []row{
		{"creel-netns publishes ports", ports, "hooks/createRuntime", `[{"path":"/usr/bin/creel-netns","args":["creel-netns","hook",
			"--publish","127.0.0.1:8080:80/tcp","--publish","53:53/udp","--publish","[::1]:53:53/udp","--subnet6","auto","--hostname","web"]}]`, by("netns")},
		{"it takes the network away", ports, "hooks/poststop", `[{"path":"/usr/bin/creel-netns","args":["creel-netns","release"]}]`, by("netns")},
		{"it has the hardware address, of old Docker", `{"Config":{"MacAddress":"02:42:ac:11:00:05"}}`, "hooks/createRuntime",
			`[{"path":"/usr/bin/creel-netns","args":["creel-netns","hook","--mac","02:42:ac:11:00:05","--hostname","web"]}]`, by("netns")},
		{"CNI has a name", `{}`, "hooks/createRuntime", `[{"path":"/usr/bin/creel-netns","args":["creel-netns","hook","--cni","lab","--hostname","web"]}]`, by("cni")},
		{"the host's network wins over the container's", ports, "linux/namespaces?type=network", "", by("host")},
		{"and needs no hook", ports, "hooks", "", by("host")},
		{"none is new", `{"HostConfig":{"NetworkMode":"host"}}`, "linux/namespaces?type=network", `{"type":"network"}`, by("none")},
		{"a port that Docker chose", `{"HostConfig":{"PortBindings":{"80/tcp":[{}]}},"NetworkSettings":{"Ports":{"80/tcp":[{"HostIp":"0.0.0.0","HostPort":"32768"}]}}}`,
			"hooks/createRuntime", `[{"path":"/usr/bin/creel-netns","args":["creel-netns","hook","--publish","32768:80/tcp","--hostname","web"]}]`, by("netns")},
		{"a port that Docker chose from a range", `{"HostConfig":{"PortBindings":{"81/tcp":[{"HostIp":"127.0.0.1","HostPort":"8000-8002"}]}},
			"NetworkSettings":{"Ports":{"81/tcp":[{"HostIp":"127.0.0.1","HostPort":"8001"}]}}}`,
			"hooks/createRuntime", `[{"path":"/usr/bin/creel-netns","args":["creel-netns","hook","--publish","127.0.0.1:8001:81/tcp","--hostname","web"]}]`, by("netns")},
		{"a range that Docker has not chosen from", `{"HostConfig":{"PortBindings":{"81/tcp":[{"HostIp":"127.0.0.1","HostPort":"8000-8002"}]}}}`,
			"hooks/createRuntime", `[{"path":"/usr/bin/creel-netns","args":["creel-netns","hook","--hostname","web"]}]`, by("netns")},
		{"an address of IPv6 needs a bridge with IPv6", `{"HostConfig":{"PortBindings":{"80/tcp":[{"HostIp":"2001:db8::1","HostPort":"80"}],"81/tcp":[{"HostIp":"::","HostPort":"81"}]}}}`,
			"hooks/createRuntime", `[{"path":"/usr/bin/creel-netns","args":["creel-netns","hook","--publish","[2001:db8::1]:80:80/tcp","--publish","[::]:81:81/tcp","--subnet6","auto","--hostname","web"]}]`, by("netns")},
		{"ports beside the container's", ports, "hooks/createRuntime", `[{"path":"/usr/bin/creel-netns","args":["creel-netns","hook",
			"--publish","127.0.0.1:8080:80/tcp","--publish","53:53/udp","--publish","[::1]:53:53/udp","--publish","1-2:3-4","--subnet6","auto","--hostname","web"]}]`,
			func(o *Options) {
				o.Network = network.Choice{Mode: "netns", Program: "/usr/bin/creel-netns", Publish: []string{"1-2:3-4"}}
			}},
		{"all ports that Docker chose", `{"HostConfig":{"PublishAllPorts":true},"NetworkSettings":{"Ports":{"80/tcp":[{"HostIp":"0.0.0.0","HostPort":"32768"}]}}}`,
			"hooks/createRuntime", `[{"path":"/usr/bin/creel-netns","args":["creel-netns","hook","--publish","0.0.0.0:32768:80/tcp","--hostname","web"]}]`, by("netns")},
	})
}

func TestSysctlsOfAPrivateNetworkAreDockers(t *testing.T) {
	const own = `{"net.ipv4.ip_unprivileged_port_start":"0","net.ipv4.ping_group_range":"0 2147483647"}`
	rows(t, []row{
		{"a network of its own", `{}`, "linux/sysctl", own, nil},
		{"the container's win", `{"HostConfig":{"Sysctls":{"net.ipv4.ip_unprivileged_port_start":"1","net.ipv4.ping_group_range":"1 0"}}}`,
			"linux/sysctl", `{"net.ipv4.ip_unprivileged_port_start":"1","net.ipv4.ping_group_range":"1 0"}`, nil},
		{"the host's network has its own", `{"HostConfig":{"NetworkMode":"host","Sysctls":{"net.core.somaxconn":"1","net/core/rmem_max":"1","kernel.shmmax":"5"}}}`,
			"linux/sysctl", `{"kernel.shmmax":"5"}`, nil},
		{"that of another container, too", `{"HostConfig":{"NetworkMode":"container:other"}}`, "linux/sysctl", "", nil},
		{"a user namespace has not all groups", `{}`, "linux/sysctl", `{"net.ipv4.ip_unprivileged_port_start":"0","net.ipv4.ping_group_range":"0 65535"}`, mapped(100000, 65536)},
	})
}
