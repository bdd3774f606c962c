package conformance

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/creel-project/creel/tests/harness"
	"github.com/opencontainers/runtime-spec/specs-go"
)

var pairs int

// device makes a network device on the host with these addresses, and one that it is connected to.
func (c *C) device(addresses ...string) (name string) {
	c.Helper()
	pairs++
	name = fmt.Sprintf("cf%d-%d", os.Getpid(), pairs)
	peer := name + "p"
	c.Host("ip link add " + name + " type veth peer name " + peer + " && ip link set " + peer + " up")
	c.Cleanup(func() { c.Host("ip link del " + peer + " 2>/dev/null || true") })
	for _, a := range addresses {
		c.Host("ip addr add " + a + " dev " + name)
	}
	return name
}

func netDevice(name, inside string) harness.Mutate {
	return func(s *S) { s.Linux.NetDevices = map[string]specs.LinuxNetDevice{name: {Name: inside}} }
}

func TestNetDevices(t *testing.T) {
	each(t, "moved", func(c *C) {
		name := c.device()
		if got := c.Sh("ls /sys/class/net | sort", netDevice(name, "")); got != name+"\nlo" {
			c.Errorf("the container has %q", got)
		}
		if got := c.Sh("ls /sys/class/net | sort", netDevice(c.device(), "inside")); got != "inside\nlo" {
			c.Errorf("the container has %q", got)
		}
	})
	each(t, "absent", func(c *C) { c.refused(c.Bundle(netDevice("cf-none", "inside"))) })
	each(t, "taken", func(c *C) { c.refused(c.Bundle(netDevice(c.device(), "lo"))) })
	each(t, "template", func(c *C) {
		if got := c.Sh("ls /sys/class/net | sort", netDevice(c.device(), "inside%d")); got != "inside0\nlo" {
			c.Errorf("the container has %q", got)
		}
	})
	each(t, "addresses", func(c *C) {
		name := c.device("10.4.1.2/24", "fd00:4::2/64 nodad", "169.254.7.7/16 scope link", "10.4.2.2/24 valid_lft 1000 preferred_lft 1000")
		got := c.Sh("ip addr show inside", netDevice(name, "inside"))
		for address, want := range map[string]bool{"10.4.1.2/24": true, "fd00:4::2/64": true, "169.254.7.7": false, "10.4.2.2": false} {
			if strings.Contains(got, address) != want {
				c.Errorf("%s is to be there: %v:\n%s", address, want, got)
			}
		}
	})
	each(t, "up", func(c *C) {
		if got := c.Sh("cat /sys/class/net/inside/operstate", netDevice(c.device(), "inside")); got != "up" {
			c.Errorf("it is %q", got)
		}
	})
	// the namespace is another's, and so is the device from then on
	each(t, "stays", func(c *C) {
		pid := strings.TrimSpace(c.Host("unshare -n sh -c 'echo $$; exec sleep 100 >/dev/null 2>&1' &"))
		c.Cleanup(func() { c.Host("kill -9 " + pid) })
		b := c.Bundle(waits, harness.Namespace(specs.NetworkNamespace, "/proc/"+pid+"/ns/net"), netDevice(c.device("10.4.1.2/24"), "inside"))
		k := c.Create(b)
		c.Ok(c.Creel("start", k.ID))
		k.Says("}\n")
		c.stopped(k.ID)
		c.Ok(c.Creel("delete", k.ID))
		if got := c.Host("nsenter -t " + pid + " -n ip addr"); !strings.Contains(got, "inside") || !strings.Contains(got, "10.4.1.2/24") {
			c.Errorf("the namespace has\n%s", got)
		}
	})
}
