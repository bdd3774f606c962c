package image

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/creel-project/creel/tests/harness"
	"github.com/google/nftables"
)

// nameServer is an address of the host that a container reaches through its bridge, and what the host itself asks.
const nameServer = "192.0.2.53"

// usually are the lines of the host's resolv.conf.
var usually = []string{"nameserver 127.0.0.53", "nameserver " + nameServer, "search far.test"}

// prepare gives the host an address beside its loopback, and files that say whom it asks for names.
func prepare(string) error {
	out, err := exec.Command("sh", "-c", "set -e; ip link add there0 type bridge; ip addr add "+nameServer+"/32 dev there0; ip link set there0 up").CombinedOutput()
	if err != nil {
		return fmt.Errorf("%w: %s", err, out)
	}
	if err := os.WriteFile("/etc/hosts", []byte("127.0.0.1 localhost\n192.0.2.53 only.hosts.test\n"), 0o644); err != nil {
		return err
	}
	return hostAsks(usually...)
}

// hostAsks writes the host's resolv.conf.
func hostAsks(lines ...string) error {
	if err := os.Remove("/etc/resolv.conf"); err != nil && !os.IsNotExist(err) {
		return err
	}
	return os.WriteFile("/etc/resolv.conf", []byte(strings.Join(lines, "\n")+"\n"), 0o644)
}

// page is what the server at an address says.
func page(address string) (string, error) {
	r, err := http.Get("http://" + address + "/")
	if err != nil {
		return "", err
	}
	defer r.Body.Close()
	text, err := io.ReadAll(r.Body)
	return string(text), err
}

// netns runs creel-netns.
func (b *b) netns(args ...string) string {
	b.Helper()
	return b.Ok(b.Program(filepath.Join(filepath.Dir(program()), "creel-netns"), args...)).Stdout
}

// nothingLeft fails the test if a container still has something of a network, and takes the bridge away.
func (b *b) nothingLeft() {
	b.Helper()
	bridges := b.netns("ls", "--json")
	if !strings.Contains(bridges, `"containers": []`) {
		b.Errorf("there are still\n%s", bridges)
	}
	if got := b.Host("ip -o link show type veth"); got != "" {
		b.Errorf("there is still\n%s", got)
	}
	if strings.Contains(bridges, `"creel0"`) {
		b.netns("rm", "--force", "creel0")
	}
	c, err := nftables.New()
	b.Must(err)
	tables, err := c.ListTables()
	b.Must(err)
	for _, t := range tables {
		if strings.HasPrefix(t.Name, "creel") {
			b.Errorf("there is still a table %s", t.Name)
		}
	}
}

const resolves = "cat /etc/resolv.conf /etc/hosts; wget -q -O - http://some.name.test:8000/; hostname; wget -q -O - http://$(hostname):80/; wget -q -O - http://localhost:80/"

func TestAContainerOfAnImageHasANetworkAndResolvesNames(t *testing.T) {
	b := begin(t)
	b.NameServer(nameServer)
	b.WebServer(nameServer+":8000", "by its name")
	from := "oci:" + b.layout(10)
	const serve = "mkdir -p /tmp/w; echo itself >/tmp/w/index.html; httpd -h /tmp/w; "
	const want = "search far.test\nnameserver 192.0.2.53\n" +
		"127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\nff02::1\tip6-allnodes\nff02::2\tip6-allrouters\n%s\tcreel\n" +
		"by its name\ncreel\nitself\nitself\n"
	for _, flags := range [][]string{nil, {"--overlay"}, {"--userns", "300000:65536"}, {"--network", "netns"}} {
		r := b.bundle("run", append(append([]string{"-q"}, flags...), from, serve+resolves)...)
		if r.Status != 0 || r.Stdout != fmt.Sprintf(want, "172.19.0.2") || r.Stderr != "" {
			t.Errorf("%q: %v", flags, r)
		}
		b.only(filepath.Join(b.store, "run"))
		b.nothingLeft()
	}
	// A bundle keeps its network; names are those of when it runs.
	b.Ok(b.bundle("unpack", "--no-terminal", "--network", "netns", "--dns", "192.0.2.99", from, b.Path("dns"), "cat /etc/resolv.conf"))
	b.Ok(b.bundle("unpack", "--no-terminal", "--network", "netns", from, b.Path("bundle"), serve+resolves))
	// Distributions have a link there, which in an image leads nowhere.
	b.Must(os.RemoveAll(b.Path("bundle/rootfs/etc/resolv.conf")))
	b.Must(os.Symlink("../run/systemd/resolve/stub-resolv.conf", b.Path("bundle/rootfs/etc/resolv.conf")))
	b.Must(hostAsks("nameserver "+nameServer, "search near.test", "options ndots:2"))
	b.Cleanup(func() { b.Must(hostAsks(usually...)) })
	for range 2 {
		if got := b.run(b.Path("bundle")); !strings.HasPrefix(got, "search near.test\nnameserver 192.0.2.53\noptions ndots:2\n") || !strings.HasSuffix(got, "by its name\ncreel\nitself\nitself\n") {
			t.Errorf("it said %q", got)
		}
	}
	if got := b.run(b.Path("dns")); got != "search near.test\nnameserver 192.0.2.99\noptions ndots:2\n" {
		t.Errorf("with --dns it has %q", got)
	}
	b.nothingLeft()
}

