package netns

import (
	"net"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/creel-project/creel/tests/harness"
)

func TestAPublishedPortIsReachedFromTheHostFromOutsideAndFromContainers(t *testing.T) {
	n := begin(t)
	_, web := n.web("web", "--publish", "8080:80")
	_, other := n.web("other")
	for _, address := range []string{"127.0.0.1:8080", "127.0.0.5:8080", hostIP + ":8080", "172.19.0.1:8080", "172.19.0.2:80"} {
		reaches(t, host, address, "web")
	}
	reaches(t, outside, hostIP+":8080", "web")
	for _, pid := range []int{web, other} { // its neighbour, and itself
		reaches(t, nsOf(pid), hostIP+":8080", "web")
		reaches(t, nsOf(pid), "172.19.0.1:8080", "web")
	}
	misses(t, outside, hostIP+":80")
}

func TestABridgedPacketIsTranslatedWhetherOrNotTheHostFiltersThose(t *testing.T) {
	n := begin(t)
	const sysctl = "/proc/sys/net/bridge/bridge-nf-call-iptables"
	n.Host("echo 0 >" + sysctl)
	n.Cleanup(func() { n.Host("echo 1 >" + sysctl) })
	_, web := n.web("web", "--publish", "8080:80")
	_, other := n.web("other")
	reaches(t, nsOf(web), hostIP+":8080", "web")
	reaches(t, nsOf(other), hostIP+":8080", "web")
	reaches(t, nsOf(other), "172.19.0.2:80", "web")
}

func TestAPortThatIsPublishedOnAnAddressIsReachedThereOnly(t *testing.T) {
	n := begin(t)
	_, web := n.web("web", "--publish", "127.0.0.1:8081:80", "--publish", hostIP+":8082:80")
	reaches(t, host, "127.0.0.1:8081", "web")
	reaches(t, host, hostIP+":8082", "web")
	reaches(t, outside, hostIP+":8082", "web")
	misses(t, host, hostIP+":8081")
	misses(t, outside, hostIP+":8081")
	misses(t, nsOf(web), "172.19.0.1:8081")
	misses(t, host, "127.0.0.1:8082")
}

// Whoever is on the same wire can send to 127.0.0.1 at the host's hardware address (CVE-2020-8558).
func TestWhatIsOn127001IsNotReachedFromOutsideNorFromAContainer(t *testing.T) {
	n := begin(t)
	_, web := n.web("web", "--publish", "127.0.0.1:8081:80")
	n.listen("127.0.0.1:8083", "secret")
	const crafted = "echo 1 >/proc/sys/net/ipv4/conf/eth0/route_localnet; ip addr del 127.0.0.1/8 dev lo; ip route add 127.0.0.1/32 via "
	n.inside(web, crafted+"172.19.0.1 dev eth0")
	n.Host("ip netns exec outside sh -c '" + crafted + hostIP + " dev eth0'")
	n.Cleanup(func() {
		n.Host("ip netns exec outside sh -c 'ip route del 127.0.0.1/32; ip addr add 127.0.0.1/8 dev lo; echo 0 >/proc/sys/net/ipv4/conf/eth0/route_localnet'")
	})
	for _, ns := range []string{nsOf(web), outside} {
		misses(t, ns, "127.0.0.1:8081")
		misses(t, ns, "127.0.0.1:8083")
	}
	reaches(t, host, "127.0.0.1:8081", "web")
}

func TestContainersReachOutsideThroughTheHostsAddress(t *testing.T) {
	n := begin(t)
	n.Host("echo 0 >/proc/sys/net/ipv4/ip_forward")
	seen := outsideListener(n)
	r := n.Ok(n.Run(n.Bundle(harness.Script("wget -q -O - http://"+outsideIP+"/; wget -q -O - http://"+outsideIP+":8084/"), hooked())))
	if r.Stdout != "outside\nseen\n" {
		t.Errorf("the container got %q", r.Stdout)
	}
	if len(*seen) != 1 || !strings.HasPrefix((*seen)[0], hostIP+":") {
		t.Errorf("outside saw %q, not the host", *seen)
	}
}

// outsideListener is a server in the namespace outside that remembers who came.
func outsideListener(n *N) (seen *[]string) {
	_, err := in(outside, func() (string, error) {
		seen = n.listen(outsideIP+":8084", "seen")
		return "", nil
	})
	n.Must(err)
	return seen
}

