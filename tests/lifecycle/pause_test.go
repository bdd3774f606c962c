package lifecycle

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/creel-project/creel/tests/harness"
	"github.com/opencontainers/runtime-spec/specs-go"
)

// counting says a number that grows while it runs, and what signal it gets.
var counting = harness.Script("trap 'echo got TERM; exit 0' TERM; i=0; while :; do i=$((i+1)); echo $i > /dev/shm/n; echo up; sleep 0.02; done")

// freezer is the file that freezes a cgroup, and its words for that and for the opposite.
func freezer(path string) (file, frozen, thawed string) {
	if harness.V2() {
		return harness.CgroupDir("", path) + "/cgroup.freeze", "1", "0"
	}
	return harness.CgroupDir("freezer", path) + "/freezer.state", "FROZEN", "THAWED"
}

func TestAPausedContainerStandsStillUntilItIsResumed(t *testing.T) {
	for name, m := range map[string]harness.Mutate{"pid namespace": func(*specs.Spec) {}, "no pid namespace": harness.NoNamespace(specs.PIDNamespace)} {
		t.Run(name, func(t *testing.T) {
			h := harness.New(t)
			c := h.Started(h.Bundle(counting, m))
			c.Says("up")
			for range 2 {
				h.Ok(h.Creel("pause", c.ID))
				if s := h.State(c.ID); s.Status != "paused" || s.Pid == 0 {
					t.Errorf("state %+v", s)
				}
				at := len(c.Output())
				h.Ok(h.Creel("kill", c.ID, "CONT")) // a signal moves nobody
				h.Ok(h.Creel("state", c.ID))
				if now := len(c.Output()); now != at {
					t.Errorf("it wrote %d bytes while it was paused", now-at)
				}
				h.Ok(h.Creel("resume", c.ID))
				if s := h.State(c.ID); s.Status != "running" {
					t.Errorf("state %+v", s)
				}
				h.Eventually("it goes on", func() bool { return len(c.Output()) > at })
			}
		})
	}
}

func TestListShowsWhatIsPaused(t *testing.T) {
	h := harness.New(t)
	c, other := h.Started(h.Bundle(harness.Sleep)), h.Started(h.Bundle(harness.Sleep))
	h.Ok(h.Creel("pause", c.ID))
	var list []harness.State
	h.Must(json.Unmarshal([]byte(h.Ok(h.Creel("list", "--format", "json")).Stdout), &list))
	for _, s := range list {
		if want := map[string]string{c.ID: "paused", other.ID: "running"}[s.ID]; s.Status != want {
			t.Errorf("%s is %s, want %s", s.ID, s.Status, want)
		}
	}
	if len(list) != 2 {
		t.Errorf("%+v", list)
	}
}

func TestOnlyWhatMovesCanBePausedAndOnlyWhatIsPausedResumed(t *testing.T) {
	h := harness.New(t)
	c := h.Create(h.Bundle(harness.Sleep))
	h.Fails(h.Creel("resume", c.ID), "container not paused")
	h.Ok(h.Creel("start", c.ID))
	h.Fails(h.Creel("resume", c.ID), "container not paused")
	h.Ok(h.Creel("pause", c.ID))
	h.Fails(h.Creel("pause", c.ID), "container not running", "paused")
	h.Ok(h.Creel("resume", c.ID))
	h.Ok(h.Creel("kill", c.ID, "KILL"))
	h.WaitFor(c.ID, "stopped")
	h.Fails(h.Creel("pause", c.ID), "pause "+c.ID+": container not running")
	h.Fails(h.Creel("resume", c.ID), "resume "+c.ID+": container not paused")
	h.Ok(h.Creel("delete", c.ID))
	h.Fails(h.Creel("pause", c.ID), "container does not exist")
	h.Fails(h.Creel("resume", c.ID), "container does not exist")
}

func TestACreatedContainerThatIsPausedStartsWhenItIsResumed(t *testing.T) {
	h := harness.New(t)
	c := h.Create(h.Bundle(harness.Script("echo ran")))
	h.Ok(h.Creel("pause", c.ID))
	if s := h.State(c.ID); s.Status != "paused" {
		t.Errorf("state %+v", s)
	}
	h.Fails(h.Creel("start", c.ID), "cannot start a container in the paused state")
	h.Fails(h.Creel("delete", c.ID), "cannot delete container "+c.ID+" that is not stopped: paused")
	h.Ok(h.Creel("resume", c.ID))
	if s := h.State(c.ID); s.Status != "created" {
		t.Errorf("state %+v", s)
	}
	h.Ok(h.Creel("start", c.ID))
	c.Says("ran")
}

