package netns

import (
	"strings"
	"testing"

	"github.com/creel-project/creel/tests/harness"
)

func TestBadInputIsAClearErrorAndNothingIsLeft(t *testing.T) {
	n := begin(t)
	n.listen("127.0.0.1:8090", "host")
	n.Host("ip link add there0 type bridge; ip addr add 10.66.0.1/24 dev there0; ip link add veth7 type veth peer name veth8")
	n.Cleanup(func() { n.Host("ip link del veth7") })
	n.Ok(n.netns("create", "small0", "--subnet", "10.67.0.0/30"))
	_, small := n.hollow("small")
	n.Ok(n.fed(small, program(), "hook", "--bridge", "small0", "--publish", "8091:80"))
	_, text := n.hollow("web")
	before := n.traces() + n.netns("ls").Stdout
	for _, tt := range []struct{ args, want string }{
		{"--bridge small0", "bridge small0: subnet 10.67.0.0/30: all addresses are taken"},
		{"--bridge small0 --static-ip 10.67.0.2", "--static-ip: container small has 10.67.0.2"},
		{"--bridge small0 --static-ip 10.67.0.1", "is the address of the bridge"},
		{"--bridge small0 --static-ip 10.1.1.1", "is not in the subnet 10.67.0.0/30"},
		{"--bridge small0 --static-ip fd00::1", "was made without IPv6"},
		{"--bridge small0 --static-ip x", `--static-ip: "x" is no address`},
		{"--bridge small0 --subnet 10.68.0.0/24", "the bridge small0 has the address 10.67.0.1/30"},
		{"--bridge small0 --subnet6 auto", "was made without IPv6"},
		{"--bridge small0 --isolate=false", "--isolate: false: the bridge small0 was made with true"},
		{"--bridge there0 --subnet 10.68.0.0/24", "there0 exists and has the address 10.66.0.1/24, not 10.68.0.1/24"},
		{"--bridge veth7", `veth7 exists, and is no bridge but of type "veth"`},
		{"--bridge sixteen-letters0", `"sixteen-letters0" has 16 letters, and interfaces at most 15`},
		{"--bridge a/b", `"a/b" is no name of an interface`},
		{"--iface sixteen-letters0", `--iface: "sixteen-letters0" has 16 letters`},
		{"--iface lo", `--iface: "lo" is taken`},
		{"--subnet 10.68.0.0", `--subnet: "10.68.0.0" is no subnet`},
		{"--subnet fd00::/64", "--subnet: fd00::/64 is one of IPv6"},
		{"--subnet 10.68.0.0/31", "has no room"},
		{"--subnet 10.67.0.0/16", "--subnet: 10.67.0.0/16 overlaps with 10.67.0.0/30 of the bridge small0"},
		{"--subnet 203.0.0.0/8", "overlaps with 203.0.113.0/24, to which the host has a route"},
		{"--subnet6 10.0.0.0/8", "--subnet6: 10.0.0.0/8 is one of IPv4"},
		{"--mtu 20", "--mtu: 20 is not between"},
		{"--mac 01:00:00:00:00:01", "--mac: \"01:00:00:00:00:01\" is no hardware address of one interface"},
		{"--publish 8090:80", "--publish: 8090:80/tcp: a process of the host has port 8090/tcp: bind: address already in use"},
		{"--publish 127.0.0.1:8091:81", "--publish: 127.0.0.1:8091:81/tcp: container small has that port of the host"},
		{"--publish 192.0.2.9:8092:81", "the host does not have the address 192.0.2.9"},
		{"--publish 8092:80 --publish 0.0.0.0:8092:81", "are one port of the host"},
		{"--publish 8092", `--publish: 8092: "8092" has no colon`},
		{"--publish [2001:db8:1::1]:8092:80", "--publish: [2001:db8:1::1]:8092:80/tcp: the bridge creel0 was made without IPv6"},
		{"--publish [::1]:8092:80", "--publish: [::1]:8092:80/tcp: the bridge creel0 was made without IPv6"},
		{"--publish [::1]:8092:80 --subnet6 auto", "--publish: [::1]:8092:80/tcp: net.bridge.bridge-nf-call-ip6tables is 1"},
		{"--publish 8080-8090:80-90", "a process of the host has port 8090/tcp"},
		{"--publish 8060-8070:60-80", "8060-8070 are 11 ports of the host, and 60-80 are 21 of the container"},
		{"--publish 127.0.0.1:8091-8092:80-81", "--publish: 127.0.0.1:8091-8092:80-81/tcp: container small has that port of the host"},
		{"--publish 8060-8070:60-70 --publish 8070:90", "are one port of the host"},
		{"--dns example.test", `--dns: "example.test" is no address`},
		{"--firewall on", `--firewall: "on" is neither auto nor own`},
		{"--state-dir rel", `--state-dir: "rel" is not an absolute path`},
		{"--cni none --publish [::1]:8092:80", "--publish: [::1]:8092:80/tcp: plugins of CNI cannot"},
		{"--cni none --cni-conf-dir /nowhere", `--cni: there is no configuration named "none" in /nowhere`},
		{"--unknown", "flag provided but not defined: -unknown"},
		{"more", `superfluous argument "more"`},
	} {
		r := n.fed(text, program(), append([]string{"hook"}, strings.Fields(tt.args)...)...)
		n.Fails(r, "creel-netns: hook: ", tt.want)
		if after := n.traces() + n.netns("ls").Stdout; after != before {
			t.Fatalf("%s: there was\n%s\nand there is\n%s", tt.args, before, after)
		}
	}
}

