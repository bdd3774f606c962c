package netns

import (
	"strconv"
	"strings"
	"testing"

	"github.com/creel-project/creel/tests/harness"
	"github.com/google/nftables"
)

// dockerRules are what dockerd sets with iptables, by its version, as far as they forbid and permit what is forwarded.
var dockerRules = map[string]string{"20.10": `*filter
:FORWARD DROP [0:0]
:DOCKER - [0:0]
:DOCKER-ISOLATION-STAGE-1 - [0:0]
:DOCKER-ISOLATION-STAGE-2 - [0:0]
:DOCKER-USER - [0:0]
-A FORWARD -j DOCKER-USER
-A FORWARD -j DOCKER-ISOLATION-STAGE-1
-A FORWARD -o docker0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A FORWARD -o docker0 -j DOCKER
-A FORWARD -i docker0 ! -o docker0 -j ACCEPT
-A FORWARD -i docker0 -o docker0 -j ACCEPT
-A DOCKER-ISOLATION-STAGE-1 -i docker0 ! -o docker0 -j DOCKER-ISOLATION-STAGE-2
-A DOCKER-ISOLATION-STAGE-1 -j RETURN
-A DOCKER-ISOLATION-STAGE-2 -o docker0 -j DROP
-A DOCKER-ISOLATION-STAGE-2 -j RETURN
-A DOCKER-USER -j RETURN
COMMIT
` + dockerNAT, "28.5": `*filter
:FORWARD DROP [0:0]
:DOCKER - [0:0]
:DOCKER-BRIDGE - [0:0]
:DOCKER-CT - [0:0]
:DOCKER-FORWARD - [0:0]
:DOCKER-ISOLATION-STAGE-1 - [0:0]
:DOCKER-ISOLATION-STAGE-2 - [0:0]
:DOCKER-USER - [0:0]
-A FORWARD -j DOCKER-USER
-A FORWARD -j DOCKER-FORWARD
-A DOCKER ! -i docker0 -o docker0 -j DROP
-A DOCKER-BRIDGE -o docker0 -j DOCKER
-A DOCKER-CT -o docker0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A DOCKER-FORWARD -j DOCKER-CT
-A DOCKER-FORWARD -j DOCKER-ISOLATION-STAGE-1
-A DOCKER-FORWARD -j DOCKER-BRIDGE
-A DOCKER-FORWARD -i docker0 -j ACCEPT
-A DOCKER-ISOLATION-STAGE-1 -i docker0 ! -o docker0 -j DOCKER-ISOLATION-STAGE-2
-A DOCKER-ISOLATION-STAGE-2 -o docker0 -j DROP
COMMIT
` + dockerNAT}

const dockerNAT = `*nat
:DOCKER - [0:0]
-A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER
-A OUTPUT ! -d 127.0.0.0/8 -m addrtype --dst-type LOCAL -j DOCKER
-A POSTROUTING -s 172.17.0.0/16 ! -o docker0 -j MASQUERADE
-A DOCKER -i docker0 -j RETURN
COMMIT
`

// docker makes the host what it is with a version of dockerd and one variant of iptables.
func (n *N) docker(version, variant string) {
	n.Helper()
	file := n.Path("rules")
	n.WriteFile(file, dockerRules[version], 0o644)
	n.Cleanup(func() {
		for _, ip := range []string{"iptables-", "ip6tables-"} {
			n.Host(ip + variant + " -P FORWARD ACCEPT; for t in filter nat; do " + ip + variant + " -t $t -F; " + ip + variant + " -t $t -X; done")
		}
		n.Host("ip link del docker0")
	})
	n.Host("ip link add docker0 type bridge && ip addr add 172.17.0.1/16 dev docker0 && ip link set docker0 up")
	n.Host("iptables-" + variant + "-restore " + file + "; grep -v 172.17 " + file + " | grep -v 127.0.0 | ip6tables-" + variant + "-restore")
}

// dockerContainer has a web server at docker0, and returns a process in its namespace.
func (n *N) dockerContainer() (pid int) {
	n.Helper()
	c := n.Started(n.Bundle(harness.Sleep))
	pid = n.State(c.ID).Pid
	n.Cleanup(func() { n.Host("ip link del vd0 2>/dev/null || ! ip link show vd0 2>/dev/null") }) // the kernel takes its time
	n.Host("ip link add vd0 type veth peer name eth0 netns " + strconv.Itoa(pid) + " && ip link set vd0 master docker0 up")
	n.inside(pid, "ip addr add 172.17.0.2/16 dev eth0; ip link set eth0 up; ip route add default via 172.17.0.1")
	_, err := in(nsOf(pid), func() (string, error) {
		n.listen(":80", "docker's")
		return "", nil
	})
	n.Must(err)
	return pid
}

func TestContainersReachAndAreReachedBesideDocker(t *testing.T) {
	for version := range dockerRules {
		for _, variant := range []string{"nft", "legacy"} {
			t.Run(version+" with "+variant, func(t *testing.T) { besideDocker(t, version, variant) })
		}
	}
}

