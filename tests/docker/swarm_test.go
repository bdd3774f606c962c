package docker

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/creel-project/creel/tests/harness"

	"github.com/creel-project/creel/tests/engines"
)

// node starts a daemon in namespaces of its own: when it is killed, all of it dies, as with a machine that fails. It
// is to have the manager's heart beat once a second.
func node(d *client, name, address string) *client {
	d.Helper()
	enter := netns(d, name)
	d.Host("ip link add " + name + " type veth peer name eth1 netns " + name + " && ip link set " + name + " master nodes up && " +
		"ip -n " + name + " addr add " + address + "/24 dev eth1 && ip -n " + name + " link set eth1 up")
	n := &client{H: d.H, on: newEngine(name, nil, append(enter,
		"unshare", "--uts", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "--propagation", "private",
		"sh", "-c", "hostname "+name+" && mount -t tmpfs none /run && exec \"$@\"", "sh"))}
	d.Cleanup(n.remove)
	d.Must(n.on.start())
	d.Cleanup(func() { d.Must(n.on.Kill()) })
	return n
}

// tasks counts the tasks of a service that run and are to run, on each node.
func (d *client) tasks(service string) map[string]int {
	d.Helper()
	list := d.ok("service", "ps", "--filter", "desired-state=running", "--format", "{{.Node}} {{.CurrentState}}", service)
	count := map[string]int{}
	for _, line := range engines.Lines(list) {
		if name, state, _ := strings.Cut(line, " "); strings.HasPrefix(state, "Running ") {
			count[name]++
		}
	}
	return count
}

// containers are those of a service on one node.
func (d *client) containers(service string) []string {
	d.Helper()
	return strings.Fields(d.ok("ps", "--quiet", "--filter", "label=com.docker.swarm.service.name="+service))
}

// each is what a command says in every container of a service, on these nodes.
func each(service string, nodes []*client, command ...string) (said []string) {
	for _, n := range nodes {
		n.Helper()
		for _, c := range n.containers(service) {
			said = append(said, strings.TrimSpace(n.do("", append([]string{"exec", c}, command...)...).Stdout))
		}
	}
	return said
}

// The tests of a swarm follow each other in one swarm, for it takes a while to begin.
func TestSwarm(t *testing.T) {
	d := begin(t)
	d.Host("ip link add nodes type bridge && ip link set nodes up")
	d.Cleanup(func() { d.Host("ip link del nodes") })
	m, w := node(d, "manager", "10.99.0.1"), node(d, "worker", "10.99.0.2")
	m.ok("swarm", "init", "--advertise-addr", "10.99.0.1", "--dispatcher-heartbeat", "1s", "--task-history-limit", "1")
	w.ok("swarm", "join", "--token", m.ok("swarm", "join-token", "--quiet", "worker"), "10.99.0.1:2377")
	want := func(m *client, service string, manager, worker int) {
		m.Helper()
		m.Eventually("the tasks run where they are to", func() bool {
			got := m.tasks(service)
			return got["manager"] == manager && got["worker"] == worker
		})
	}
	step := func(name string, f func(m, w *client)) {
		if !t.Run(name, func(t *testing.T) { f(m.in(t), w.in(t)) }) {
			t.FailNow()
		}
	}

	step("replicas are spread", func(m, w *client) {
		m.service("web", "--replicas 4 --restart-delay 100ms --env V=1 --update-parallelism 2 --update-monitor 50ms --rollback-parallelism 2 --rollback-monitor 50ms", "trap 'exit 0' TERM; while :; do sleep 0.05; done")
		want(m, "web", 2, 2)
	})
	step("scaled up and down", func(m, w *client) {
		m.ok("service", "scale", "--detach", "web=6")
		want(m, "web", 3, 3)
		m.ok("service", "scale", "--detach", "web=4")
		want(m, "web", 2, 2)
	})
	step("rolled, and rolled back", func(m, w *client) {
		m.ok("service", "update", "--detach", "--no-resolve-image", "--env-add", "V=2", "web")
		m.updated("web", "completed")
		want(m, "web", 2, 2)
		if got := each("web", []*client{m, w}, "sh", "-c", "echo $V"); !slices.Equal(got, []string{"2", "2", "2", "2"}) {
			m.Errorf("the tasks have %q", got)
		}
		m.ok("service", "rollback", "--detach", "web")
		m.updated("web", "rollback_completed")
		want(m, "web", 2, 2)
		if got := each("web", []*client{m, w}, "sh", "-c", "echo $V"); !slices.Equal(got, []string{"1", "1", "1", "1"}) {
			m.Errorf("the tasks that were rolled back have %q", got)
		}
	})
	step("a task that ends is replaced", func(m, w *client) {
		was := w.containers("web")
		w.ok("kill", was[0])
		w.Eventually("another one runs", func() bool {
			now := w.containers("web")
			return len(now) == 2 && !slices.Contains(now, was[0])
		})
	})
	step("what a service is given reaches its containers", serviceFlags)
	step("tasks find each other in a network of the swarm", overlay)
	step("a node is drained and taken in again", func(m, w *client) {
		m.ok("node", "update", "--availability", "drain", "worker")
		want(m, "web", 4, 0)
		w.Eventually("nothing is left on it", func() bool { return len(w.containers("web")) == 0 })
		m.ok("node", "update", "--availability", "active", "worker")
		m.ok("service", "update", "--detach", "--no-resolve-image", "--force", "web")
		m.updated("web", "completed")
		want(m, "web", 2, 2)
	})
	step("a node that dies is made up for", func(m, w *client) {
		m.Must(w.on.Kill())
		want(m, "web", 4, 0)
		if got := m.ok("node", "ls", "--filter", "name=worker", "--format", "{{.Status}}"); got != "Down" {
			m.Errorf("the dead node is %q", got)
		}
	})
	step("a service that is removed leaves nothing", func(m, w *client) {
		m.ok("service", "rm", "web")
		m.Eventually("its containers are gone", func() bool { return m.ok("ps", "--all", "--quiet") == "" })
	})
}