func TestAStateThatIsNoneIsAClearError(t *testing.T) {
	n := begin(t)
	for text, want := range map[string]string{
		"":                            "it is empty",
		"{":                           "unexpected end of JSON input",
		"[]":                          "cannot unmarshal array",
		`{"pid":7}`:                   "id is missing",
		`{"id":"a","pid":"x"}`:        "cannot unmarshal string",
		`{"id":"a"}`:                  "the container's process: pid 0: no such process",
		`{"id":"a","pid":-1}`:         "pid -1: no such process",
		`{"id":"a","pid":1000000000}`: "pid 1000000000: no such process",
		`{"id":"a","pid":1}`:          "the container has no network namespace of its own",
	} {
		n.Fails(n.fed(text, program(), "hook"), "creel-netns: hook: ", want)
	}
	n.Fails(n.fed("{", program(), "release"), "creel-netns: release: ", "unexpected end of JSON input")
	n.Ok(n.fed(`{"id":"never-seen","bundle":"/x"}`, program(), "release"))
	n.Fails(n.netns("dance"), `creel-netns: there is no command "dance"`)
	n.Fails(n.netns("rm"), "rm: the name of the bridge is missing")
	n.Fails(n.netns("rm", "none0"), "there is no bridge none0 of creel-netns")
	n.Fails(n.netns("inspect", "none"), `neither a bridge nor a container named "none"`)
	n.WriteFile(stateDir+"/state.json", "garbage", 0o600)
	n.Fails(n.netns("ls"), "ls: "+stateDir+"/state.json: invalid character")
	n.Host("rm -r " + stateDir)
}

func TestAContainerWhoseInterfaceIsTakenGetsNothing(t *testing.T) {
	n := begin(t)
	p, text := n.hollow("web")
	n.inside(p.Process.Pid, "ip link add eth0 type dummy 2>/dev/null || ip link add eth0 type bridge")
	n.Fails(n.fed(text, program(), "hook", "--publish", "8080:80"), "web: the container has an interface eth0: make it: file exists")
	n.empty()
	if links := n.Host("ip -o link show type bridge"); links != "" {
		t.Errorf("there is still\n%s", links)
	}
	n.inside(p.Process.Pid, "ip link del eth0; ip link set lo up; ip route add default dev lo")
	n.Fails(n.fed(text, program(), "hook"), "web: the container has a default route: add one via 172.19.0.1: file exists")
	n.empty()
	n.Ok(n.fed(text, program(), "hook", "--no-route"))
	n.Fails(n.fed(text, program(), "hook", "--no-route"), "--iface: container web (pid ", ") has an interface eth0 already")
	n.Ok(n.fed(text, program(), "release"))
}

func TestAHookThatFailsFailsTheContainerWithItsWords(t *testing.T) {
	n := begin(t)
	n.Fails(n.Run(n.Bundle(hooked("--publish", "0:80"))), "creel-netns: hook: --publish: 0:80: ", " is no port", "exit status 1")
	n.Fails(n.Run(n.Bundle(hooked(), harness.NoNamespace("network"))), "the container has no network namespace of its own")
}
