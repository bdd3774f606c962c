package netns

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const plugins = "/usr/lib/cni"

// cni writes a configuration with a bridge and published ports.
func (n *N) cni() (flags []string) {
	n.Helper()
	if _, err := os.Stat(filepath.Join(plugins, "bridge")); err != nil {
		n.Fatalf("package containernetworking-plugins: %v", err)
	}
	dir := n.Path("net.d")
	n.WriteFile(filepath.Join(dir, "10-test.conflist"), `{"cniVersion":"0.4.0","name":"test","plugins":[
		{"type":"bridge","bridge":"cni7","isGateway":true,"ipMasq":true,"ipam":{"type":"host-local","dataDir":"`+n.Path("ipam")+`","ranges":[[{"subnet":"10.44.0.0/24"}]],"routes":[{"dst":"0.0.0.0/0"}]}},
		{"type":"portmap","capabilities":{"portMappings":true}}]}`, 0o644)
	n.Cleanup(func() {
		n.Host("ip link del cni7; for t in nat filter; do iptables -t $t -F; iptables -t $t -X; done")
	})
	return []string{"--cni", "test", "--cni-conf-dir", dir, "--cni-bin-dir", plugins}
}

func TestPluginsOfCNIMakeTheInterfaceAndRemoveIt(t *testing.T) {
	n := begin(t)
	id, pid := n.web("web", append(n.cni(), "--publish", "8080:80")...)
	contains(t, n.inside(pid, "ip addr; ip route"), "inet 10.44.0.2/24", "default via 10.44.0.1")
	reaches(t, outside, hostIP+":8080", "web")
	reaches(t, nsOf(pid), outsideIP+":80", "outside")
	contains(t, n.Ok(n.netns("ls")).Stdout, id, "cni:test", "8080:80/tcp")
	held, err := os.Open(nsOf(pid)) // as a connection may that the container left
	n.Must(err)
	defer held.Close()
	n.Must(os.RemoveAll(n.Path("net.d"))) // what was done is known nevertheless
	n.Ok(n.Creel("delete", "--force", id))
	n.empty()
	misses(t, outside, hostIP+":8080")
	if _, err := os.Stat(n.Path("ipam/test/10.44.0.2")); !os.IsNotExist(err) {
		t.Errorf("the address is still taken: %v", err)
	}
}

func TestAPluginThatFailsFailsTheContainerAndNothingIsLeft(t *testing.T) {
	n := begin(t)
	flags := n.cni()
	conf := n.Path("net.d/10-test.conflist")
	text, err := os.ReadFile(conf)
	n.Must(err)
	n.WriteFile(conf, strings.Replace(string(text), "10.44.0.0/24", "10.44.0.0/30", 1), 0o644)
	id, _ := n.web("web", flags...)
	n.Fails(n.Run(n.Bundle(hooked(flags...))), "--cni: test: ", "no IP addresses available")
	n.Ok(n.Creel("delete", "--force", id))
	n.empty()
}

func TestAPluginThatIsMissingKeepsNobodyElseFromTheNetwork(t *testing.T) {
	n := begin(t)
	flags := append([]string{"hook"}, n.cni()...)
	conf := n.Path("net.d/10-test.conflist")
	text, err := os.ReadFile(conf)
	n.Must(err)
	missing := strings.Replace(string(text), `"type":"bridge"`, `"type":"missing"`, 1)
	n.WriteFile(conf, missing, 0o644)
	p, lost := n.hollow("lost")
	n.Fails(n.fed(lost, program(), flags...), "--cni: test: ", "find plugin", "missing")
	n.empty()
	// One whose plugin is gone when it is released is remembered, until it is forgotten by force.
	n.WriteFile(conf, string(text), 0o644)
	n.Ok(n.fed(lost, program(), flags...))
	n.Must(p.Process.Kill())
	_ = p.Wait()
	n.Host("rm " + stateDir + "/cni/results/*lost*")
	n.WriteFile(conf, missing, 0o644)
	n.WriteFile(n.Path("net.d/easy.conf"), `{"cniVersion":"0.4.0","name":"easy","type":"loopback"}`, 0o644)
	_, next := n.hollow("next")
	n.Ok(n.fed(next, program(), append(flags, "--cni", "easy")...))
	n.Ok(n.fed(next, program(), "release"))
	n.Fails(n.netns("release", "lost"), "release: lost: ")
	contains(t, n.netns("ls").Stdout, "lost")
	n.Fails(n.netns("release", "--force", "lost"), "release: lost: ")
	n.empty()
}

func TestTheNextHookOfCNICollectsWhatWasNotReleased(t *testing.T) {
	n := begin(t)
	flags := append([]string{"hook"}, n.cni()...)
	p, text := n.hollow("lost")
	n.Ok(n.fed(text, program(), flags...))
	n.Must(p.Process.Kill())
	_ = p.Wait()
	_, next := n.hollow("next")
	n.Ok(n.fed(next, program(), flags...))
	if _, err := os.Stat(n.Path("ipam/test/10.44.0.2")); !os.IsNotExist(err) {
		t.Errorf("the address is still taken: %v", err)
	}
	n.Ok(n.fed(next, program(), "release"))
	n.empty()
}
