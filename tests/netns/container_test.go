package netns

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/creel-project/creel/tests/harness"
)

func contains(t *testing.T, text string, want ...string) {
	t.Helper()
	for _, w := range want {
		if !strings.Contains(text, w) {
			t.Errorf("%q is not in:\n%s", w, text)
		}
	}
}

func TestAContainerHasAnInterfaceAnAddressARouteAndItsLoopback(t *testing.T) {
	n := begin(t)
	r := n.Ok(n.Run(n.Bundle(harness.Script("ip addr; ip route"), hooked())))
	contains(t, r.Stdout, "inet 127.0.0.1/8", "lo: <LOOPBACK,UP", "eth0@", "UP,LOWER_UP,M-DOWN> mtu 1500",
		"inet 172.19.0.2/16 brd 172.19.255.255", "link/ether 02:ce:ac:13:00:02", "default via 172.19.0.1 dev eth0")
}

func TestAContainerHasWhatItsFlagsSay(t *testing.T) {
	n := begin(t)
	r := n.Ok(n.Run(n.Bundle(harness.Script("ip addr; ip route; ip -6 route"), hooked("--bridge", "br7", "--subnet", "10.7.0.9/24", "--subnet6", "fd07::/64",
		"--iface", "net0", "--mtu", "1380", "--static-ip", "10.7.0.77", "--static-ip", "fd07::77", "--mac", "02:00:00:00:00:77"))))
	contains(t, r.Stdout, "net0@", "mtu 1380", "link/ether 02:00:00:00:00:77", "inet 10.7.0.77/24", "inet6 fd07::77/64", "default via 10.7.0.9", "default via fd07::1")
	contains(t, n.Host("ip addr show br7"), "inet 10.7.0.9/24", "inet6 fd07::1/64", "mtu 1380")
}

func TestTheMTUIsThatOfTheDefaultRoute(t *testing.T) {
	n := begin(t)
	n.Host("ip link set up0 mtu 1402")
	n.Cleanup(func() { n.Host("ip link set up0 mtu 1500") })
	contains(t, n.Sh("ip link show eth0", hooked()), "mtu 1402")
}

func TestNameServersAreWrittenIntoTheFileThatIsMounted(t *testing.T) {
	n := begin(t)
	conf := n.Path("resolv.conf")
	n.WriteFile(conf, "old, and longer than what is written over it: it has many more words than that\n", 0o644)
	root := n.OwnRoot()
	n.WriteFile(filepath.Join(root, "etc/resolv.conf"), "", 0o644)
	b := n.Bundle(harness.Script("cat /etc/resolv.conf"), harness.Root(root), harness.Bind(conf, "/etc/resolv.conf", "ro"),
		hooked("--dns", "192.0.2.53", "--dns", "2001:db8::53", "--dns-search", "a.test", "--dns-search", "b.test", "--resolv-conf", conf))
	want := "search a.test b.test\nnameserver 192.0.2.53\nnameserver 2001:db8::53\n"
	if r := n.Ok(n.Run(b)); r.Stdout != want {
		t.Errorf("the container reads %q, want %q", r.Stdout, want)
	}

	b = n.Bundle(hooked("--dns", "192.0.2.53")) // the bundle's own by default
	n.Ok(n.Run(b))
	text, err := os.ReadFile(filepath.Join(b, "resolv.conf"))
	if err != nil || string(text) != "nameserver 192.0.2.53\n" {
		t.Errorf("the bundle has %q, %v", text, err)
	}
}

func TestAContainerKnowsItselfAndAsksWhomTheHostAsks(t *testing.T) {
	n := begin(t)
	conf, hosts := n.Path("resolv.conf"), n.Path("hosts")
	n.WriteFile(conf, "", 0o644)
	n.WriteFile(hosts, "", 0o644)
	root := n.OwnRoot()
	n.WriteFile(filepath.Join(root, "etc/resolv.conf"), "", 0o644)
	n.WriteFile(filepath.Join(root, "etc/hosts"), "", 0o644)
	b := n.Bundle(harness.Script("cat /etc/resolv.conf; grep -v ip6 /etc/hosts"), harness.Root(root),
		harness.Bind(conf, "/etc/resolv.conf", "ro"), harness.Bind(hosts, "/etc/hosts", "ro"),
		hooked("--subnet6", "fd07::/64", "--static-ip", "172.19.0.9", "--static-ip", "fd07::9", "--host-dns", "--dns-search", "a.test", "--resolv-conf", conf, "--hostname", "web", "--hosts", hosts))
	for _, host := range []struct{ has, want string }{
		{"nameserver 127.0.0.1\nnameserver 192.0.2.1\nsearch far.test\noptions ndots:2", "search a.test\nnameserver 192.0.2.1\noptions ndots:2\n"},
		{"nameserver 2001:db8::53", "search a.test\nnameserver 2001:db8::53\n"},
		{"nameserver 127.0.0.1", "search a.test\n# the host has no name server that a container reaches\n"},
	} {
		file := n.Path("of-the-host")
		n.WriteFile(file, host.has+"\n", 0o644)
		n.Host("mount --bind " + file + " /etc/resolv.conf")
		r := n.Run(b)
		n.Host("umount /etc/resolv.conf")
		n.Ok(r)
		if want := host.want + "127.0.0.1\tlocalhost\n172.19.0.9\tweb\nfd07::9\tweb\n"; r.Stdout != want {
			t.Errorf("%q: the container reads %q, want %q", host.has, r.Stdout, want)
		}
	}
}

