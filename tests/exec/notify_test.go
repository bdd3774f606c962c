package exec

import (
	"strings"
	"testing"

	"github.com/creel-project/creel/tests/harness"
	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

func TestTheAgentOfTheContainersFilterAnswersForAnExecToo(t *testing.T) {
	h := harness.New(t)
	var a *harness.Agent
	a = h.Agent("agent.sock", func(c harness.Call) harness.Answer {
		if strings.Contains(a.Read(c, c.Args[0]), "bad") {
			return harness.Answer(unix.ENOLINK)
		}
		return harness.Continue
	})
	c := h.Started(h.Bundle(harness.Sleep, func(s *specs.Spec) {
		s.Linux.Seccomp = &specs.LinuxSeccomp{
			DefaultAction: specs.ActAllow, ListenerPath: a.Path, ListenerMetadata: "m",
			Syscalls: []specs.LinuxSyscall{{Names: []string{"mkdir"}, Action: specs.ActNotify}},
		}
	}))
	expect(t, exec(h, c.ID, "mkdir /dev/shm/good && ls /dev/shm; mkdir /dev/shm/bad 2>&1; true"),
		"good\nmkdir: can't create directory '/dev/shm/bad': Link has been severed")
	states := a.States()
	if len(states) != 2 || states[1].Metadata != "m" || states[1].State.ID != c.ID || states[1].Pid == states[1].State.Pid {
		t.Errorf("the agent was told %+v", states)
	}
	a.Close()
	refused(h, "linux.seccomp.listenerPath", c.ID, "true")
}
