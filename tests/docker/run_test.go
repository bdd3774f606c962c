package docker

import (
	"regexp"
	"strings"
	"testing"

	"github.com/creel-project/creel/tests/harness"
)

func TestExitStatusesOfRun(t *testing.T) {
	d := begin(t)
	for _, tt := range []struct {
		name   string
		args   string
		status int
		said   string
	}{
		{"the program's own", "--rm IMAGE sh -c 'exit 42'", 42, ""},
		{"killed", "--rm --pid host IMAGE sh -c 'kill -9 $$'", 137, ""},
		{"ended by a signal", "--rm --init IMAGE sh -c 'kill -TERM $$'", 143, ""},
		{"a missing program", "--rm IMAGE nosuch", 127, `OCI runtime create failed: .*exec: "nosuch": executable file not found in \$PATH`},
		{"a missing path", "--rm IMAGE /no/such", 127, `OCI runtime create failed: .*/no/such.*no such file or directory`},
		{"no program", "--rm IMAGE /etc/passwd", 126, `OCI runtime create failed: .*/etc/passwd.*permission denied`},
		{"an unknown user", "--rm --user nosuch IMAGE true", 125, `unable to find user nosuch`},
		{"a sysctl that is the host's", "--rm --sysctl kernel.shmall=1 --ipc host IMAGE true", 125, `kernel.shmall`},
		{"a wrong sysctl", "--rm --sysctl net.ipv4.ip_forward=x IMAGE true", 125, `OCI runtime create failed: .*ip_forward.*invalid argument`},
		// the client knows no better than to look for these words
		{"a sysctl that is not there", "--rm --sysctl net.nosuch=1 IMAGE true", 127, `OCI runtime create failed: .*nosuch.*no such file or directory`},
		{"a working directory that is a file", "--rm --workdir /etc/passwd IMAGE true", 125, `/etc/passwd|not a directory`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := d.do("", append([]string{"run"}, words(strings.ReplaceAll(tt.args, "IMAGE", image))...)...)
			if r.Status != tt.status || !regexp.MustCompile(tt.said).MatchString(r.Stderr) {
				t.Errorf("want status %d and %q: %s", tt.status, tt.said, r)
			}
		})
	}
}

// Docker 20.10 knows runc's older word for it only, which is "permission denied".
func TestADirectoryIsNoProgram(t *testing.T) {
	d := begin(t)
	d.fails(d.do("", "run", "--rm", image, "/etc"), `exec: "/etc": `, 125, 126)
}

func TestRmTakesTheContainerAway(t *testing.T) {
	d := begin(t)
	d.ok("run", "--rm", "--name", "gone", image, "true")
	d.fails(d.do("", "inspect", "gone"), "No such object", 1)
}

func TestADetachedContainerIsInspectedWaitedForAndLogged(t *testing.T) {
	d := begin(t)
	c := d.start("--label which=this --stop-timeout 7", "echo out; echo err >&2; while [ ! -e /go ]; do sleep 0.02; done; exit 9")
	if got := d.ok("ps", "--filter", "label=which=this", "--format", "{{.Status}}"); !strings.HasPrefix(got, "Up ") {
		t.Errorf("ps says %q", got)
	}
	d.ok("exec", c, "touch", "/go")
	if got := d.ok("wait", c); got != "9" {
		t.Errorf("wait says %q", got)
	}
	d.wantState(c, "exited 9 false", "{{.State.Status}} {{.State.ExitCode}} {{.State.OOMKilled}}")
	if r := d.do("", "logs", c); r.Stdout != "out\n" || r.Stderr != "err\n" {
		t.Error(r)
	}
}

func TestAContainerThatNeedsMoreMemoryThanItMayHaveIsKilled(t *testing.T) {
	harness.Needs(t, "memory")
	d := begin(t)
	c := d.start("--memory 24m --memory-swap 24m", "tail /dev/zero & wait $!; exec tail /dev/zero")
	if got := d.ok("wait", c); got != "137" {
		t.Errorf("wait says %q", got)
	}
	d.wantState(c, "exited 137 true", "{{.State.Status}} {{.State.ExitCode}} {{.State.OOMKilled}}")
	soon := strings.TrimSpace(d.Host("echo $(($(date +%s) + 1))"))
	if got := d.ok("events", "--since", "10m", "--until", soon, "--filter", "container="+c, "--filter", "event=oom", "--format", "{{.Action}}"); got == "" {
		t.Error("there was no OOM event")
	}
}

func TestRestartPolicies(t *testing.T) {
	d := begin(t)
	failing := d.start("--restart on-failure:2", "exit 3")
	content := d.start("--restart on-failure:2", "exit 0")
	always := d.start("--restart always", "echo turn; [ -e /stay ] && sleep 1000; touch /stay; exit 0")
	d.ok("wait", failing, content)
	d.Eventually("it gave up", func() bool {
		return d.ok("inspect", "--format", "{{.State.Status}} {{.RestartCount}} {{.State.ExitCode}}", failing) == "exited 2 3"
	})
	d.wantState(content, "exited 0 0", "{{.State.Status}} {{.RestartCount}} {{.State.ExitCode}}")
	d.Eventually("it is up again", func() bool { return d.ok("logs", always) == "turn\nturn" })
	d.wantState(always, "running 1", "{{.State.Status}} {{.RestartCount}}")
}

func TestHealthChecksAreRunInTheContainer(t *testing.T) {
	d := begin(t)
	c := d.start("--health-cmd 'test ! -e /sick' --health-interval 100ms --health-retries 2 --health-timeout 10s", "sleep 1000")
	health := func(want string) {
		t.Helper()
		d.Eventually("it is "+want, func() bool { return d.ok("inspect", "--format", "{{.State.Health.Status}}", c) == want })
	}
	health("healthy")
	d.ok("exec", c, "touch", "/sick")
	health("unhealthy")
	d.ok("exec", c, "rm", "/sick")
	health("healthy")
}

func TestAttachReachesARunningContainer(t *testing.T) {
	d := begin(t)
	c := d.start("--interactive", "read x; echo got $x; exit 4")
	if r := d.do("typed\n", "attach", c); r.Status != 4 {
		t.Error(r)
	}
	if log := d.ok("logs", c); log != "got typed" { // attach itself may end before the output has come
		t.Errorf("the log holds %q", log)
	}
}
