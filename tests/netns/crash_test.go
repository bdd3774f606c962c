package netns

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/creel-project/creel/hooks/netns/record"
	"github.com/creel-project/creel/tests/harness"
	"github.com/opencontainers/runtime-spec/specs-go"
)

// hollow starts a process in a network namespace of its own, and returns it with a state that names it.
func (n *N) hollow(id string) (*harness.Process, string) {
	n.Helper()
	p := n.GoProgram(nil, "unshare", "-n", "sleep", "1000")
	self := n.Host("readlink /proc/self/ns/net")
	n.Eventually("it has its namespace", func() bool {
		return n.ProcLink(p.Process.Pid, "ns/net")+"\n" != self && strings.HasPrefix(n.ProcFile(p.Process.Pid, "cmdline"), "sleep")
	})
	return p, state(id, p.Process.Pid)
}

func state(id string, pid int) string {
	text, _ := json.Marshal(specs.State{Version: specs.Version, ID: id, Status: specs.StateCreating, Pid: pid, Bundle: "/nowhere"})
	return string(text)
}

// fed runs a program with this stdin.
func (n *N) fed(stdin, program string, args ...string) harness.Result {
	n.Helper()
	return n.GoProgram(func(c *exec.Cmd) { c.Stdin = strings.NewReader(stdin) }, program, args...).Result()
}

// A hook is killed at each of its calls that change something: with the container goes all that it had, whoever cleans up.
func TestWhatAKilledHookLeavesGoesWithTheNextHookOrTheRelease(t *testing.T) {
	for _, call := range []string{"sendto", "sendmsg", "renameat", "write", "openat", "flock"} {
		killed, survived := 0, 0
		for i := 1; survived < 3; i++ { // strace counts the calls of each thread by itself
			if survivesKill(t, call, i) {
				survived++
			} else {
				killed, survived = killed+1, 0
			}
		}
		t.Logf("killed at %d calls of %s", killed, call)
		if killed == 0 {
			t.Errorf("no hook was killed at a call of %s", call)
		}
	}
}

// survivesKill kills a hook before its i-th such call, and says that there was none.
func survivesKill(t *testing.T, call string, i int) (survived bool) {
	t.Helper()
	t.Run(fmt.Sprintf("%s-%d", call, i), func(t *testing.T) {
		n := begin(t)
		p, text := n.hollow("victim")
		r := n.fed(text, "strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace="+call, "-e", "inject="+call+":signal=KILL:when="+strconv.Itoa(i),
			program(), "hook", "--publish", "8080:80", "--subnet6", "fd07::/64")
		survived = r.Status == 0
		if !survived && r.Status != 128+9 {
			t.Fatal(r)
		}
		if i%2 == 0 {
			n.Ok(n.fed(text, program(), "release"))
			n.empty()
		}
		n.Must(p.Process.Kill())
		_ = p.Wait()
		_, next := n.hollow("next")
		n.Ok(n.fed(next, program(), "hook", "--publish", "8080:80", "--static-ip", "172.19.0.2"))
		if r := n.Ok(n.netns("ls")); strings.Contains(r.Stdout, "victim") {
			t.Errorf("the victim is still there:\n%s", r.Stdout)
		}
		if links := n.Host("ip -o link show type veth | grep -vc up0"); links != "1\n" {
			t.Errorf("there are %s", links)
		}
		n.Ok(n.fed(next, program(), "release"))
		n.empty()
	})
	return survived || t.Failed()
}

func TestTwoHundredHooksAtOnceGiveTwoHundredAddresses(t *testing.T) {
	const many = 200
	n := begin(t)
	states := make([]string, many)
	for i := range states {
		_, states[i] = n.hollow("c" + strconv.Itoa(i))
	}
	each := func(args ...string) {
		var all sync.WaitGroup
		for i, text := range states {
			all.Go(func() {
				cmd := exec.Command(program(), append(args, "--iface", "eth0")...)
				if args[0] == "hook" {
					cmd.Args = append(cmd.Args, "--publish", strconv.Itoa(9000+i)+":80")
				}
				cmd.Stdin = strings.NewReader(text)
				if out, err := cmd.CombinedOutput(); err != nil {
					t.Errorf("%s of c%d: %v: %s", args[0], i, err, out)
				}
			})
		}
		all.Wait()
	}
	each("hook")
	s, err := record.Read(stateDir)
	n.Must(err)
	addresses := map[netip.Addr]bool{}
	for _, e := range s.Endpoints {
		addresses[e.Address] = true
		contains(t, n.inside(e.Pid, "ip -4 addr show eth0"), "inet "+e.Address.String()+"/16")
	}
	if len(addresses) != many {
		t.Errorf("%d hooks gave %d addresses", many, len(addresses))
	}
	each("release")
	n.empty()
}

func TestTheNextHookCollectsWhatContainersLeftThatWereNotReleased(t *testing.T) {
	n := begin(t)
	p, text := n.hollow("lost")
	n.Ok(n.fed(text, program(), "hook", "--publish", "8080:80", "--subnet", "10.9.0.0/30"))
	n.Must(p.Process.Kill())
	_ = p.Wait()
	contains(t, n.netns("ls").Stdout, "gone")
	_, next := n.hollow("next")
	n.Ok(n.fed(next, program(), "hook", "--publish", "8080:80"))
	contains(t, n.netns("ls").Stdout, "next", "10.9.0.2")
}
