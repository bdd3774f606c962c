package netns

import (
	"os"
	"strings"
	"testing"
)

const busConfig = `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-BUS Bus Configuration 1.0//EN" "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>system</type><listen>unix:path=/run/dbus/system_bus_socket</listen><auth>EXTERNAL</auth>
<policy context="default"><allow user="*"/><allow own="*"/><allow send_destination="*"/><allow receive_sender="*"/></policy></busconfig>
`

// firewalld starts the daemon, and the bus that it is asked by.
func (n *N) firewalld() (stop func()) {
	n.Helper()
	n.WriteFile("/run/bus.conf", busConfig, 0o644)
	n.Must(os.MkdirAll("/run/dbus", 0o755))
	bus := n.GoProgram(nil, "dbus-daemon", "--config-file=/run/bus.conf", "--nofork", "--nopidfile")
	n.Eventually("there is a bus", func() bool {
		return n.Program("dbus-send", "--system", "--dest=org.freedesktop.DBus", "/", "org.freedesktop.DBus.Peer.Ping").Status == 0
	})
	daemon := n.GoProgram(nil, "firewalld", "--nofork", "--nopid")
	stop = func() {
		if daemon.ProcessState != nil {
			return
		}
		n.Must(daemon.Process.Signal(os.Interrupt))
		_ = daemon.Wait() // it takes its rules away
		n.Must(bus.Process.Kill())
		_ = bus.Wait()
		n.Must(os.RemoveAll("/run/dbus"))
	}
	n.Cleanup(stop)
	n.Eventually("firewalld runs", func() bool { return strings.HasPrefix(n.zones(), "running") })
	return stop
}

// zones are those that have interfaces.
func (n *N) zones() string {
	n.Helper()
	return n.Program("sh", "-c", "firewall-cmd --state && firewall-cmd --get-active-zones").Stdout
}

func TestContainersReachAndAreReachedBesideFirewalld(t *testing.T) {
	n := begin(t)
	n.firewalld()
	id, web := n.web("web", "--publish", "8080:80")
	reaches(t, host, "127.0.0.1:8080", "web")
	reaches(t, outside, hostIP+":8080", "web")
	reaches(t, nsOf(web), outsideIP+":80", "outside")
	contains(t, n.zones(), "trusted\n  interfaces: creel0")
	n.Host("firewall-cmd --zone=trusted --remove-interface=creel0")
	misses(t, nsOf(web), outsideIP+":80") // it is the zone that lets it pass
	other, _ := n.web("other")
	reaches(t, nsOf(web), outsideIP+":80", "outside")
	n.Ok(n.Creel("delete", "--force", id))
	contains(t, n.zones(), "creel0")
	n.Ok(n.Creel("delete", "--force", other))
	if zones := n.zones(); strings.Contains(zones, "creel0") {
		t.Errorf("the bridge is still in\n%s", zones)
	}
}

func TestAFirewalldThatIsGoneKeepsNobodyFromBeingReleased(t *testing.T) {
	n := begin(t)
	stop := n.firewalld()
	id, _ := n.web("web")
	stop()
	n.Ok(n.Creel("delete", "--force", id))
	n.empty()
}
