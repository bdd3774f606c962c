package podman

import (
	"strings"
	"testing"

	"github.com/creel-project/creel/tests/engines"
	"github.com/creel-project/creel/tests/harness"
)

// obedient says what it gets, and ends at SIGTERM with status 3.
const obedient = `trap 'echo term; exit 3' TERM; trap 'echo usr1' USR1; echo started; while :; do sleep 0.02; done`

func TestAContainerStopsRestartsAndIsKilled(t *testing.T) {
	h := engines.New(t)
	background(h, "box", image, "sh", "-c", obedient)
	logs := func(want string) {
		t.Helper()
		h.Eventually("the log is "+want, func() bool {
			return strings.Join(engines.Lines(podman(h, "logs", "box")), " ") == want
		})
	}
	logs("started")
	podman(h, "kill", "--signal=USR1", "box")
	logs("started usr1")
	podman(h, "stop", "box")
	expect(h, podman(h, "wait", "box"), "3")
	expect(h, inspect(h, "box", "{{.State.Status}} {{.State.ExitCode}} {{.OCIRuntime}} {{.State.Pid}}"), "exited 3 creel 0")
	podman(h, "start", "box")
	logs("started usr1 term started")
	podman(h, "restart", "box")
	logs("started usr1 term started term started")
	expect(h, podman(h, "ps", "--filter=status=running", "--format={{.Names}}"), "box")
	podman(h, "kill", "box")
	expect(h, podman(h, "wait", "box"), "137")
	podman(h, "rm", "box")
	expect(h, podman(h, "ps", "--all", "--quiet"), "")
}

func TestAContainerThatHeedsNoSignalIsKilledAfterAWhile(t *testing.T) {
	h := engines.New(t)
	background(h, "deaf", image, "sleep", "1000")
	podman(h, "stop", "--time=0", "deaf")
	expect(h, inspect(h, "deaf", "{{.State.ExitCode}}"), "137")
}

func TestARestartPolicyStartsAFailedContainerAgain(t *testing.T) {
	h := engines.New(t)
	background(h, "box", "--restart=on-failure:2", image, "sh", "-c", "echo try; exit 5")
	h.Eventually("three tries", func() bool {
		return strings.Count(podman(h, "logs", "box"), "try") == 3 && inspect(h, "box", "{{.State.Status}}") == "exited"
	})
	expect(h, inspect(h, "box", "{{.State.ExitCode}} {{.RestartCount}}"), "5 2")
}

func TestAPausedContainerStandsStill(t *testing.T) {
	h := engines.New(t)
	background(h, "box", image, "sleep", "1000")
	podman(h, "pause", "box")
	expect(h, inspect(h, "box", "{{.State.Status}}"), "paused")
	if r := h.Program("podman", "exec", "box", "true"); r.Status == 0 {
		t.Error(r)
	}
	podman(h, "unpause", "box")
	expect(h, podman(h, "exec", "box", "echo", "moves"), "moves")
}

func TestTopAndStatsShowTheProcesses(t *testing.T) {
	h := engines.New(t)
	background(h, "box", "--user=1000", image, "sleep", "1000")
	expect(h, podman(h, "top", "box", "pid", "user", "args"), "PID         USER        COMMAND\n1           user        sleep 1000 ")
	expectMatch(h, podman(h, "stats", "--no-stream", "--format={{.Name}} {{.PIDs}} {{.MemUsage}}", "box"), either("box 1 *B / *B", "box * *B / *B"))
}

func TestAttachSpeaksWithTheContainer(t *testing.T) {
	h := engines.New(t)
	background(h, "box", "--interactive", image, "sh", "-c", "read x; echo got $x; read y")
	p := h.GoProgram(withInput("word\n"), "podman", "attach", "box")
	h.Eventually("an answer", func() bool { return strings.HasPrefix(p.Output(), "got word\n") })
	h.Ok(p.Result())
}

func TestRunReadsItsInput(t *testing.T) {
	h := engines.New(t)
	p := h.GoProgram(withInput("one\ntwo\n"), "podman", "run", "--rm", "--interactive", "--network=none", image, "cat")
	expect(h, h.Ok(p.Result()).Stdout, "one\ntwo\n")
}

func TestTheStreamsOfAContainerAreApart(t *testing.T) {
	h := engines.New(t)
	r := h.Ok(h.Program("podman", "run", "--rm", "--network=none", image, "sh", "-c", "echo out; echo err >&2"))
	expect(h, r.Stdout+"|"+r.Stderr, "out\n|err\n")
}

func TestAHealthCheckRunsInTheContainer(t *testing.T) {
	h := engines.New(t)
	background(h, "box", "--health-cmd=cat /tmp/ok", "--health-interval=disable", "--health-retries=1", image, "sleep", "1000")
	if r := h.Program("podman", "healthcheck", "run", "box"); r.Status != 1 {
		t.Error(r)
	}
	expect(h, inspect(h, "box", "{{.State.Health.Status}}"), "unhealthy")
	podman(h, "exec", "box", "touch", "/tmp/ok")
	podman(h, "healthcheck", "run", "box")
	expect(h, inspect(h, "box", "{{.State.Health.Status}}"), "healthy")
}

func TestAContainerIsCreatedBeforeItStarts(t *testing.T) {
	h := engines.New(t)
	defer podman(h, "rm", "--force", "--ignore", "box")
	podman(h, "create", "--name=box", "--network=none", image, "echo", "now")
	expect(h, inspect(h, "box", "{{.State.Status}}"), "created")
	podman(h, "init", "box")
	expect(h, inspect(h, "box", "{{.State.Status}}"), "initialized")
	expect(h, podman(h, "start", "--attach", "box"), "now")
}

func TestFortyContainersInARowLeaveNothing(t *testing.T) {
	h := engines.New(t)
	for range 40 {
		expect(h, podman(h, "run", "--rm", "--network=none", image, "echo", "one more"), "one more")
	}
	expect(h, podman(h, "ps", "--all", "--quiet"), "")
}

func TestLimitsOfARunningContainerAreUpdated(t *testing.T) {
	harness.Needs(t, "memory")
	h := engines.New(t)
	background(h, "box", "--memory=64m", image, "sleep", "1000")
	podman(h, "update", "--memory=48m", "box")
	expect(h, podman(h, "exec", "box", "sh", "-c", cgroupFile("memory", "memory.limit_in_bytes", "memory.max")), "50331648")
}
