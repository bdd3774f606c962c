package container

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/creel-project/creel/tests/harness"
	"github.com/opencontainers/runtime-spec/specs-go"
)

var pairs int

// veth makes a pair of devices, the first of which is for the container, with
// addresses and an MTU.
func veth(h *harness.H) (name, peer string) {
	h.Helper()
	pairs++ // the end of a network namespace, and of what is in it, takes its time
	name, peer = fmt.Sprintf("cr%d-%da", os.Getpid(), pairs), fmt.Sprintf("cr%d-%db", os.Getpid(), pairs)
	h.Host("ip link add " + name + " mtu 1400 type veth peer name " + peer)
	h.Cleanup(func() { h.Host("ip link del " + peer + " 2>/dev/null || true") })
	h.Host("ip addr add 10.4.1.2/24 broadcast 10.4.1.255 dev " + name + "; ip addr add 10.4.1.3/24 dev " + name +
		"; ip addr add 10.4.9.1 peer 10.4.9.2/30 dev " + name + "; ip -6 addr add fd00:4::2/64 nodad dev " + name +
		"; ip addr add 169.254.7.7/16 scope link dev " + name + "; ip addr add 10.4.2.2/24 dev " + name + " valid_lft 1000 preferred_lft 1000")
	return name, peer
}

func netDevices(pairs ...string) harness.Mutate {
	return func(s *S) {
		s.Linux.NetDevices = map[string]specs.LinuxNetDevice{}
		for i := 0; i < len(pairs); i += 2 {
			s.Linux.NetDevices[pairs[i]] = specs.LinuxNetDevice{Name: pairs[i+1]}
		}
	}
}

func TestANetworkDeviceMovesWithItsPermanentGlobalAddresses(t *testing.T) {
	h := harness.New(t)
	name, peer := veth(h)
	h.Host("ip link set " + peer + " up")
	host := h.Host("ip link show " + name)
	b := h.Bundle(harness.Script("ip addr; cat /sys/class/net/eth7/operstate"), netDevices(name, "eth7"))
	r := h.Ok(h.Run(b))
	contains(t, r.Stdout, "inet 10.4.1.2/24 brd 10.4.1.255 scope global eth7", "inet 10.4.1.3/24 scope global secondary eth7",
		"inet 10.4.9.1 peer 10.4.9.2/30 scope global eth7", "inet6 fd00:4::2/64", "eth7@", ",UP,", "mtu 1400", "\nup")
	for _, none := range []string{"169.254.7.7", "10.4.2.2"} {
		if strings.Contains(r.Stdout, none) {
			t.Errorf("%s is not permanent and global, yet it came along:\n%s", none, r.Stdout)
		}
	}
	mac := strings.Fields(host[strings.Index(host, "link/ether"):])[1]
	contains(t, r.Stdout, mac)
}

func TestANetworkDeviceKeepsItsNameUnlessItGetsOne(t *testing.T) {
	h := harness.New(t)
	name, _ := veth(h)
	if got := h.Sh("ls /sys/class/net", netDevices(name, "")); got != name+"\nlo" && got != "lo\n"+name {
		t.Errorf("the container has %q", got)
	}
}

func TestTheKernelNumbersADeviceWhoseNameIsATemplate(t *testing.T) {
	h := harness.New(t)
	name, peer := veth(h)
	if got := h.Sh("ls /sys/class/net; ip -4 -o addr show dev net1 | grep -c global", netDevices(name, "net%d", peer, "net0")); got != "lo\nnet0\nnet1\n3" {
		t.Errorf("the container has %q", got)
	}
}

func TestDevicesMoveIntoAUserNamespacesNetworkAndIntoOneByPath(t *testing.T) {
	h := harness.New(t)
	name, _ := veth(h)
	contains(t, h.Sh("ip addr", shifted(h), netDevices(name, "eth0")), "inet 10.4.1.2/24")

	name, _ = veth(h)
	// a process that holds it, which says its pid once it is there
	pid := strings.TrimSpace(h.Host("unshare -n sh -c 'echo $$; exec sleep 100 >/dev/null 2>&1' &"))
	h.Cleanup(func() { h.Host("kill -9 " + pid) })
	joined := harness.Namespace(specs.NetworkNamespace, "/proc/"+pid+"/ns/net")
	contains(t, h.Sh("ip addr", joined, netDevices(name, "eth0")), "inet 10.4.1.2/24")
	contains(t, h.Host("nsenter -t "+pid+" -n ip addr"), "inet 10.4.1.2/24") // the namespace's owner has it now
	b := h.Bundle(joined, netDevices("lo", "eth0"))
	h.Fails(h.Run(b), `linux.netDevices["lo"]: move to "eth0" in the container: file exists`)
}

func TestDevicesAreThereBeforeTheHooks(t *testing.T) {
	h := harness.New(t)
	name, _ := veth(h)
	out := h.Path("seen")
	hook := h.Script("hook", "pid=$(sed 's/.*\"pid\":\\([0-9]*\\).*/\\1/'); nsenter -t $pid -n ip addr > "+out)
	h.Ok(h.Run(h.Bundle(netDevices(name, "eth0"), func(s *S) {
		s.Hooks = &specs.Hooks{CreateRuntime: []specs.Hook{{Path: hook, Env: []string{"PATH=" + os.Getenv("PATH")}}}}
	})))
	seen, err := os.ReadFile(out)
	h.Must(err)
	contains(t, string(seen), "eth0", "inet 10.4.1.2/24")
}

// TestWhatCannotBeMovedLeavesAllDevicesOnTheHost: with names, addresses and state.
func TestWhatCannotBeMovedLeavesAllDevicesOnTheHost(t *testing.T) {
	h := harness.New(t)
	name, peer := veth(h)
	h.Host("ip link set " + name + " up")
	before := h.Host("ip -4 addr show dev " + name + " scope global | grep -v dynamic | grep inet")
	for want, m := range map[string]harness.Mutate{
		`linux.netDevices["crNone"]: find the device: no such device`:                  netDevices(name, "eth0", "crNone", ""),
		`linux.netDevices["` + peer + `"]: move to "lo" in the container: file exists`: netDevices(name, "eth0", peer, "lo"),
		// it is moved, then the next device cannot be
		`linux.netDevices["lo"]: move to "zlo" in the container: `: netDevices(name, "eth0", "lo", "zlo"),
		// it is moved, then the creation fails
		`executable file not found`: func(s *S) { netDevices(name, "eth0")(s); s.Process.Args = []string{"nothing"} },
	} {
		h.Fails(h.Run(h.Bundle(m)), want)
		now := h.Host("ip addr show dev " + name)
		contains(t, now, "mtu 1400", "inet6 fd00:4::2/64", ",UP,")
		for line := range strings.Lines(before) {
			contains(t, now, strings.TrimSpace(strings.Split(line, "valid_lft")[0]))
		}
	}
}