func TestIPv6WorksAsIPv4Does(t *testing.T) {
	n := begin(t)
	_, web := n.web("web", "--subnet6", "fd07::/64", "--publish", "8080:80", "--publish", "["+hostIP6+"]:8085:80")
	_, other := n.web("other")
	reaches(t, host, "[fd07::2]:80", "web")
	reaches(t, host, "[fd07::1]:8080", "web")
	reaches(t, host, "["+hostIP6+"]:8080", "web")
	reaches(t, host, "["+hostIP6+"]:8085", "web")
	misses(t, host, hostIP+":8085")
	reaches(t, outside, "["+hostIP6+"]:8080", "web")
	reaches(t, nsOf(other), "[fd07::2]:80", "web")
	reaches(t, nsOf(other), "["+hostIP6+"]:8080", "web")
	reaches(t, nsOf(web), "["+hostIP6+"]:8080", "web")
	reaches(t, nsOf(web), "["+outsideIP6+"]:80", "outside")
	// On ::1 it is refused at once, and not lost: who tries localhost goes on to 127.0.0.1.
	started := time.Now()
	misses(t, host, "[::1]:8080")
	if time.Since(started) > time.Second/2 {
		t.Error("a connection to ::1 hangs")
	}
}

func TestDatagramsReachAPublishedPortAlsoFromWhoSentThereBefore(t *testing.T) {
	n := begin(t)
	from, err := net.Dial("udp", hostIP+":5353")
	n.Must(err)
	defer from.Close()
	said := func() string {
		_, _ = from.Write([]byte("hello\n"))
		var b [64]byte
		_ = from.SetReadDeadline(time.Now().Add(200 * time.Millisecond))
		k, _ := from.Read(b[:])
		return string(b[:k])
	}
	if got := said(); got != "" {
		t.Errorf("before there is a container: %q", got)
	}
	c := n.Started(n.Bundle(harness.Sleep, hooked("--publish", "5353:53/udp")))
	n.echo(nsOf(n.State(c.ID).Pid), ":53")
	n.Eventually("it answers", func() bool { return said() == "hello\n" })
}

func TestNetworksAreIsolatedUnlessTheyAreNot(t *testing.T) {
	n := begin(t)
	_, a := n.web("a", "--publish", "8080:80")
	_, b := n.web("b", "--bridge", "creel1", "--publish", "8081:80")
	_, open := n.web("open", "--bridge", "open0", "--isolate=false")
	addresses := map[string]string{"a": "172.19.0.2:80", "b": "172.20.0.2:80", "open": "172.21.0.2:80"}
	misses(t, nsOf(a), addresses["b"])
	misses(t, nsOf(b), addresses["a"])
	misses(t, nsOf(open), addresses["a"])
	reaches(t, nsOf(a), addresses["open"], "open")
	// By the published port they do reach each other, as everybody does.
	reaches(t, nsOf(a), hostIP+":8081", "b")
	reaches(t, nsOf(b), hostIP+":8080", "a")
	// Somebody on the wire who takes the host for a router reaches nobody, but where that is wanted.
	for i, subnet := range []string{"172.19.0.0/16", "172.20.0.0/16", "172.21.0.0/16"} {
		n.Host("ip -n outside route add " + subnet + " via " + hostIP)
		n.Cleanup(func() { n.Host("ip -n outside route del " + subnet) })
		address := "172." + strconv.Itoa(19+i) + ".0.2:80"
		if subnet == "172.21.0.0/16" {
			reaches(t, outside, address, "open")
		} else {
			misses(t, outside, address)
		}
	}
}

func TestAHostThatLearnsRoutesFromRoutersGoesOnToWhenItBecomesOne(t *testing.T) {
	n := begin(t)
	const conf = "/proc/sys/net/ipv6/conf/"
	n.Host("echo 0 >" + conf + "all/forwarding; echo 1 >" + conf + "up0/accept_ra")
	n.web("web", "--subnet6", "fd07::/64")
	if got := n.Host("cat " + conf + "all/forwarding " + conf + "up0/accept_ra " + conf + "creel0/accept_ra"); got != "1\n2\n0\n" {
		t.Errorf("forwarding, accept_ra of the uplink and of the bridge are %q", got)
	}
}
