package lifecycle

import (
	"fmt"
	"os"
	"strconv"
	"testing"

	"github.com/creel-project/creel/tests/harness"
	"github.com/opencontainers/runtime-spec/specs-go"
)

func TestKillSendsTheSignalByNameOrNumber(t *testing.T) {
	h := harness.New(t)
	c := h.Started(h.Bundle(harness.Script(`
		for s in HUP USR1 USR2 INT; do trap "echo got $s" $s; done
		trap 'echo got TERM; exit 0' TERM
		echo up; while :; do sleep 0.05; done`)))
	c.Says("up")
	for _, k := range []struct{ signal, want string }{
		{"HUP", "HUP"}, {"SIGUSR1", "USR1"}, {"12", "USR2"}, {"sigint", "INT"},
	} {
		h.Ok(h.Creel("kill", c.ID, k.signal))
		c.Says("got " + k.want + "\n")
	}
	h.Ok(h.Creel("kill", c.ID, "0"))
	h.Ok(h.Creel("kill", c.ID))
	c.Says("got TERM\n")
	h.WaitFor(c.ID, "stopped")
}

func TestKillAcceptsTheObsoleteFlagAll(t *testing.T) {
	h := harness.New(t)
	c := h.Started(h.Bundle(harness.Sleep))
	h.Ok(h.Creel("kill", "--all", c.ID, "KILL"))
	h.WaitFor(c.ID, "stopped")
}

// The shim of containerd ends what is left of a container in this way when its init is gone,
// and takes a failure for one.
func TestKillAllOfAStoppedContainerHasNothingToDo(t *testing.T) {
	h := harness.New(t)
	c := h.Started(h.Bundle())
	h.WaitFor(c.ID, "stopped")
	h.Ok(h.Creel("kill", "--all", c.ID, "KILL"))
	h.Ok(h.Creel("kill", "-a", c.ID, "TERM"))
	h.Fails(h.Creel("kill", "--all", "nobody", "KILL"), "container does not exist")
}

func TestKillAllEndsWhatInitLeftBehind(t *testing.T) {
	h := harness.New(t)
	c := h.Started(h.Bundle(harness.Script("sleep 1000 & echo left; exit 0"), harness.NoNamespace(specs.PIDNamespace)))
	c.Says("left")
	h.WaitFor(c.ID, "stopped")
	group := "/sys/fs/cgroup/pids/" + c.ID // v1
	if _, err := os.Stat(group); err != nil {
		group = "/sys/fs/cgroup/" + c.ID
	}
	procs := func() string {
		text, err := os.ReadFile(group + "/cgroup.procs")
		h.Must(err)
		return string(text)
	}
	if procs() == "" {
		t.Fatal("nothing is left to end")
	}
	h.Ok(h.Creel("kill", "--all", c.ID, "KILL"))
	h.Eventually("nothing is left", func() bool { return procs() == "" })
	h.Ok(h.Creel("delete", c.ID))
}

func TestKillEndsACreatedContainer(t *testing.T) {
	for _, signal := range []string{"TERM", "INT", "KILL"} {
		t.Run(signal, func(t *testing.T) {
			h := harness.New(t)
			c := h.Create(h.Bundle())
			h.Ok(h.Creel("kill", c.ID, signal))
			h.WaitFor(c.ID, "stopped")
			h.Ok(h.Creel("delete", c.ID))
		})
	}
}

func TestSignalsThatEndNobodyLeaveACreatedContainer(t *testing.T) {
	h := harness.New(t)
	c := h.Create(h.Bundle(harness.Script("echo ran")))
	for _, signal := range []string{"0", "CHLD", "CONT", "WINCH", "URG"} {
		h.Ok(h.Creel("kill", c.ID, signal))
	}
	h.Ok(h.Creel("start", c.ID))
	c.Says("ran")
}

func TestKillOfAStoppedContainerFails(t *testing.T) {
	h := harness.New(t)
	c := h.Started(h.Bundle())
	h.WaitFor(c.ID, "stopped")
	h.Fails(h.Creel("kill", c.ID, "KILL"), "container not running")
	h.Fails(h.Creel("kill", c.ID, "TERM"), "container not running")
}

func TestKillRefusesUnknownSignalsAndContainers(t *testing.T) {
	h := harness.New(t)
	c := h.Started(h.Bundle(harness.Sleep))
	for _, signal := range []string{"NOPE", "SIG", "65", "-1", "SIGSIGTERM"} {
		h.Fails(h.Creel("kill", "--", c.ID, signal), fmt.Sprintf("unknown signal %q", signal))
	}
	h.Fails(h.Creel("kill", "nobody"), "container does not exist")
	if s := h.State(c.ID); s.Status != "running" {
		t.Errorf("state %+v", s)
	}
}

func TestWithoutAPidNamespaceSIGKILLReachesEveryProcess(t *testing.T) {
	h := harness.New(t)
	c := h.Started(h.Bundle(harness.NoNamespace(specs.PIDNamespace),
		harness.Script("trap '' TERM; setsid sleep 1000 & echo $!; wait; wait")))
	c.Says("\n")
	other, err := strconv.Atoi(c.Output()[:len(c.Output())-1])
	h.Must(err)
	h.Ok(h.Creel("kill", c.ID, "KILL"))
	h.WaitFor(c.ID, "stopped")
	h.Eventually("the other process has ended", func() bool {
		_, err := os.Stat("/proc/" + strconv.Itoa(other) + "/exe")
		return err != nil
	})
}
