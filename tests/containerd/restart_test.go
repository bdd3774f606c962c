package containerd

import (
	"fmt"
	"strings"
	"syscall"
	"testing"

	"github.com/creel-project/creel/internal/procstat"
	"github.com/creel-project/creel/tests/engines"
	"github.com/creel-project/creel/tests/harness"
	"github.com/creel-project/creel/tests/leakcheck"
)

// restarted ends containerd, without a warning, does something, and starts it again.
func (c *C) restarted(meanwhile func()) {
	c.Helper()
	c.Must(daemon.Kill())
	defer func() { // the tests after this one need it in any case
		c.Must(daemon.Start())
		leakcheck.Keep(daemon.Pid())
	}()
	meanwhile()
}

func TestContainersOutliveContainerd(t *testing.T) {
	c := begin(t)
	id := c.detached(sleep)
	_, pid := c.task(id)
	c.restarted(func() {})
	if status, after := c.task(id); status != "RUNNING" || after != pid {
		t.Errorf("%s, pid %d, before %d", status, after, pid)
	}
	if r := c.exec(id, "echo alive"); r.Stdout != "alive\n" {
		t.Error(r)
	}
	c.Ok(c.ctr("tasks", "pause", id))
	c.Ok(c.ctr("tasks", "resume", id))
	c.Ok(c.ctr("tasks", "kill", id))
	c.becomes(id, "STOPPED")
}

// endsMeanwhile ends a container with status 23 while containerd is not there.
func (c *C) endsMeanwhile() (id string) {
	id = c.detached("trap 'exit 23' TERM; touch /ready; while :; do sleep 1000 & wait; done")
	c.Eventually("it heeds SIGTERM", func() bool { return c.exec(id, "[ -e /ready ]").Status == 0 })
	_, pid := c.task(id)
	c.restarted(func() {
		c.Must(syscall.Kill(pid, syscall.SIGTERM))
		c.Eventually("the container ended", func() bool {
			stat, err := procstat.Read(pid)
			return err != nil || stat.Ended()
		})
	})
	return id
}

func TestAContainerThatEndsWithoutContainerdHasItsStatusAfterwards(t *testing.T) {
	c := begin(t)
	if engines.Has("containerd", forgets) {
		t.Skip("containerd ", forgets, " takes it for one that never ran")
	}
	id := c.endsMeanwhile()
	c.becomes(id, "STOPPED")
	if r := c.ctr("tasks", "delete", id); !strings.Contains(r.Stderr, "exit code 23") {
		t.Error(r)
	}
}

// forgets is the first release of containerd that deletes a task without processes when it starts.
const forgets = "1.7"

func TestAContainerThatEndsWithoutContainerdIsTakenAway(t *testing.T) {
	c := begin(t)
	engines.Since(t, "containerd", forgets, "taking away tasks that have no process")
	id := c.endsMeanwhile()
	c.becomes(id, "")
	c.Fails(c.Program(engines.Runtime(), "--root", "/run/containerd/runc/"+harness.Prefix(), "state", id), "does not exist")
}

func TestAPausedContainerStaysSoWhenContainerdStartsAgain(t *testing.T) {
	c := begin(t)
	id := c.detached(sleep)
	c.Ok(c.ctr("tasks", "pause", id))
	c.restarted(func() {})
	c.becomes(id, "PAUSED")
	c.Ok(c.ctr("tasks", "resume", id))
	c.Ok(c.exec(id, "true"))
}

// containerd asks the runtime to delete by force what a dead shim was the parent of.
func TestAContainerEndsWithItsShim(t *testing.T) {
	c := begin(t)
	id := c.detached(sleep)
	_, pid := c.task(id)
	shim := c.parent(pid)
	c.Must(syscall.Kill(shim, syscall.SIGKILL))
	c.becomes(id, "")
	c.Eventually("the container's process ended", func() bool { return syscall.Kill(pid, 0) == syscall.ESRCH })
}

// parent is the pid of a process's parent.
func (c *C) parent(pid int) (parent int) {
	c.Helper()
	stat := c.ProcFile(pid, "stat")
	var state string
	_, err := fmt.Sscan(stat[strings.LastIndex(stat, ")")+1:], &state, &parent)
	c.Must(err)
	return parent
}
