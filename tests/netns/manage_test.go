package netns

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/creel-project/creel/hooks/netns/record"
)

func TestABridgeThatWasCreatedStaysUntilItIsRemoved(t *testing.T) {
	n := begin(t)
	n.Ok(n.netns("create", "--subnet", "10.5.0.1/24", "--mtu", "1400", "own0"))
	n.Fails(n.netns("create", "own0"), "own0 exists already")
	contains(t, n.Host("ip addr show own0"), "inet 10.5.0.1/24", "mtu 1400")
	id, _ := n.web("web", "--bridge", "own0", "--publish", "8080:80")
	n.Fails(n.netns("rm", "own0"), "the bridge own0 is in use by "+id+": --force")
	n.Ok(n.Creel("delete", "--force", id))
	n.Ok(n.netns("rm", "own0"))
	if links := n.Host("ip -o link show type bridge"); links != "" {
		t.Errorf("there is still\n%s", links)
	}
}

func TestForceRemovesABridgeFromUnderItsContainers(t *testing.T) {
	n := begin(t)
	id, pid := n.web("web", "--publish", "8080:80")
	n.Ok(n.netns("rm", "--force", "creel0"))
	n.empty()
	if links := n.inside(pid, "ip -o link"); strings.Contains(links, "eth0") {
		t.Errorf("the container still has\n%s", links)
	}
	n.Ok(n.Creel("delete", "--force", id))
}

func TestABridgeThatWasThereIsUsedAndStays(t *testing.T) {
	n := begin(t)
	n.Host("ip link add there0 type bridge && ip addr add 10.66.0.7/24 dev there0")
	id, _ := n.web("web", "--bridge", "there0")
	reaches(t, host, "10.66.0.2:80", "web")
	n.Ok(n.Creel("delete", "--force", id))
	n.Ok(n.netns("rm", "there0"))
	contains(t, n.Host("ip addr show there0"), "10.66.0.7/24")
}

func TestABridgeThatSomebodyRemovedIsMadeAgain(t *testing.T) {
	n := begin(t)
	n.Ok(n.netns("create", "own0"))
	n.Host("ip link del own0")
	n.web("web", "--bridge", "own0")
	reaches(t, host, "172.19.0.2:80", "web")
}

func TestListAndInspectSayWhoHasWhat(t *testing.T) {
	n := begin(t)
	id, pid := n.web("web", "--subnet6", "fd07::/64", "--publish", "127.0.0.1:8080:80")
	contains(t, n.Ok(n.netns("ls")).Stdout, "creel0", "172.19.0.1/16", "fd07::1/64", id, "running", "172.19.0.2", "fd07::2", "127.0.0.1:8080:80/tcp")
	for _, name := range []string{id, "creel0"} {
		contains(t, n.Ok(n.netns("inspect", name)).Stdout, id, "02:ce:ac:13:00:02", "running")
		var got struct {
			Bridges    []struct{ Bridge, Address string }
			Containers []struct {
				ID, Status, Address, Bundle string
				Pid                         int
				Netns                       uint64
				Ports                       []string
			}
		}
		n.Must(json.Unmarshal([]byte(n.Ok(n.netns("inspect", "--json", name)).Stdout), &got))
		if c := got.Containers; len(c) != 1 || c[0].ID != id || c[0].Pid != pid || c[0].Status != "running" || c[0].Address != "172.19.0.2" ||
			len(c[0].Ports) != 1 || c[0].Netns == 0 || !strings.HasPrefix(c[0].Bundle, n.Path()) {
			t.Errorf("inspect %s: %+v", name, c)
		}
	}
	contains(t, n.Ok(n.Creel("netns", "ls")).Stdout, id) // as a command of creel's
}

func TestTwoStateDirectoriesDoNotDisturbEachOther(t *testing.T) {
	n := begin(t)
	other := []string{"--state-dir", "/run/another", "--bridge", "other0"}
	_, web := n.hollow("web")
	n.Ok(n.fed(web, program(), append([]string{"hook", "--publish", "8081:80"}, other...)...))
	id, _ := n.web("here", "--publish", "8080:80")
	s, err := record.Read("/run/another")
	n.Must(err)
	_, err = in(nsOf(s.Endpoints[0].Pid), func() (string, error) {
		n.listen(":80", "there")
		return "", nil
	})
	n.Must(err)
	reaches(t, host, "127.0.0.1:8080", "here")
	reaches(t, host, "127.0.0.1:8081", "there")
	n.Ok(n.Creel("delete", "--force", id))
	n.Ok(n.netns("rm", "creel0"))
	reaches(t, host, "127.0.0.1:8081", "there")
	n.Ok(n.netns("rm", "--force", "--state-dir", "/run/another", "other0"))
	misses(t, host, "127.0.0.1:8081")
}
