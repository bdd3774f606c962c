package docker

import (
	"io"
	"net/http"
	"strings"
	"testing"
)

func TestNetworkFlags(t *testing.T) {
	d := begin(t)
	d.runs(t, []run{
		{"none", "--network none", "ls /sys/class/net", "^lo$"},
		{"bridge", "", "ip -o -4 addr show eth0 && ip route", "inet 172.*\ndefault via 172"},
		{"further hosts", "--add-host there:192.0.2.7", "grep there /etc/hosts", "^192.0.2.7\\s"},
		{"name servers", "--dns 192.0.2.53 --dns-search example.test", "grep -v '^#' /etc/resolv.conf | sort", "nameserver 192.0.2.53\nsearch example.test$"},
		{"hardware address", "--mac-address 02:42:ac:11:00:77", "cat /sys/class/net/eth0/address", "^02:42:ac:11:00:77$"},
	})
}

func TestContainersOfANetworkFindEachOtherByName(t *testing.T) {
	d := begin(t)
	d.ok("network", "create", "--subnet", "10.77.0.0/24", "ours")
	d.Cleanup(func() { d.ok("network", "rm", "ours") })
	c := d.start("--network ours --name web --network-alias www --ip 10.77.0.9", "mkdir /w && echo page >/w/p && httpd -f -h /w")
	serves := func(from, url string) {
		t.Helper()
		d.Eventually("the server answers "+from, func() bool {
			r := d.do("", "run", "--rm", "--network", from, image, "wget", "-q", "-O", "-", url)
			return strings.TrimSpace(r.Stdout) == "page"
		})
	}
	serves("ours", "http://web/p")
	serves("ours", "http://www/p")
	serves("container:"+c, "http://10.77.0.9/p")
	late := d.start("", "sleep 1000")
	d.ok("network", "connect", "ours", late)
	if out := d.ok("exec", late, "wget", "-q", "-O", "-", "http://web/p"); out != "page" {
		t.Errorf("a container that joined later got %q", out)
	}
	d.ok("network", "disconnect", "ours", late)
}

func TestAPublishedPortLeadsIntoTheContainer(t *testing.T) {
	d := begin(t)
	d.start("-p 127.0.0.1:8077:80", "mkdir /w && echo published >/w/p && httpd -f -h /w")
	d.Eventually("the published port answers", func() bool {
		r, err := http.Get("http://127.0.0.1:8077/p")
		if err != nil {
			return false
		}
		defer r.Body.Close()
		text, err := io.ReadAll(r.Body)
		return err == nil && string(text) == "published\n"
	})
}
