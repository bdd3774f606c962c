package podman

import (
	"strings"
	"testing"

	"github.com/creel-project/creel/tests/engines"
	"github.com/creel-project/creel/tests/harness"
)

func TestExitStatusesSayWhoFailed(t *testing.T) {
	for _, c := range []struct {
		name   string
		args   []string
		status int
		says   string
	}{
		{"the container's", []string{image, "sh", "-c", "exit 42"}, 42, ""},
		{"a signal's", []string{"--init", image, "sh", "-c", "kill -9 $$"}, 137, ""},
		{"no such flag", []string{"--nosuchflag", image, "true"}, 125, "unknown flag"},
		{"no such directory", []string{"--workdir=/nowhere", image, "true"}, 126, "/nowhere"},
		{"no program", []string{image, "/etc/passwd"}, 126, "permission denied"},
		{"a directory", []string{image, "/etc"}, 126, ""},
		{"no such program", []string{image, "nothing"}, 127, `"nothing": executable file not found in $PATH`},
		{"no such path", []string{image, "/no/thing"}, 127, "no such file or directory"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.name == "no such program" {
				engines.Differs(t, "crun", "it has other words")
			}
			h := engines.New(t)
			r := h.Program("podman", append([]string{"run", "--rm", "--network=none"}, c.args...)...)
			if r.Status != c.status || !strings.Contains(strings.ToLower(r.Stderr), strings.ToLower(c.says)) {
				t.Errorf("want status %d and %q: %s", c.status, c.says, r)
			}
		})
	}
}

func TestExitStatusesOfExecSayWhoFailed(t *testing.T) {
	h := engines.New(t)
	background(h, "box", image, "sleep", "1000")
	for want, args := range map[int][]string{
		7:   {"box", "sh", "-c", "exit 7"},
		143: {"box", "sh", "-c", "kill $$"},
		125: {"absent", "true"},
		126: {"box", "/etc/passwd"},
		127: {"box", "nothing"},
	} {
		if r := h.Program("podman", append([]string{"exec"}, args...)...); r.Status != want {
			t.Errorf("want status %d: %s", want, r)
		}
	}
}

// conmon writes down that the kernel killed; on cgroup v1 it and the runtime's last breath race for the cgroup.
func TestAContainerThatTakesTooMuchMemoryIsKilled(t *testing.T) {
	harness.Needs(t, "memory")
	h := engines.New(t)
	defer podman(h, "rm", "--ignore", "greedy")
	r := h.Program("podman", "run", "--name=greedy", "--network=none", "--memory=10m", "--memory-swap=10m", image, "dd", "if=/dev/zero", "of=/dev/null", "bs=50M", "count=1")
	if r.Status != 137 {
		t.Error(r)
	}
	h.Eventually("it is cleaned up", func() bool { return inspect(h, "greedy", "{{.State.Status}}") == "exited" })
	expect(h, inspect(h, "greedy", "{{.State.ExitCode}}"), "137")
}
