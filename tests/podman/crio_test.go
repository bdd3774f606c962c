package podman

import (
	"bufio"
	"encoding/json"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/creel-project/creel/tests/engines"
	"github.com/creel-project/creel/tests/harness"
	"github.com/opencontainers/runtime-spec/specs-go"
)

// A crio is what CRI-O does with a container: it starts conmon, with the programs of its configuration. CRI-O itself is
// not in Debian.
type crio struct {
	*harness.H
	runtime, root, monitor string
	id, bundle             string
}

// inCRIO reads the file that docs/engines.md tells people to install.
func inCRIO(h *harness.H, bundle string) *crio {
	h.Helper()
	text, err := os.ReadFile("../../contrib/crio/10-creel.conf")
	h.Must(err)
	value := func(key string) string {
		m := regexp.MustCompile(`(?m)^` + key + ` = "(.+)"$`).FindSubmatch(text)
		if m == nil {
			h.Fatalf("contrib/crio/10-creel.conf has no %s", key)
		}
		return string(m[1])
	}
	return &crio{h, value("runtime_path"), value("runtime_root"), value("monitor_path"), h.ID(), bundle}
}

// conmon runs conmon as CRI-O does and returns the first thing that it says about the process: its pid, or the exit
// status of an exec.
func (c *crio) conmon(args ...string) (said struct {
	Pid      int    `json:"pid"`
	ExitCode *int   `json:"exit_code"`
	Message  string `json:"message"`
}) {
	c.Helper()
	read, write, err := os.Pipe()
	c.Must(err)
	defer read.Close()
	start, begin, err := os.Pipe()
	c.Must(err)
	cmd := exec.Command(c.monitor, append([]string{"-c", c.id, "-u", c.id, "-n", "k8s_" + c.id, "-b", c.bundle,
		"-r", c.runtime, "--runtime-arg", "--root=" + c.root, "--log-level", "info", "--exit-dir", c.TempDir(),
		"--socket-dir-path", engines.Path("sockets"), "--persist-dir", c.TempDir()}, args...)...)
	cmd.ExtraFiles = []*os.File{write, start}
	cmd.Env = append(os.Environ(), "_OCI_SYNCPIPE=3", "_OCI_STARTPIPE=4")
	c.Must(cmd.Start())
	// CRI-O puts conmon into a cgroup before it lets it begin
	_, err = begin.Write([]byte{0})
	c.Must(err)
	for _, f := range []*os.File{write, start, begin} {
		c.Must(f.Close())
	}
	line, err := bufio.NewReader(read).ReadString('\n')
	if err != nil {
		c.Fatalf("conmon said %q: %v", line, err)
	}
	c.Must(json.Unmarshal([]byte(line), &said))
	c.Must(cmd.Wait())
	return said
}

func (c *crio) creel(args ...string) harness.Result {
	return c.Program(c.runtime, append([]string{"--root", c.root}, args...)...)
}

func TestAContainerRunsUnderConmonAsCRIOStartsIt(t *testing.T) {
	h := engines.New(t)
	c := inCRIO(h, h.Bundle(harness.Script("echo out; sleep 1000"), func(s *specs.Spec) { s.Linux.CgroupsPath = mine + "/" + h.ID() }))
	h.Must(os.MkdirAll(engines.Path("sockets"), 0o700))
	log, pidFile := h.Path("ctr.log"), h.Path("pid")
	h.Cleanup(func() { c.creel("delete", "--force", c.id) })
	made := c.conmon("-l", "k8s-file:"+log, "-p", pidFile, "-P", h.Path("conmon.pid"))
	if made.Pid <= 0 {
		t.Fatalf("conmon says %+v", made)
	}
	if pid, err := os.ReadFile(pidFile); err != nil || string(pid) != strconv.Itoa(made.Pid) {
		t.Errorf("pid file: %q, %v, not %d", pid, err, made.Pid)
	}
	h.Ok(c.creel("start", c.id))
	h.Eventually("the container's line is in the log", func() bool {
		text, _ := os.ReadFile(log)
		return strings.HasSuffix(string(text), " stdout F out\n")
	})

	process := h.Path("process.json")
	h.Must(os.WriteFile(process, []byte(`{"args":["/bin/sh","-c","echo in; exit 7"],"cwd":"/","env":["PATH=/bin"],"user":{"uid":0,"gid":0}}`), 0o600))
	probeLog := h.Path("probe.log")
	executed := c.conmon("-l", probeLog, "-p", h.Path("execpid"), "-e", "--exec-process-spec", process)
	if executed.ExitCode == nil || *executed.ExitCode != 7 {
		t.Errorf("conmon says of the exec %+v", executed)
	}
	h.Eventually("the probe's line is in its log", func() bool {
		text, _ := os.ReadFile(probeLog)
		return strings.HasSuffix(string(text), " stdout F in\n")
	})

	h.Ok(c.creel("kill", c.id, "KILL"))
	h.Eventually("the container is stopped", func() bool { return strings.Contains(c.creel("state", c.id).Stdout, `"stopped"`) })
	h.Ok(c.creel("delete", c.id))
}
