package containerd

import (
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"github.com/creel-project/creel/tests/engines"
	"github.com/creel-project/creel/tests/harness"
)

func TestRunPrintsWhatTheCommandPrintsAndEndsWithItsStatus(t *testing.T) {
	c := begin(t)
	r := c.run("echo out; echo err >&2; exit 7")
	if r.Status != 7 || r.Stdout != "out\n" || !strings.Contains(r.Stderr, "err") {
		t.Error(r)
	}
}

func TestRunEndsWithTheSignalThatKilledTheCommand(t *testing.T) {
	c := begin(t)
	for sig, want := range map[string]int{"KILL": 137, "ABRT": 134} {
		// the first process of a pid namespace heeds no signal from within
		if r := c.run("sh -c 'kill -" + sig + " $$'; exit $?"); r.Status != want {
			t.Errorf("want %d: %s", want, r)
		}
	}
}

// The documentation shows these very commands.
func TestTheDocumentedCommandsRunAContainer(t *testing.T) {
	harness.Needs(t, "cpu") // of which ctr asks for 1024 shares
	c := begin(t)
	script, err := os.ReadFile("../../contrib/containerd/run.sh")
	c.Must(err)
	c.Must(engines.Image{Name: image}.Archive(c.Path("busybox.tar")))
	os.Setenv("CONTAINERD_NAMESPACE", harness.Prefix())
	defer os.Unsetenv("CONTAINERD_NAMESPACE")
	out := c.Host("cd " + c.Path() + " && " + string(script))
	if !strings.HasSuffix(out, "hello\n") {
		t.Error(out)
	}
}

func TestTheRuncInPathIsTheRuntimeWithoutAnyFlag(t *testing.T) {
	harness.Needs(t, "cpu") // of which ctr asks for 1024 shares
	c := begin(t)
	if r := c.ctr("run", "--rm", image, c.ID(), "echo", "hello"); r.Status != 0 || r.Stdout != "hello\n" {
		t.Error(r)
	}
}

func TestTheRuntimeKnowsADetachedContainer(t *testing.T) {
	c := begin(t)
	id := c.detached(sleep)
	status, pid := c.task(id)
	if status != "RUNNING" {
		t.Error(status)
	}
	r := c.Program(engines.Runtime(), "--root", "/run/containerd/runc/"+harness.Prefix(), "state", id)
	s := engines.JSON[harness.State](c.H, r)
	if s.Status != "running" || s.Pid != pid {
		t.Errorf("%+v, want pid %d", s, pid)
	}
}

func TestTheRuntimesStateIsWhereTheFlagSays(t *testing.T) {
	c := begin(t)
	root := c.Path("root")
	id := c.detached(sleep, "--runc-root", root)
	s := engines.JSON[harness.State](c.H, c.Program(engines.Runtime(), "--root", root+"/"+harness.Prefix(), "state", id))
	if s.Status != "running" {
		t.Errorf("%+v", s)
	}
}

func TestACommandReadsWhatIsTypedIntoRun(t *testing.T) {
	c := begin(t)
	typed := func(cmd *exec.Cmd) { cmd.Stdin = strings.NewReader("one\ntwo\n") }
	r := c.GoProgram(typed, "ctr", words(runArgs(c.ID(), []string{"--rm"}, "sh", "-c", "read a; read b; echo $b $a"))...).Result()
	if r.Status != 0 || r.Stdout != "two one\n" {
		t.Error(r)
	}
}

func TestThePidFileHoldsThePidOfTheContainer(t *testing.T) {
	c := begin(t)
	file := c.Path("pid")
	id := c.detached(sleep, "--pid-file", file)
	text, err := os.ReadFile(file)
	c.Must(err)
	if _, pid := c.task(id); string(text) != strconv.Itoa(pid) {
		t.Errorf("%s, want %d", text, pid)
	}
}

func TestFiftyContainersRunInParallel(t *testing.T) {
	c := begin(t)
	var all []*harness.Process
	for i := range 50 {
		all = append(all, c.start(runArgs(c.ID(), []string{"--rm"}, "sh", "-c", fmt.Sprintf("echo %d; exit %d", i, i))...))
	}
	for i, p := range all {
		if r := p.Result(); r.Status != i || r.Stdout != fmt.Sprintln(i) {
			t.Error(r)
		}
	}
}

func TestFiftyContainersLiveSideBySide(t *testing.T) {
	c := begin(t)
	var all []*harness.Process
	for range 50 {
		all = append(all, c.start(runArgs(c.ID(), []string{"--detach"}, "sh", "-c", sleep)...))
	}
	for _, p := range all {
		c.Ok(p.Result())
	}
	if n := strings.Count(c.Ok(c.ctr("tasks", "ls")).Stdout, "RUNNING"); n != 50 {
		t.Errorf("%d containers run", n)
	}
	var ends []*harness.Process
	for _, id := range strings.Fields(c.ctr("tasks", "ls", "--quiet").Stdout) {
		ends = append(ends, c.start("tasks", "delete", "--force", id))
	}
	for _, p := range ends {
		c.Ok(p.Result())
	}
}
