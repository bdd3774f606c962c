package netns

import (
	"fmt"
	"net"
	"strings"
	"testing"

	"github.com/creel-project/creel/tests/harness"
)

func TestEachPortOfARangeIsPublished(t *testing.T) {
	n := begin(t)
	c := n.Started(n.Bundle(harness.Script(`cd /dev/shm; for p in 80 85 90; do mkdir $p; echo $p >$p/index.html; httpd -p "[::]:$p" -h $p; done; exec sleep 1000`),
		hooked("--subnet6", "fd07::/64", "--publish", "8000-8010:80-90", "--publish", "127.0.0.1:5300-5301:53-54/udp")))
	ns := nsOf(n.State(c.ID).Pid)
	n.Eventually("the servers listen", func() bool {
		return strings.Contains(n.inside(n.State(c.ID).Pid, "cat /proc/self/net/tcp6"), ":005A ")
	})
	for port, want := range map[int]string{8000: "80", 8005: "85", 8010: "90"} {
		for _, address := range []string{"127.0.0.1", hostIP, hostIP6} {
			reaches(t, host, net.JoinHostPort(address, fmt.Sprint(port)), want)
		}
		reaches(t, outside, fmt.Sprintf("%s:%d", hostIP, port), want)
	}
	for _, port := range []int{7999, 8001, 8011} {
		misses(t, host, fmt.Sprintf("127.0.0.1:%d", port))
	}
	n.echo(ns, ":54")
	n.Eventually("the second datagram port answers", func() bool { return said(n, "127.0.0.1:5301") == "hello" })
	contains(t, n.Ok(n.netns("ls")).Stdout, "8000-8010:80-90/tcp", "127.0.0.1:5300-5301:53-54/udp")
	n.Fails(n.Run(n.Bundle(hooked("--publish", "8010-8011:1-2"))), "--publish: 8010-8011:1-2/tcp: container "+c.ID+" has that port of the host")
	n.Ok(n.Creel("delete", "--force", c.ID))
	n.empty()
	misses(t, host, "127.0.0.1:8005")
}

// said sends a word to an address, and returns what comes back.
func said(n *N, address string) string {
	n.Helper()
	c, err := net.Dial("udp", address)
	n.Must(err)
	defer c.Close()
	_, _ = c.Write([]byte("hello"))
	_ = c.SetReadDeadline(soon())
	var b [64]byte
	k, _ := c.Read(b[:])
	return string(b[:k])
}

func TestARangeMayBeLargerThanOneMessageToTheKernel(t *testing.T) {
	n := begin(t)
	id, _ := n.web("web", "--subnet6", "fd07::/64", "--publish", "127.0.0.1:20001-60000:1-40000")
	reaches(t, host, "127.0.0.1:20080", "web")
	_, other := n.web("other", "--publish", "8080:80")
	reaches(t, nsOf(other), hostIP+":8080", "other")
	n.Ok(n.Creel("delete", "--force", id))
	misses(t, host, "127.0.0.1:20080")
	reaches(t, host, hostIP+":8080", "other")
}

// filters6 says whether bridged packets of IPv6 are filtered.
const filters6 = "/proc/sys/net/bridge/bridge-nf-call-ip6tables"

func TestAPortIsPublishedOnTheLoopbackOfIPv6WhereTheKernelCan(t *testing.T) {
	n := begin(t)
	n.Host("echo 0 >" + filters6)
	n.Cleanup(func() { n.Host("echo 1 >" + filters6) })
	id, _ := n.web("web", "--subnet6", "fd07::/64", "--publish", "[::1]:8081:80")
	reaches(t, host, "[::1]:8081", "web")
	for _, address := range []string{"127.0.0.1:8081", "[" + hostIP6 + "]:8081", "[fd07::1]:8081"} {
		misses(t, host, address)
	}
	// The host's own servers are reached there as before.
	n.listen("[::1]:8083", "host")
	reaches(t, host, "[::1]:8083", "host")
	n.Fails(n.Run(n.Bundle(hooked("--publish", "[::1]:8081:80"))), "container "+id+" has that port of the host")

	reaches(t, host, "[::1]:8081", "web")
	if got := n.loopbackRoutes(); !strings.Contains(got, "creel0") {
		t.Errorf("the routes to ::1 are\n%s", got)
	}
	n.Ok(n.Creel("delete", "--force", id))
	misses(t, host, "[::1]:8081")
	if got := n.loopbackRoutes(); strings.Contains(got, "creel0") {
		t.Errorf("without the container there is still\n%s", got)
	}
}

// Whoever is on the same wire can send to ::1 at the host's hardware address. The kernel drops that, but bridged packets are
// translated before if they are filtered. No answer could come back: one datagram is what there is to see.
func TestWhatIsPublishedOnTheLoopbackOfIPv6IsNotReachedFromOutsideNorFromAContainer(t *testing.T) {
	n := begin(t)
	n.Host("echo 0 >" + filters6)
	n.Cleanup(func() { n.Host("echo 1 >" + filters6) })
	_, web := n.web("web", "--subnet6", "fd07::/64", "--publish", "[::1]:5353:53/udp")
	_, other := n.web("other")
	var server net.PacketConn
	_, err := in(nsOf(web), func() (_ string, err error) {
		server, err = net.ListenPacket("udp", "[::]:53")
		return "", err
	})
	n.Must(err)
	defer server.Close()
	const crafted = "ip addr del ::1/128 dev lo; ip -6 route add ::1/128 via "
	n.inside(other, crafted+"fd07::1 dev eth0")
	n.Host("ip netns exec outside sh -c '" + crafted + hostIP6 + " dev eth0'")
	n.Cleanup(func() {
		n.Host("ip netns exec outside sh -c 'ip -6 route del ::1/128 dev eth0; ip addr add ::1/128 dev lo'")
	})
	send := func(ns, word string) {
		_, err := in(ns, func() (string, error) {
			c, err := net.Dial("udp", "[::1]:5353")
			if err == nil {
				_, err = c.Write([]byte(word))
				c.Close()
			}
			return "", err
		})
		n.Must(err)
	}
	for _, filtered := range []string{"0", "1"} {
		n.Host("echo " + filtered + " >" + filters6)
		send(nsOf(other), "from a container")
		send(outside, "from outside")
		var got string
		n.Eventually("what the host sends arrives", func() bool {
			send(host, "from the host")
			_ = server.SetReadDeadline(soon())
			b := make([]byte, 64)
			k, _, _ := server.ReadFrom(b)
			got = string(b[:k])
			return k > 0
		})
		if got != "from the host" {
			t.Errorf("bridge-nf-call-ip6tables %s: the first that arrives is %q", filtered, got)
		}
		for err = nil; err == nil; { // what was sent meanwhile
			_ = server.SetReadDeadline(soon())
			_, _, err = server.ReadFrom(make([]byte, 64))
		}
	}
}

func (n *N) loopbackRoutes() string {
	n.Helper()
	return n.Host("ip -6 route show table local ::1")
}