func besideDocker(t *testing.T, version, variant string) {
	n := begin(t)
	n.docker(version, variant)
	theirs := n.dockerContainer()
	before := n.Host("iptables-" + variant + " -S; ip6tables-" + variant + " -S")
	_, other := n.web("other", "--subnet6", "fd07::/64")
	id, web := n.web("web", "--publish", "8080:80")
	reaches(t, host, "127.0.0.1:8080", "web")
	reaches(t, outside, hostIP+":8080", "web")
	reaches(t, outside, "["+hostIP6+"]:8080", "web")
	reaches(t, nsOf(web), outsideIP+":80", "outside")
	reaches(t, nsOf(web), "["+outsideIP6+"]:80", "outside")
	reaches(t, nsOf(other), "172.19.0.3:80", "web")
	reaches(t, nsOf(theirs), hostIP+":8080", "web")
	// What Docker's rules keep apart stays apart.
	reaches(t, host, "172.17.0.2:80", "docker's")
	misses(t, nsOf(web), "172.17.0.2:80")
	misses(t, nsOf(theirs), "172.19.0.3:80")
	// Rules stand there once, however many containers there are, and while one is left.
	rules := n.Host("iptables-" + variant + " -S DOCKER-USER; ip6tables-" + variant + " -S DOCKER-USER")
	if strings.Count(rules, "creel-netns:creel0") != 6 || strings.Contains(dockerRules[version], "-A DOCKER-USER") != strings.Contains(rules, "-A DOCKER-USER -j RETURN") {
		t.Errorf("the rules are\n%s", rules)
	}
	n.Ok(n.Creel("delete", "--force", id))
	reaches(t, nsOf(other), outsideIP+":80", "outside")
	for _, id := range n.Containers() {
		n.Ok(n.Creel("delete", "--force", id))
	}
	if after := n.Host("iptables-" + variant + " -S; ip6tables-" + variant + " -S"); after != before {
		t.Errorf("Docker's rules were\n%s\nand are\n%s", before, after)
	}
}

func TestRulesThatDockerLostAreThereAgainWithTheNextContainer(t *testing.T) {
	n := begin(t)
	n.docker("20.10", "nft")
	_, web := n.web("web")
	n.Host("iptables-nft -F DOCKER-USER; iptables-nft -A DOCKER-USER -j RETURN")
	misses(t, nsOf(web), outsideIP+":80")
	n.web("other")
	reaches(t, nsOf(web), outsideIP+":80", "outside")
}

func TestWhatSomebodyElseFlushedIsThereAgainWithTheNextContainer(t *testing.T) {
	n := begin(t)
	n.web("web", "--publish", "8080:80")
	c, err := nftables.New()
	n.Must(err)
	c.DelTable(&nftables.Table{Name: "creel-netns", Family: nftables.TableFamilyINet})
	n.Must(c.Flush())
	misses(t, host, "127.0.0.1:8080")
	n.web("other")
	reaches(t, host, "127.0.0.1:8080", "web")
}

func TestAFirewallThatEndsWithARuleForAllPacketsDrops(t *testing.T) {
	for name, c := range map[string]struct{ rule, undo, chain string }{
		"iptables-nft":      {"iptables-nft -A FORWARD -j REJECT --reject-with icmp-host-prohibited", "iptables-nft -F", "the chain ip filter FORWARD of nftables"},
		"ip6tables-nft":     {"ip6tables-nft -A FORWARD -j DROP", "ip6tables-nft -F", ""}, // there is no IPv6
		"iptables-legacy":   {"iptables-legacy -A FORWARD -j REJECT", "iptables-legacy -F", "iptables-legacy filter FORWARD"},
		"nftables":          {"nft add table inet site; nft add chain inet site main '{ type filter hook forward priority 0; }'; nft add rule inet site main counter reject", "nft delete table inet site", "the chain inet site main of nftables"},
		"with a condition":  {"iptables-nft -A FORWARD -s 192.0.2.0/24 -j DROP; iptables-nft -A FORWARD -j ACCEPT", "iptables-nft -F", ""},
		"legacy, condition": {"iptables-legacy -A FORWARD -s 192.0.2.0/24 -j REJECT", "iptables-legacy -F", ""},
	} {
		t.Run(name, func(t *testing.T) {
			n := begin(t)
			n.Host(c.rule)
			n.Cleanup(func() { n.Host(c.undo) })
			r := n.Run(n.Bundle(hooked()))
			if c.chain == "" {
				n.Ok(r)
				return
			}
			n.Fails(r, c.chain, " drops forwarded packets", "--firewall own")
			n.empty()
		})
	}
}

func TestDockersFirewallMayEndWithARuleForAllPackets(t *testing.T) {
	n := begin(t)
	n.docker("20.10", "nft")
	n.Host("iptables-nft -P FORWARD ACCEPT; iptables-nft -A FORWARD -j REJECT")
	_, web := n.web("web")
	reaches(t, nsOf(web), outsideIP+":80", "outside")
}

func TestAFirewallThatDropsAndHasNoPlaceForOthersIsNamed(t *testing.T) {
	n := begin(t)
	n.Host("iptables-nft -P FORWARD DROP")
	n.Cleanup(func() { n.Host("iptables-nft -P FORWARD ACCEPT; iptables-nft -F") })
	n.Fails(n.Run(n.Bundle(hooked())), "the chain ip filter FORWARD of nftables drops forwarded packets", "--firewall own")
	n.empty()
	if links := n.Host("ip -o link show type bridge"); links != "" {
		t.Errorf("there is still\n%s", links)
	}
	n.Host("iptables-nft -A FORWARD -i creel0 -j ACCEPT; iptables-nft -A FORWARD -o creel0 -j ACCEPT")
	r := n.Ok(n.Run(n.Bundle(harness.Script("wget -q -O - http://"+outsideIP+"/"), hooked("--firewall", "own"))))
	contains(t, r.Stdout, "outside")
}