func TestNameServersAreNotWrittenThroughALinkAndThenNothingIsLeft(t *testing.T) {
	n := begin(t)
	victim := n.Path("victim")
	n.WriteFile(victim, "as ever", 0o644)
	for _, path := range []string{"resolv.conf", "sub/resolv.conf", "../victim"} {
		b := n.Bundle(hooked("--dns", "192.0.2.53", "--resolv-conf", path))
		n.Must(os.Symlink(victim, filepath.Join(b, "resolv.conf")))
		n.Must(os.Symlink(n.Path(), filepath.Join(b, "sub")))
		n.Fails(n.Run(b), "hook: ", "--dns: open "+path)
	}
	if text, err := os.ReadFile(victim); err != nil || string(text) != "as ever" {
		t.Errorf("the host's file has %q, %v", text, err)
	}
	n.empty()
	if links := n.Host("ip -o link show type bridge"); links != "" {
		t.Errorf("there is still\n%s", links)
	}
}

func TestTwoInterfacesAreTwoHooks(t *testing.T) {
	n := begin(t)
	b := n.Bundle(harness.Script("ip addr; ip route"), hooked(), hooked("--bridge", "back0", "--iface", "eth1", "--subnet", "10.8.0.0/24", "--no-route"))
	r := n.Ok(n.Run(b))
	contains(t, r.Stdout, "inet 172.19.0.2/16", "inet 10.8.0.2/24", "default via 172.19.0.1 dev eth0")
	n.empty()
}

func TestPrestartWillDoAsWell(t *testing.T) {
	n := begin(t)
	b := n.Bundle(harness.Script("ip addr"), hooked(), func(s *S) {
		s.Hooks.Prestart, s.Hooks.CreateRuntime = s.Hooks.CreateRuntime, nil
	})
	contains(t, n.Ok(n.Run(b)).Stdout, "inet 172.19.0.2/16")
}

func TestAContainerInAUserNamespaceGetsItsInterfaceToo(t *testing.T) {
	n := begin(t)
	root := n.OwnRoot()
	n.Chown(root, 100000, 100000)
	r := n.Ok(n.Run(n.Bundle(harness.Script("ip addr; wget -q -O - http://"+outsideIP+"/"), harness.Root(root), harness.UserNS(100000, 65536), hooked())))
	contains(t, r.Stdout, "inet 172.19.0.2/16", "outside")
}

func TestWhenAContainerIsGoneNothingIsLeftOfIt(t *testing.T) {
	n := begin(t)
	id, pid := n.web("web", "--publish", "8080:80", "--subnet6", "fd07::/64")
	contains(t, n.netns("ls").Stdout, id)
	held, err := os.Open(nsOf(pid)) // as a connection may that the container left
	n.Must(err)
	defer held.Close()
	n.Ok(n.Creel("delete", "--force", id))
	n.empty()
	misses(t, host, "127.0.0.1:8080")
	n.Ok(n.netns("release", id)) // once more is no error
	if links := n.Host("ip -o link show type veth"); strings.Count(links, "\n") != 1 {
		t.Errorf("beside the uplink there is\n%s", links)
	}
	// The port is to be had again, for the host too.
	n.listen("127.0.0.1:8080", "host")
	reaches(t, host, "127.0.0.1:8080", "host")
}

// empty fails the test if somebody has an address, or an interface at a bridge.
func (n *N) empty() {
	n.Helper()
	if r := n.Ok(n.netns("ls", "--json")); !strings.Contains(r.Stdout, `"containers": []`) {
		n.Errorf("there are still\n%s", r.Stdout)
	}
	// A namespace goes some time after its last process, and with it what somebody else may have left there.
	n.Eventually("no interface is left", func() bool { return n.Host("ip -o link show type veth | grep -v up0 || true") == "" })
}