func TestAPortOfAContainerOfAnImageIsPublished(t *testing.T) {
	b := begin(t)
	from := "oci:" + b.layout(10)
	p := b.start("run", "-q", "--id", b.ID(), "--publish", "127.0.0.1:8080-8081:80-81", from, "mkdir /tmp/w; echo published >/tmp/w/index.html; httpd -p 81 -h /tmp/w; httpd -h /tmp/w; trap 'exit 3' TERM; sleep 1000 & wait")
	for _, address := range []string{"127.0.0.1:8080", "127.0.0.1:8081"} {
		b.Eventually("the server answers on "+address, func() bool {
			text, err := page(address)
			return err == nil && text == "published\n"
		})
	}
	b.Fails(b.bundle("run", "-q", "-p", "127.0.0.1:8081:80", from), "has that port of the host")
	b.Must(p.Process.Signal(syscall.SIGTERM))
	if r := p.Result(); r.Status != 3 {
		t.Errorf("%v", r)
	}
	if text, err := page("127.0.0.1:8080"); err == nil {
		t.Errorf("when it is gone somebody says %q", text)
	}
	b.only(filepath.Join(b.store, "run"))
	b.nothingLeft()
}

func TestAnImageHasTheNetworkThatWasAskedFor(t *testing.T) {
	b := begin(t)
	from := "oci:" + b.layout(10)
	b.WebServer("127.0.0.1:8000", "on the loopback")
	const look = "ip -o link | cut -d: -f2 | xargs echo; wget -q -O - http://localhost:8000/ || true; cat /etc/resolv.conf /etc/hosts 2>/dev/null || true; echo >/etc/hosts || true"
	host, err := os.ReadFile("/etc/hosts")
	b.Must(err)
	conf, err := os.ReadFile("/etc/resolv.conf")
	b.Must(err)
	for _, userns := range [][]string{nil, {"--userns", "300000:65536"}} {
		r := b.bundle("run", append(userns, "-q", "--network", "host", from, look)...)
		if !strings.Contains(r.Stdout, "there0") || !strings.HasSuffix(r.Stdout, "on the loopback\n"+string(conf)+string(host)) {
			t.Errorf("%q, host: %v", userns, r)
		}
		r = b.bundle("run", append(userns, "-q", "--network", "none", from, look)...)
		if r.Stdout != "lo\n" {
			t.Errorf("%q, none: %v", userns, r)
		}
	}
	if after, err := os.ReadFile("/etc/hosts"); err != nil || string(after) != string(host) {
		t.Errorf("the host's file is %q, %v", after, err)
	}
	// Without a flag a bundle has no more than its image.
	b.Ok(b.bundle("unpack", "--no-terminal", from, b.Path("plain"), look))
	if got := b.run(b.Path("plain")); got != "lo\n" {
		t.Errorf("unpacked: %q", got)
	}
	b.only(b.Path("plain"), "config.json", "image.json", "rootfs")
	for flags, want := range map[string]string{
		"--network bridge":                      `--network "bridge": want netns, cni, none or host`,
		"--network cni":                         "want the name of the network: --cni NAME",
		"--network none --publish 80:80":        "--publish: with --network none nobody makes a network",
		"--network host --dns 192.0.2.1":        "--dns: with --network host nobody makes a network",
		"--network netns --cni x":               "--cni: it is for --network cni",
		"--publish 80":                          "--publish: 80: ",
		"--dns example.test":                    `--dns: "example.test" is no address`,
		"--network cni --cni no-such-network-x": "there is no configuration named ",
	} {
		b.Fails(b.bundle("run", append(strings.Fields(flags), "-q", from)...), want)
		b.only(filepath.Join(b.store, "run"))
	}
	b.nothingLeft()
}