// service creates a service that runs a script.
func (d *client) service(name, flags, script string) {
	d.Helper()
	args := append([]string{"service", "create", "--detach", "--quiet", "--no-resolve-image", "--name", name}, words(flags)...)
	d.ok(append(args, image, "sh", "-c", script)...)
}

// updated waits until an update of a service is over.
func (d *client) updated(service, state string) {
	d.Helper()
	d.Eventually(service+" is updated", func() bool {
		return d.ok("service", "inspect", "--format", "{{.UpdateStatus.State}}", service) == state
	})
}

// serviceFlags looks at one container of a service that is given much.
func serviceFlags(m, _ *client) {
	harness.Needs(m, "cpu") // else the node counts none
	secret := m.TempDir() + "/secret"
	m.Must(os.WriteFile(secret, []byte("hidden"), 0o600))
	m.ok("secret", "create", "word", secret)
	m.ok("config", "create", "settings", secret)
	m.service("flags", "--constraint node.role==manager --limit-memory 64m --limit-pids 30 --limit-cpu 0.5 --user 1000:2000 --read-only --init "+
		"--hostname {{.Service.Name}}-{{.Task.Slot}} --cap-drop ALL --secret word --config source=settings,target=/settings,mode=0444 "+
		"--mount type=tmpfs,dst=/t --sysctl net.ipv4.ip_unprivileged_port_start=77 --ulimit nofile=100:200 --workdir /tmp --health-cmd true --health-interval 1s",
		"sleep 1000")
	var c []string
	m.Eventually("its container runs", func() bool {
		c = m.containers("flags")
		return len(c) == 1 && m.tasks("flags")["manager"] == 1
	})
	for _, tt := range []struct{ script, want string }{
		{"cg memory.max memory/memory.limit_in_bytes; cg pids.max pids/pids.max", "^67108864\n30$"},
		{"cg cpu.max cpu/cpu.cfs_quota_us", "^50000( 100000)?$"},
		{"id -u; id -g; hostname; pwd; ulimit -Sn", "^1000\n2000\nflags-1\n/tmp\n100$"},
		{"touch /x; touch /t/x && echo written", "Read-only file system"},
		{"grep CapBnd /proc/self/status; cat /proc/1/comm", "^CapBnd:\t0{16}\n(docker-init|tini)"},
		{"cat /settings /proc/sys/net/ipv4/ip_unprivileged_port_start", "^hidden77$"},
		{"grep ' /run/secrets/word ' /proc/mounts", "^tmpfs .*ro"},
	} {
		wantMatch(m, m.do("", "exec", c[0], "sh", "-c", tt.script), tt.want)
	}
	m.ok("service", "rm", "flags")
}

// overlay has two tasks find each other by name. No packet passes between them: libnetwork's bridge of such a network, which
// wants the host's /sys, passes none in nodes that are namespaces, whatever the runtime is.
func overlay(m, _ *client) {
	m.ok("network", "create", "--driver", "overlay", "--subnet", "10.88.0.0/24", "over")
	m.service("talk", "--replicas 2 --network over --endpoint-mode dnsrr --constraint node.role==manager", "sleep 1000")
	m.Eventually("both tasks run", func() bool { return m.tasks("talk")["manager"] == 2 })
	for _, c := range m.containers("talk") {
		address := m.ok("inspect", "--format", "{{.NetworkSettings.Networks.over.IPAddress}}", c)
		wantMatch(m, m.do("", "exec", c, "ip", "-o", "addr"), regexp.QuoteMeta(" "+address+"/24 "))
		for _, from := range m.containers("talk") {
			m.Eventually("the name leads to the task", func() bool {
				return strings.Contains(m.do("", "exec", from, "nslookup", "tasks.talk").Stdout, address)
			})
		}
	}
	m.ok("service", "rm", "talk")
	m.Eventually("the network is not used", func() bool { return m.do("", "network", "rm", "over").Status == 0 })
}
