package containerd

import (
	"fmt"
	"strings"
	"testing"

	"github.com/creel-project/creel/tests/engines"
	"github.com/creel-project/creel/tests/harness"
)

func TestExecEndsWithTheStatusOfItsCommand(t *testing.T) {
	c := begin(t)
	id := c.detached(sleep)
	r := c.exec(id, "echo out; echo err >&2; exit 5")
	if r.Status != 5 || r.Stdout != "out\n" || !strings.Contains(r.Stderr, "err") {
		t.Error(r)
	}
}

func TestExecRunsAsAnotherUserInAnotherDirectory(t *testing.T) {
	c := begin(t)
	id := c.detached(sleep)
	r := c.exec(id, "id -u; pwd", "--user", "1000", "--cwd", "/tmp")
	if r.Stdout != "1000\n/tmp\n" {
		t.Error(r)
	}
}

func TestADetachedExecLivesOnAndIsKilledByItsId(t *testing.T) {
	c := begin(t)
	id := c.detached(sleep)
	c.Ok(c.ctr("tasks", "exec", "--detach", "--exec-id", "side", id, "sleep", "4321"))
	c.Eventually("the exec runs", func() bool { return strings.Contains(c.exec(id, "ps").Stdout, "sleep 4321") })
	c.Ok(c.ctr("tasks", "kill", "--exec-id", "side", "--signal", "SIGKILL", id))
	c.Eventually("the exec ended", func() bool { return !strings.Contains(c.exec(id, "ps").Stdout, "sleep 4321") })
	if status, _ := c.task(id); status != "RUNNING" {
		t.Error(status)
	}
}

func TestTwentyExecsRunInParallel(t *testing.T) {
	c := begin(t)
	id := c.detached(sleep)
	var all []*harness.Process
	for i := range 20 {
		all = append(all, c.start("tasks", "exec", "--exec-id", fmt.Sprint("par", i), id, "sh", "-c", fmt.Sprintf("echo %d; exit %d", i, i)))
	}
	for i, p := range all {
		if r := p.Result(); r.Status != i || r.Stdout != fmt.Sprintln(i) {
			t.Error(r)
		}
	}
}

func TestExecOfNoSuchProgramSaysSo(t *testing.T) {
	c := begin(t)
	id := c.detached(sleep)
	r := c.ctr("tasks", "exec", "--exec-id", "none", id, "/no/such/program")
	if r.Status == 0 || !strings.Contains(r.Stderr, "/no/such/program") || !strings.Contains(strings.ToLower(r.Stderr), "no such file or directory") {
		t.Error(r)
	}
	c.Ok(c.exec(id, "true"))
}

func TestAPausedContainerDoesNothingUntilItIsResumed(t *testing.T) {
	c := begin(t)
	id := c.detached(sleep)
	c.Ok(c.ctr("tasks", "pause", id))
	c.becomes(id, "PAUSED")
	file, frozen := "freezer.state", "FROZEN"
	if harness.V2() {
		file, frozen = "cgroup.freeze", "1"
	}
	if state := c.cgroup("freezer", id, file); state != frozen {
		t.Error(state)
	}
	c.Ok(c.ctr("tasks", "resume", id))
	c.becomes(id, "RUNNING")
	c.Ok(c.exec(id, "true"))
}

func TestAPausedContainerIsDeletedByForce(t *testing.T) {
	c := begin(t)
	id := c.detached(sleep)
	c.Ok(c.ctr("tasks", "pause", id))
	c.force(id)
	c.becomes(id, "")
}

func TestARunningContainerIsDeletedByForceOnly(t *testing.T) {
	c := begin(t)
	id := c.detached(sleep)
	if r := c.ctr("tasks", "delete", id); r.Status == 0 {
		t.Error(r)
	}
	c.force(id)
	c.becomes(id, "")
}

func TestTheContainerGetsTheSignalsOfKill(t *testing.T) {
	c := begin(t)
	p := c.start(runArgs("signalled", nil, "sh", "-c", "trap 'echo usr1' USR1; trap 'exit 3' TERM; echo ready; while :; do sleep 1000 & wait; done")...)
	c.Eventually("the container is ready", func() bool { return strings.Contains(p.Output(), "ready") })
	c.Ok(c.ctr("tasks", "kill", "--signal", "SIGUSR1", "signalled"))
	c.Eventually("it got SIGUSR1", func() bool { return strings.Contains(p.Output(), "usr1") })
	c.Ok(c.ctr("tasks", "kill", "signalled"))
	if r := p.Result(); r.Status != 3 {
		t.Error(r)
	}
}

func TestKillAllEndsAContainerInTheHostsPidNamespace(t *testing.T) {
	c := begin(t)
	id := c.detached("sleep 4322 & sleep 4323", "--with-ns", "pid:/proc/self/ns/pid")
	c.Ok(c.ctr("tasks", "kill", "--all", "--signal", "SIGKILL", id))
	c.becomes(id, "STOPPED")
}

func TestPsListsTheProcessesOfTheContainer(t *testing.T) {
	c := begin(t)
	id := c.detached("sleep 1000 & wait")
	_, pid := c.task(id)
	c.Eventually("both processes are there", func() bool {
		out := c.Ok(c.ctr("tasks", "ps", id)).Stdout
		return len(engines.Lines(out)) == 3 && strings.Contains(out, fmt.Sprint(pid))
	})
}

func TestAttachShowsWhatTheContainerSaysFromThenOn(t *testing.T) {
	c := begin(t)
	id := c.detached("while :; do echo again; sleep 0.05; done")
	p := c.start("tasks", "attach", id)
	c.Eventually("the container says something", func() bool { return strings.Contains(p.Output(), "again") })
	c.Ok(c.ctr("tasks", "kill", "--signal", "SIGKILL", id))
	p.Result()
}

func TestACreatedTaskRunsOnlyWhenItIsStarted(t *testing.T) {
	c := begin(t)
	id := c.ID() // `containers create` has no flag for the runtime: it is the runc in PATH
	c.Ok(c.ctr("containers", "create", image, id, "echo", "hello"))
	if status, _ := c.task(id); status != "" {
		t.Error(status)
	}
	if r := c.ctr("tasks", "start", id); r.Status != 0 || r.Stdout != "hello\n" {
		t.Error(r)
	}
}
