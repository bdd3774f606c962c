package lifecycle

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/creel-project/creel/tests/harness"
	"github.com/opencontainers/runtime-spec/specs-go"
)

func gone(h *harness.H, id string) {
	h.Helper()
	h.Fails(h.Creel("state", id), "container does not exist")
	if left := h.Containers(); len(left) > 0 {
		h.Errorf("left %v", left)
	}
}

func TestDeleteRemovesACreatedContainer(t *testing.T) {
	h := harness.New(t)
	c := h.Create(h.Bundle(harness.Sleep))
	h.Ok(h.Creel("delete", c.ID))
	gone(h, c.ID)
}

func TestDeleteRemovesAStoppedContainer(t *testing.T) {
	h := harness.New(t)
	c := h.Started(h.Bundle())
	h.WaitFor(c.ID, "stopped")
	h.Ok(h.Creel("delete", c.ID))
	gone(h, c.ID)
}

func TestDeleteRefusesARunningContainer(t *testing.T) {
	h := harness.New(t)
	c := h.Started(h.Bundle(harness.Sleep))
	h.Fails(h.Creel("delete", c.ID), "cannot delete container "+c.ID+" that is not stopped: running")
	if s := h.State(c.ID); s.Status != "running" {
		t.Errorf("state %+v", s)
	}
}

func TestForcedDeleteRemovesARunningContainer(t *testing.T) {
	for name, m := range map[string]harness.Mutate{
		"pid namespace":    func(*specs.Spec) {},
		"no pid namespace": harness.NoNamespace(specs.PIDNamespace),
		"user namespace":   harness.UserNS(0, 65536),
	} {
		t.Run(name, func(t *testing.T) {
			h := harness.New(t)
			c := h.Started(h.Bundle(harness.Script("trap '' TERM; (trap '' TERM; setsid sleep 1000) & sleep 1000 & echo up; wait; wait"), m))
			c.Says("up")
			h.Ok(h.Creel("delete", "--force", c.ID))
			gone(h, c.ID)
		})
	}
}

func TestForcedDeleteOfNothingSucceeds(t *testing.T) {
	h := harness.New(t)
	h.Ok(h.Creel("delete", "--force", "nobody"))
	c := h.Create(h.Bundle())
	h.Ok(h.Creel("delete", "-f", c.ID))
	h.Ok(h.Creel("delete", "-f", c.ID))
	h.Fails(h.Creel("delete", c.ID), "container does not exist")
}

func TestForcedDeletesAtOnceAllSucceed(t *testing.T) {
	h := harness.New(t)
	b := h.Bundle(harness.Sleep)
	for range 5 {
		c := h.Started(b)
		var deletes []*harness.Process
		for range 4 {
			deletes = append(deletes, h.Go(nil, "delete", "--force", c.ID))
		}
		for _, d := range deletes {
			h.Ok(d.Result())
		}
		gone(h, c.ID)
	}
}

// A runtime that was killed right after it took the id had made nothing else yet.
func TestForcedDeleteRemovesADirectoryWithoutARecord(t *testing.T) {
	h := harness.New(t)
	h.Must(os.MkdirAll(filepath.Join(h.Root, "halfway"), 0o711))
	has(t, h.Ok(h.Creel("list")).Stderr, "halfway")
	h.Ok(h.Creel("delete", "--force", "halfway"))
	gone(h, "halfway")
}

// A delete that was cut short, or that found somebody who came just then, leaves some of the cgroups.
func TestForcedDeleteEndsWhatIsLeftInOneHierarchy(t *testing.T) {
	if harness.V2() {
		t.Skip("v2 has one hierarchy")
	}
	h := harness.New(t)
	c := h.Started(h.Bundle())
	h.WaitFor(c.ID, "stopped")
	late := exec.Command("sh", "-c", "echo $$ > "+harness.CgroupDir("memory", c.ID)+"/cgroup.procs; exec sleep 1000")
	h.Must(late.Start())
	h.Cleanup(func() { _ = late.Process.Kill(); _ = late.Wait() })
	h.Eventually("it is in the cgroup", func() bool { return len(h.CgroupPids("memory", c.ID)) == 1 })
	h.Must(os.Remove(harness.CgroupDir("freezer", c.ID)))
	h.Ok(h.Creel("delete", "--force", c.ID))
	gone(h, c.ID)
}

func TestForcedDeleteEndsACreationWithItsHooks(t *testing.T) {
	for name, set := range map[string]func(*specs.Hooks, []specs.Hook){
		"prestart":        func(h *specs.Hooks, l []specs.Hook) { h.Prestart = l }, //nolint:staticcheck // engines still use it
		"createRuntime":   func(h *specs.Hooks, l []specs.Hook) { h.CreateRuntime = l },
		"createContainer": func(h *specs.Hooks, l []specs.Hook) { h.CreateContainer = l },
	} {
		t.Run(name, func(t *testing.T) {
			h := harness.New(t)
			hook := h.Script("hook", "echo $$ > "+h.Path("pid.new")+"; mv "+h.Path("pid.new")+" "+h.Path("pid")+"; sleep 1234567; exit 0")
			b := h.Bundle(harness.Sleep, func(s *specs.Spec) {
				s.Hooks = &specs.Hooks{}
				set(s.Hooks, []specs.Hook{{Path: hook, Env: []string{"PATH=/usr/bin:/bin"}}})
			})
			id := h.ID()
			create := h.Go(nil, "create", "--bundle", b, id)
			h.Eventually("the hook runs", func() bool { _, err := os.Stat(h.Path("pid")); return err == nil })
			h.Ok(h.Creel("delete", "--force", id))
			gone(h, id)
			if r := create.Result(); r.Status == 0 {
				t.Error(r)
			}
			if name == "createContainer" {
				return // it is in the container's pid namespace, where the leak check finds it
			}
			text, err := os.ReadFile(h.Path("pid"))
			h.Must(err)
			pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
			h.Must(err)
			h.Eventually("the hook has ended", func() bool {
				cmdline, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/cmdline")
				return err != nil || !strings.Contains(string(cmdline), hook)
			})
		})
	}
}
