package cri

import (
	"strings"
	"testing"

	"github.com/creel-project/creel/tests/engines"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	runtime "k8s.io/cri-api/pkg/apis/runtime/v1"
)

func TestAContainerIsCreatedAndRunsAndExits(t *testing.T) {
	k := begin(t)
	c := k.pod().create("while [ ! -e /tmp/end ]; do sleep 0.02; done; exit 7")
	if s := c.status(); s.State != runtime.ContainerState_CONTAINER_CREATED {
		t.Error(s)
	}
	k.Must(c.start())
	if s := c.status(); s.State != runtime.ContainerState_CONTAINER_RUNNING || s.StartedAt == 0 {
		t.Error(s)
	}
	c.says("", "touch /tmp/end")
	if s := c.ends(); s.ExitCode != 7 || s.Reason != "Error" || s.FinishedAt < s.StartedAt {
		t.Error(s)
	}
	_, err := services.RemoveContainer(k.ctx, &runtime.RemoveContainerRequest{ContainerId: c.ID})
	k.Must(err)
	if _, err := services.ContainerStatus(k.ctx, &runtime.ContainerStatusRequest{ContainerId: c.ID}); status.Code(err) != codes.NotFound {
		t.Error(err)
	}
}

func TestAContainerThatSucceedsIsCompleted(t *testing.T) {
	if s := begin(t).pod().container("true").ends(); s.ExitCode != 0 || s.Reason != "Completed" {
		t.Error(s)
	}
}

func (c *Container) stop(grace int64) {
	c.Helper()
	_, err := services.StopContainer(c.ctx, &runtime.StopContainerRequest{ContainerId: c.ID, Timeout: grace})
	c.Must(err)
}

// trapping starts a container that traps SIGTERM so, and waits until it does: the runtime's own process would end.
func (p *Pod) trapping(action string) *Container {
	p.Helper()
	c := p.container("trap '" + action + "' TERM; touch /tmp/ready; while :; do sleep 1000 & wait; done")
	c.Eventually("it is ready", func() bool { return c.exec("[ -e /tmp/ready ]").ExitCode == 0 })
	return c
}

func TestAContainerIsStoppedBySIGTERM(t *testing.T) {
	c := begin(t).pod().trapping("exit 3")
	c.stop(20)
	if s := c.status(); s.ExitCode != 3 {
		t.Error(s)
	}
}

func TestAContainerThatIgnoresSIGTERMIsKilledInTheEnd(t *testing.T) {
	c := begin(t).pod().trapping("")
	c.stop(1)
	if s := c.status(); s.ExitCode != 137 {
		t.Error(s)
	}
}

func TestACommandThatIsNotThereIsNamed(t *testing.T) {
	engines.Differs(t, "crun", "it has other words")
	c := begin(t).pod().create("", func(c *runtime.ContainerConfig) { c.Command = []string{"/no/such/program"} })
	err := c.start()
	if err == nil || !strings.Contains(err.Error(), "/no/such/program") || !strings.Contains(err.Error(), "no such file or directory") {
		t.Error(err)
	}
	if s := c.status(); s.ExitCode != 128 || s.Reason != "StartError" || !strings.Contains(s.Message, "/no/such/program") {
		t.Error(s)
	}
}

func TestKubeletReadsTheLogOfAContainer(t *testing.T) {
	c := begin(t).pod().container("echo one; echo two; echo wrong >&2; printf unfinished")
	c.ends()
	c.Eventually("the log is complete", func() bool {
		return strings.HasPrefix(c.logged("stdout"), "F:one\nF:two\n") && c.logged("stderr") == "F:wrong\n"
	})
	c.Eventually("its last line is there", func() bool { return strings.Contains(c.logged("stdout"), ":unfinished\n") })
}

func TestALogThatWasMovedAwayIsReopened(t *testing.T) {
	c := begin(t).pod().container("while :; do echo again; sleep 0.05; done")
	c.Eventually("there is a log", func() bool { return c.logged("stdout") != "" })
	c.Host("mv " + c.Log + " " + c.Log + ".1")
	_, err := services.ReopenContainerLog(c.ctx, &runtime.ReopenContainerLogRequest{ContainerId: c.ID})
	c.Must(err)
	c.Eventually("the new one is written", func() bool { return c.logged("stdout") != "" })
}

func TestExecSyncGivesOutputAndStatus(t *testing.T) {
	r := begin(t).pod().container(sleep).exec("echo out; echo err >&2; exit 5")
	if r.ExitCode != 5 || string(r.Stdout) != "out\n" || string(r.Stderr) != "err\n" {
		t.Error(r)
	}
}

func TestExecSyncThatTakesTooLongIsKilled(t *testing.T) {
	c := begin(t).pod().container(sleep)
	_, err := services.ExecSync(c.ctx, &runtime.ExecSyncRequest{ContainerId: c.ID, Cmd: []string{"sleep", "4324"}, Timeout: 1})
	if status.Code(err) != codes.DeadlineExceeded {
		t.Error(err)
	}
	c.Eventually("its process is gone", func() bool { return !strings.Contains(string(c.exec("ps").Stdout), "4324") })
}

func TestAHundredProbesInARowSucceed(t *testing.T) {
	c := begin(t).pod().container(sleep)
	for range 100 {
		c.says("ok", "echo ok")
	}
}

func TestEnvironmentDirectoryAndArgumentsReachTheCommand(t *testing.T) {
	c := begin(t).pod().container("", func(c *runtime.ContainerConfig) {
		c.Command, c.Args = []string{"sh", "-c"}, []string{"echo $COLOUR $PWD"}
		c.Envs = []*runtime.KeyValue{{Key: "COLOUR", Value: []byte("blue")}}
		c.WorkingDir = "/srv/made"
	})
	c.ends()
	c.Eventually("it says so", func() bool { return c.logged("stdout") == "F:blue /srv/made\n" })
}

func TestMountsShowTheHostsFilesAndPropagate(t *testing.T) {
	k := begin(t)
	dir := k.Path("data")
	k.WriteFile(dir+"/file", "content", 0o644)
	k.Host("mkdir " + dir + "/later")
	volume := func(path string, readonly bool, p runtime.MountPropagation) *runtime.Mount {
		return &runtime.Mount{HostPath: dir, ContainerPath: path, Readonly: readonly, Propagation: p}
	}
	c := k.pod().container(sleep, func(c *runtime.ContainerConfig) {
		c.Mounts = []*runtime.Mount{
			volume("/rw", false, runtime.MountPropagation_PROPAGATION_PRIVATE),
			volume("/ro", true, runtime.MountPropagation_PROPAGATION_PRIVATE),
			volume("/slave", false, runtime.MountPropagation_PROPAGATION_HOST_TO_CONTAINER),
		}
	})
	c.says("content", "cat /ro/file")
	c.says("read-only", "touch /ro/x 2>/dev/null || echo read-only")
	c.says("written", "touch /rw/x && echo written")
	k.MountTmpfs(dir + "/later")
	k.WriteFile(dir+"/later/new", "", 0o644)
	c.says("new", "ls /slave/later")
	c.says("", "ls /rw/later")
}

func TestACommandOfATerminalHasOne(t *testing.T) {
	c := begin(t).pod().container("tty; "+sleep, func(c *runtime.ContainerConfig) { c.Tty = true })
	c.Eventually("it says so", func() bool {
		return strings.Contains(c.logged("stdout"), "/dev/pts/0") || strings.Contains(c.logged("stdout"), "/dev/console")
	})
}
