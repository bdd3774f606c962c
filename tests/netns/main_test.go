// Package netns runs containers with creel-netns as their hook, in a network of the tests' own: a host with an uplink to
// a namespace called outside, which knows no way to the containers.
package netns

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/creel-project/creel/tests/harness"
	"github.com/google/nftables"
	"github.com/opencontainers/runtime-spec/specs-go"
)

// The host's address at its uplink, and the one of the other side.
const (
	hostIP, outsideIP   = "203.0.113.1", "203.0.113.2"
	hostIP6, outsideIP6 = "2001:db8:1::1", "2001:db8:1::2"
)

func TestMain(m *testing.M) {
	os.Exit(harness.MainIn(m, harness.World{
		Network: true, Tmpfs: []string{"/run", "/var/log", "/etc/firewalld"}, Prepare: prepare, End: end,
		Needs: map[string]string{"ip": "iproute2", "iptables-nft": "iptables", "strace": "strace", "nsenter": "util-linux",
			"firewalld": "firewalld", "dbus-daemon": "dbus-daemon", "dbus-send": "dbus-bin"},
	}))
}

var outsideServer *exec.Cmd

func prepare(dir string) error {
	const script = `set -e
mkdir -p /run/xtables
ip netns add outside
ip link add up0 type veth peer name eth0 netns outside
ip addr add 203.0.113.1/24 dev up0
ip addr add 2001:db8:1::1/64 dev up0 nodad
ip link set up0 up
ip -n outside link set lo up
ip -n outside addr add 203.0.113.2/24 dev eth0
ip -n outside addr add 2001:db8:1::2/64 dev eth0 nodad
ip -n outside link set eth0 up
ip route add default via 203.0.113.2
ip -6 route add default via 2001:db8:1::2`
	if out, err := exec.Command("sh", "-c", script).CombinedOutput(); err != nil {
		return fmt.Errorf("%w: %s", err, out)
	}
	www := filepath.Join(dir, "www")
	if err := errors.Join(os.Mkdir(www, 0o755), os.WriteFile(filepath.Join(www, "index.html"), []byte("outside\n"), 0o644)); err != nil {
		return err
	}
	outsideServer = exec.Command("ip", "netns", "exec", "outside", "busybox", "httpd", "-f", "-p", "[::]:80", "-h", www)
	return outsideServer.Start()
}

func end() error {
	if outsideServer == nil {
		return nil
	}
	err := outsideServer.Process.Kill()
	_ = outsideServer.Wait()
	return err
}

// N is a test's hold of creel-netns.
type N struct {
	*harness.H
	t *testing.T
}

// program is creel-netns, beside the creel under test.
func program() string { return filepath.Join(filepath.Dir(harness.Program()), "creel-netns") }

type S = specs.Spec

const stateDir = "/run/creel-netns"

// begin starts a test, at whose end nothing may be left on the host.
func begin(t *testing.T) *N {
	t.Helper()
	n := &N{harness.New(t), t}
	before := n.traces()
	t.Cleanup(func() {
		n.DeleteAll()
		n.Host("for b in $(ip -o link show type bridge | cut -d: -f2); do " + program() + " rm --force $b || ip link del $b; done")
		if after := n.traces(); after != before {
			t.Errorf("on the host there was\n%s\nand there is\n%s", before, after)
			n.Host("for v in $(ip -o link show type veth | cut -d: -f2 | cut -d@ -f1); do [ $v = up0 ] || ip link del $v; done")
		}
		os.RemoveAll(stateDir)
	})
	return n
}

// traces lists all on the host that creel-netns may have left.
func (n *N) traces() string {
	n.Helper()
	c, err := nftables.New()
	n.Must(err)
	tables, err := c.ListTables()
	n.Must(err)
	var all []string
	for _, t := range tables {
		if strings.HasPrefix(t.Name, "creel") {
			all = append(all, "table "+t.Name)
		}
	}
	all = append(all, n.Host("ip -o link | cut -d: -f2 | cut -d@ -f1; ip rule; ip route; ip -6 route | grep -v fe80"))
	for _, tool := range []string{"iptables-nft -S", "iptables-nft -t nat -S"} {
		all = append(all, n.Host(tool+" 2>/dev/null | grep creel || true"))
	}
	return strings.Join(all, "\n")
}

// hooked gives a container the hook with these arguments, and the release.
func hooked(args ...string) harness.Mutate {
	return func(s *specs.Spec) {
		if s.Hooks == nil {
			s.Hooks = &specs.Hooks{}
		}
		s.Hooks.CreateRuntime = append(s.Hooks.CreateRuntime, specs.Hook{Path: program(), Args: append([]string{"creel-netns", "hook"}, args...)})
		s.Hooks.Poststop = []specs.Hook{{Path: program(), Args: []string{"creel-netns", "release"}}}
	}
}

// A web server that says a word, to IPv4 and IPv6.
func serving(word string) harness.Mutate {
	return harness.Script("mkdir /dev/shm/w; echo " + word + " >/dev/shm/w/index.html; exec httpd -f -p '[::]:80' -h /dev/shm/w")
}

// web starts a container with a web server that says its name, and returns its id and its pid.
func (n *N) web(name string, args ...string) (id string, pid int) {
	n.Helper()
	c := n.Started(n.Bundle(serving(name), hooked(args...)))
	pid = n.State(c.ID).Pid
	n.Eventually("the server in "+name+" listens", func() bool {
		return strings.Contains(n.inside(pid, "cat /proc/self/net/tcp6"), ":0050 ")
	})
	return c.ID, pid
}

// inside runs a command of the host in the network namespace of a process.
func (n *N) inside(pid int, script string) string {
	n.Helper()
	out, err := exec.Command("nsenter", "-t", fmt.Sprint(pid), "-n", "sh", "-c", script).CombinedOutput()
	if err != nil {
		n.Fatalf("%s: %v\n%s", script, err, out)
	}
	return string(out)
}

// netns runs creel-netns to its end.
func (n *N) netns(args ...string) harness.Result {
	n.Helper()
	return n.Program(program(), args...)
}