func TestSIGKILLEndsAPausedContainerAndOtherSignalsWait(t *testing.T) {
	for name, m := range map[string]harness.Mutate{"pid namespace": func(*specs.Spec) {}, "no pid namespace": harness.NoNamespace(specs.PIDNamespace)} {
		t.Run(name, func(t *testing.T) {
			h := harness.New(t)
			c := h.Started(h.Bundle(counting, m))
			c.Says("up")
			h.Ok(h.Creel("pause", c.ID))
			h.Ok(h.Creel("kill", c.ID, "TERM"))
			if s := h.State(c.ID); s.Status != "paused" || strings.Contains(c.Output(), "TERM") {
				t.Errorf("state %+v, output %q", s, c.Output())
			}
			h.Ok(h.Creel("resume", c.ID))
			c.Says("got TERM")
			h.WaitFor(c.ID, "stopped")

			c = h.Started(h.Bundle(counting, m))
			c.Says("up")
			h.Ok(h.Creel("pause", c.ID))
			h.Ok(h.Creel("kill", c.ID, "KILL"))
			h.WaitFor(c.ID, "stopped")
			h.Ok(h.Creel("delete", c.ID))
		})
	}
}

func TestAPausedContainerIsDeletedByForceOnly(t *testing.T) {
	for name, m := range map[string]harness.Mutate{"pid namespace": func(*specs.Spec) {}, "no pid namespace": harness.NoNamespace(specs.PIDNamespace)} {
		t.Run(name, func(t *testing.T) {
			h := harness.New(t)
			c := h.Started(h.Bundle(harness.Script("sleep 1000 & echo up; wait"), m))
			c.Says("up")
			h.Ok(h.Creel("pause", c.ID))
			h.Fails(h.Creel("delete", c.ID), "cannot delete container "+c.ID+" that is not stopped: paused")
			if s := h.State(c.ID); s.Status != "paused" {
				t.Errorf("state %+v", s)
			}
			h.Ok(h.Creel("delete", "--force", c.ID))
			gone(h, c.ID)
		})
	}
}

func TestAContainerInAFrozenCgroupIsNotPausedItself(t *testing.T) {
	h := harness.New(t)
	parent := h.ID()
	c := h.Started(h.Bundle(counting, cgroupsPath("/"+parent+"/web")))
	c.Says("up")
	file, frozen, thawed := freezer(parent)
	h.WriteFile(file, frozen, 0o644)
	defer h.WriteFile(file, thawed, 0o644)
	if s := h.State(c.ID); s.Status != "running" {
		t.Errorf("state %+v", s)
	}
	h.Fails(h.Creel("resume", c.ID), "container not paused")
	h.Ok(h.Creel("pause", c.ID))
	h.WriteFile(file, thawed, 0o644)
	if s := h.State(c.ID); s.Status != "paused" {
		t.Errorf("state %+v", s)
	}
	at := len(c.Output())
	h.Ok(h.Creel("resume", c.ID))
	h.Eventually("it goes on", func() bool { return len(c.Output()) > at })
}

// The container may write its cgroups, and so may pause containers of its own.
func TestWhatAContainerFrozeItselfIsDeletedByForce(t *testing.T) {
	h := harness.New(t)
	dir, freeze := "/sys/fs/cgroup", "echo 1 > a/cgroup.freeze"
	if !harness.V2() {
		dir, freeze = "/sys/fs/cgroup/freezer", "echo FROZEN > a/freezer.state"
	}
	c := h.Started(h.Bundle(func(s *specs.Spec) { s.Mounts[6].Options = []string{"nosuid"} },
		harness.Script("cd "+dir+" && mkdir a && sleep 1000 & until cd "+dir+" && echo $! > a/cgroup.procs; do sleep 0.01; done 2>/dev/null; "+freeze+" && echo up; wait")))
	c.Says("up")
	h.Ok(h.Creel("delete", "--force", c.ID))
	gone(h, c.ID)
}

func TestAContainerWithoutACgroupCannotBePaused(t *testing.T) {
	h := harness.New(t)
	n := newNested(h)
	b := h.Bundle(n.root(0), harness.Sleep)
	h.Ok(n.creel("run", "--detach", "--bundle", b, "own").Result())
	defer func() { h.Ok(n.creel("delete", "--force", "own").Result()) }()
	r := n.creel("pause", "own").Result()
	if _, err := os.Stat("/sys/fs/cgroup/own"); err == nil {
		t.Fatal("it has a cgroup")
	}
	h.Fails(r, "pause own: ", "the container has no cgroup")
	if s := n.state("own"); s.Status != "running" {
		t.Errorf("state %+v", s)
	}
	h.Fails(n.creel("update", "--pids-limit", "5", "own").Result(), "linux.resources.pids.limit 5", "the container has no cgroup")
}