func TestWithoutCreelNetnsAContainerOfAnImageHasNoNetworkAndThatIsSaid(t *testing.T) {
	b := begin(t)
	from := "oci:" + b.layout(10)
	bin := b.Path("bin")
	b.Must(os.Mkdir(bin, 0o755))
	b.Host("cp " + harness.Program() + " " + program() + " " + bin)
	run := func(flags ...string) harness.Result {
		b.Helper()
		return b.GoProgram(func(c *exec.Cmd) { c.Env = []string{"PATH=/usr/bin:/bin"} }, filepath.Join(bin, "creel-bundle"),
			append(append([]string{"run", "--store", b.store, "-q"}, flags...), from, "ip -o link | cut -d: -f2")...).Result()
	}
	if r := b.Ok(run()); r.Stdout != " lo\n" || !strings.Contains(r.Stderr, "creel-netns is neither beside creel-bundle nor in PATH: the container has no network") {
		t.Errorf("%v", r)
	}
	if r := b.Ok(run("--network", "none")); r.Stdout != " lo\n" || r.Stderr != "" {
		t.Errorf("none: %v", r)
	}
	b.Fails(run("--network", "netns"), "name it with --netns-program")
	if r := b.Ok(run("--netns-program", filepath.Join(filepath.Dir(program()), "creel-netns"))); !strings.Contains(r.Stdout, " eth0@") {
		t.Errorf("--netns-program: %v", r)
	}
	b.nothingLeft()
}

func TestPluginsOfCNIMakeTheNetworkOfAnImage(t *testing.T) {
	b := begin(t)
	const conf = "/etc/cni/net.d/lab.conflist"
	b.WriteFile(conf, `{"cniVersion":"0.4.0","name":"lab","plugins":[{"type":"bridge","bridge":"cni7","isGateway":true,
		"dns":{"nameservers":["10.45.0.1"],"search":["lab.test"]},"ipam":{"type":"host-local","dataDir":"`+b.Path("ipam")+`","ranges":[[{"subnet":"10.45.0.0/24"}]]}}]}`, 0o644)
	b.Cleanup(func() { b.Must(os.Remove(conf)); b.Host("ip link del cni7") })
	r := b.Ok(b.bundle("run", "-q", "--cni", "lab", "oci:"+b.layout(10), "cat /etc/resolv.conf; grep creel /etc/hosts; ip -o -4 addr show eth0 | grep -c 10.45.0.2/24"))
	if r.Stdout != "search lab.test\nnameserver 10.45.0.1\n10.45.0.2\tcreel\n1\n" {
		t.Errorf("%v", r)
	}
	b.nothingLeft()
	if taken, err := filepath.Glob(b.Path("ipam", "lab", "10.*")); err != nil || len(taken) > 0 {
		t.Errorf("still taken: %q, %v", taken, err)
	}
	b.only("/run/creel-netns/cni/results")
}

func TestAHostWithoutANameServerThatContainersReachIsWarnedOf(t *testing.T) {
	b := begin(t)
	from := "oci:" + b.layout(10)
	b.Must(hostAsks("nameserver 127.0.0.53", "nameserver fe80::1%there0"))
	b.Cleanup(func() { b.Must(hostAsks(usually...)) })
	r := b.Ok(b.bundle("run", "-q", from, "cat /etc/resolv.conf"))
	if r.Stdout != "# the host has no name server that a container reaches\n" || !strings.Contains(r.Stderr, "names are not resolved unless --dns names one") {
		t.Errorf("%v", r)
	}
	// What systemd-resolved asks is what containers ask.
	b.WriteFile("/run/systemd/resolve/resolv.conf", "nameserver 192.0.2.7\n", 0o644)
	b.Cleanup(func() { os.RemoveAll("/run/systemd") })
	r = b.Ok(b.bundle("run", "-q", from, "cat /etc/resolv.conf"))
	if r.Stdout != "nameserver 192.0.2.7\n" || r.Stderr != "" {
		t.Errorf("with systemd-resolved: %v", r)
	}
	b.nothingLeft()
}

func TestAnOrdinaryUsersContainerSharesTheHostsNetwork(t *testing.T) {
	b := begin(t)
	from := b.push("hello:1", b.busybox())
	b.NameServer(nameServer)
	b.WebServer(nameServer+":8000", "by its name")
	b.Must(hostAsks("nameserver " + nameServer))
	b.Cleanup(func() { b.Must(hostAsks(usually...)) })
	user := b.ordinary()
	r := b.Ok(user(program(), "run", "-q", from, "id -u; wget -q -O - http://some.name.test:8000/"))
	if r.Stdout != "0\nby its name\n" {
		t.Errorf("%v", r)
	}
	r = b.Ok(user(program(), "run", "-q", "--network", "none", from, "ip -o link | cut -d: -f2"))
	if r.Stdout != " lo\n" {
		t.Errorf("none: %v", r)
	}
	b.Fails(user(program(), "run", "-q", "--publish", "8080:80", from), "--network netns: only root may make one")
}
