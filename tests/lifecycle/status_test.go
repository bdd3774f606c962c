package lifecycle

import (
	"fmt"
	"os/exec"
	"strings"
	"testing"

	"github.com/creel-project/creel/tests/harness"
	"github.com/opencontainers/runtime-spec/specs-go"
)

func TestRunReturnsTheExitStatusOfTheProcess(t *testing.T) {
	for _, status := range []int{0, 1, 42, 126, 127, 255} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			h := harness.New(t)
			r := h.Run(h.Bundle(harness.Script(fmt.Sprint("exit ", status))))
			if r.Status != status || r.Stderr != "" {
				t.Error(r)
			}
		})
	}
}

func TestRunReturns128PlusTheSignalThatEndedTheProcess(t *testing.T) {
	for name, want := range map[string]int{"HUP": 129, "KILL": 137, "SEGV": 139, "TERM": 143} {
		t.Run(name, func(t *testing.T) {
			h := harness.New(t)
			// the first process of a pid namespace cannot be ended by its own signals
			r := h.Run(h.Bundle(harness.Script("kill -"+name+" $$; sleep 60"), harness.NoNamespace(specs.PIDNamespace)))
			if r.Status != want {
				t.Error(r)
			}
		})
	}
}

func TestRunReturns137AfterAKillFromOutside(t *testing.T) {
	h := harness.New(t)
	id := h.ID()
	p := h.Go(nil, "run", "--bundle", h.Bundle(harness.Script("echo up; sleep 60")), id)
	(&harness.Container{Process: p, ID: id}).Says("up")
	h.Ok(h.Creel("kill", id, "KILL"))
	if r := p.Result(); r.Status != 137 {
		t.Error(r)
	}
}

func TestRunRemovesTheContainerWhenItEnds(t *testing.T) {
	h := harness.New(t)
	h.Ok(h.Run(h.Bundle()))
	if left := h.Containers(); len(left) > 0 {
		t.Errorf("left %v", left)
	}
}

func TestRunWithKeepLeavesAStoppedContainer(t *testing.T) {
	h := harness.New(t)
	id := h.ID()
	b := h.Bundle(harness.Script("exit 3"))
	if r := h.Creel("run", "--keep", "--bundle", b, id); r.Status != 3 {
		t.Error(r)
	}
	if s := h.State(id); s.Status != "stopped" || s.Pid != 0 {
		t.Errorf("state %+v", s)
	}
	h.Fails(h.Creel("run", "--bundle", b, id), "already exists")
	h.Ok(h.Creel("delete", id))
	if left := h.Containers(); len(left) > 0 {
		t.Errorf("left %v", left)
	}
}

func TestTheStreamsOfTheProcessAreThoseOfRun(t *testing.T) {
	h := harness.New(t)
	p := h.Go(func(c *exec.Cmd) { c.Stdin = strings.NewReader("said\n") },
		"run", "--bundle", h.Bundle(harness.Script("read x; echo out $x; echo err $x >&2")), h.ID())
	r := h.Ok(p.Result())
	if r.Stdout != "out said\n" || r.Stderr != "err said\n" {
		t.Error(r)
	}
}

func TestAProcessThatOutlivesPid1EndsWithIt(t *testing.T) {
	h := harness.New(t)
	r := h.Run(h.Bundle(harness.Script("(trap '' TERM HUP; sleep 1000) & exit 7")))
	if r.Status != 7 {
		t.Error(r)
	}
}

func TestWithoutAPidNamespaceRunEndsEveryProcessOfTheContainer(t *testing.T) {
	h := harness.New(t)
	r := h.Run(h.Bundle(harness.Script("setsid sleep 1000 & exit 7"), harness.NoNamespace(specs.PIDNamespace)))
	if r.Status != 7 {
		t.Error(r)
	}
}
