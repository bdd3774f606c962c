package containerd

import (
	"strings"
	"testing"

	"github.com/creel-project/creel/tests/engines"
	"github.com/creel-project/creel/tests/harness"
)

// events follows containerd's events until the test ends.
func (c *C) events() *harness.Process {
	c.Helper()
	p := c.start("events")
	// a namespace's label is an event that shows whether it listens
	c.Eventually("events are listened to", func() bool {
		c.Ok(c.ctr("namespaces", "label", harness.Prefix(), "listens=yes"))
		return strings.Contains(p.Output(), "/namespaces/update")
	})
	return p
}

// seen waits for an event of a container.
func (c *C) seen(p *harness.Process, topic, id string) {
	c.Helper()
	c.Eventually("there is an event "+topic, func() bool {
		for line := range strings.Lines(p.Output()) {
			if strings.Contains(line, " "+topic+" ") && strings.Contains(line, `"`+id+`"`) {
				return true
			}
		}
		return false
	})
}

func TestAContainersLifeIsTold(t *testing.T) {
	c := begin(t)
	p := c.events()
	id := c.detached(sleep)
	c.Ok(c.exec(id, "true"))
	c.Ok(c.ctr("tasks", "pause", id))
	c.Ok(c.ctr("tasks", "resume", id))
	c.force(id)
	for _, topic := range []string{"create", "start", "exec-added", "exec-started", "paused", "resumed", "exit"} {
		c.seen(p, "/tasks/"+topic, id)
	}
	if !engines.Has("containerd", "2.0") { // whose shim may end before it has told that
		c.seen(p, "/tasks/delete", id)
	}
}

func TestAContainerThatRunsOutOfMemoryIsTold(t *testing.T) {
	harness.Needs(t, "memory")
	c := begin(t)
	p := c.events()
	id := c.ID()
	// a string that doubles
	r := c.ctr(runArgs(id, []string{"--memory-limit", "16777216"}, "sh", "-c", "s=0123456789; while :; do s=$s$s; done")...)
	if r.Status != 137 {
		t.Error(r)
	}
	c.seen(p, "/tasks/oom", id)
}

func TestAnOutOfMemoryChildIsToldAndTheContainerLivesOn(t *testing.T) {
	harness.Needs(t, "memory")
	c := begin(t)
	p := c.events()
	id := c.detached("sh -c 's=0123456789; while :; do s=$s$s; done'; "+sleep, "--memory-limit", "16777216")
	c.seen(p, "/tasks/oom", id)
	if status, _ := c.task(id); status != "RUNNING" {
		t.Error(status)
	}
}
