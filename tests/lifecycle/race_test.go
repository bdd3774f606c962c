package lifecycle

import (
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/creel-project/creel/tests/harness"
	"github.com/opencontainers/runtime-spec/specs-go"
)

// atOnce starts commands together and returns how each ended.
func atOnce(h *harness.H, commands ...[]string) (all []harness.Result) {
	h.Helper()
	var running []*harness.Process
	for _, args := range commands {
		running = append(running, h.Go(nil, args...))
	}
	for _, p := range running {
		all = append(all, p.Result())
	}
	return all
}

func times(n int, args ...string) (commands [][]string) {
	for range n {
		commands = append(commands, args)
	}
	return commands
}

// outcomes checks that each command succeeded or failed with one of the words, and returns how many succeeded.
func outcomes(h *harness.H, all []harness.Result, words ...string) (won int) {
	h.Helper()
	for _, r := range all {
		if r.Status == 0 {
			won++
			continue
		}
		known := false
		for _, w := range words {
			known = known || strings.HasSuffix(r.LastLine(), w)
		}
		if !known || r.Status != 1 && r.Status != 255 {
			h.Errorf("none of the outcomes %q: %s", words, r)
		}
	}
	return won
}

// counted has a poststop hook that leaves a line, and returns how many there are.
func counted(h *harness.H, name string) (harness.Mutate, func() int) {
	h.Helper()
	hook := h.Script("hook-"+name, "echo ran >> "+h.Path(name))
	return func(s *specs.Spec) {
			s.Hooks = &specs.Hooks{Poststop: []specs.Hook{{Path: hook, Env: []string{"PATH=/usr/bin:/bin"}}}}
		}, func() int {
			text, err := os.ReadFile(h.Path(name))
			if err != nil && !os.IsNotExist(err) {
				h.Fatal(err)
			}
			return strings.Count(string(text), "ran")
		}
}

const notThere = "container does not exist"

func TestOfManyDeletesAtOnceExactlyOneWinsAndItsHooksRunOnce(t *testing.T) {
	h := harness.New(t)
	hook, ran := counted(h, "ran")
	b := h.Bundle(harness.Sleep, hook)
	for i := range 15 {
		c := h.Create(b)
		if won := outcomes(h, atOnce(h, times(6, "delete", c.ID)...), notThere); won != 1 {
			t.Errorf("%d of 6 deletes won", won)
		}
		if n := ran(); n != i+1 {
			t.Fatalf("after %d containers the poststop hooks ran %d times", i+1, n)
		}
		gone(h, c.ID)
	}
}

func TestOfDeletesWithAndWithoutForceTheHooksRunOnceAndForceSucceeds(t *testing.T) {
	h := harness.New(t)
	hook, ran := counted(h, "ran")
	b := h.Bundle(hook)
	for i := range 15 {
		c := h.Started(b)
		h.WaitFor(c.ID, "stopped")
		all := atOnce(h, append(times(3, "delete", c.ID), times(3, "delete", "--force", c.ID)...)...)
		if won := outcomes(h, all[:3], notThere); won > 1 {
			t.Errorf("%d of 3 deletes won", won)
		}
		if won := outcomes(h, all[3:]); won != 3 {
			t.Errorf("%d of 3 forced deletes succeeded", won)
		}
		if n := ran(); n != i+1 {
			t.Fatalf("after %d containers the poststop hooks ran %d times", i+1, n)
		}
		gone(h, c.ID)
	}
}

// A delete that is late must not meet the next container with the id.
func TestADeleteSparesTheNextContainerOfTheSameId(t *testing.T) {
	h := harness.New(t)
	b := h.Bundle(harness.Sleep)
	for range 15 {
		c := h.Create(b)
		var deletes []*harness.Process
		for range 4 {
			deletes = append(deletes, h.Go(nil, "delete", c.ID))
		}
		won := 0
		next := func() bool { return h.Go(nil, "run", "--detach", "--bundle", b, c.ID).Result().Status == 0 }
		h.Eventually("the id is free", next)
		for _, d := range deletes {
			won += outcomes(h, []harness.Result{d.Result()}, notThere, "cannot delete container "+c.ID+" that is not stopped: running",
				"cannot delete container "+c.ID+" that is not stopped: creating")
		}
		if won != 1 {
			t.Errorf("%d of 4 deletes won", won)
		}
		if s := h.State(c.ID); s.Status != "running" {
			t.Fatalf("the next container: %+v", s)
		}
		h.Ok(h.Creel("exec", c.ID, "true"))
		h.Ok(h.Creel("delete", "--force", c.ID))
	}
}

func TestOfManyCreatesOfOneIdExactlyOneWins(t *testing.T) {
	h := harness.New(t)
	b := h.Bundle(harness.Sleep)
	for range 10 {
		id := h.ID()
		if won := outcomes(h, atOnce(h, times(6, "create", "--bundle", b, id)...), "container with given ID already exists"); won != 1 {
			t.Errorf("%d of 6 creates won", won)
		}
		h.Ok(h.Creel("start", id))
		if s := h.State(id); s.Status != "running" {
			t.Errorf("state %+v", s)
		}
		h.Ok(h.Creel("delete", "--force", id))
		gone(h, id)
	}
}

// A delete of a created container that a start overtakes may come too late; then it says so.
func TestADeleteAndAStartAtOnceLeaveNothingHalf(t *testing.T) {
	h := harness.New(t)
	hook, ran := counted(h, "ran")
	b := h.Bundle(harness.Sleep, hook)
	for i := range 20 {
		c := h.Create(b)
		all := atOnce(h, []string{"start", c.ID}, []string{"delete", c.ID})
		outcomes(h, all[:1], notThere, "cannot start a container that has stopped", "it was killed by signal SIGKILL",
			"init ended before it executed the process", "before the process was executed init was killed by signal SIGKILL")
		if deleted := outcomes(h, all[1:], "that is not stopped: running") == 1; !deleted {
			if s := h.State(c.ID); s.Status != "running" {
				t.Errorf("start %v\ndelete %v\nstate %+v", all[0], all[1], s)
			}
			h.Ok(h.Creel("delete", "--force", c.ID))
		}
		if n := ran(); n != i+1 {
			t.Fatalf("after %d containers the poststop hooks ran %d times", i+1, n)
		}
		gone(h, c.ID)
	}
}

func TestAForcedDeleteAndACreateAtOnceLeaveNothingHalf(t *testing.T) {
	h := harness.New(t)
	b := h.Bundle(harness.Sleep)
	for range 20 {
		id := h.ID()
		all := atOnce(h, append(times(2, "delete", "--force", id), []string{"create", "--bundle", b, id}, []string{"delete", "--force", id})...)
		if forced := outcomes(h, []harness.Result{all[0], all[1], all[3]}); forced != 3 {
			t.Errorf("%d of 3 forced deletes succeeded", forced)
		}
		if all[2].Status == 0 && len(h.Containers()) > 0 {
			h.Ok(h.Creel("start", id))
		}
		h.Ok(h.Creel("delete", "--force", id))
		gone(h, id)
	}
}

func TestAKillAtTheEndHitsTheProcessOrSaysThatNoneRuns(t *testing.T) {
	for name, m := range map[string]harness.Mutate{"pid namespace": func(*specs.Spec) {}, "no pid namespace": harness.NoNamespace(specs.PIDNamespace)} {
		t.Run(name, func(t *testing.T) {
			h := harness.New(t)
			b := h.Bundle(harness.Script("exit 0"), m)
			for range 15 {
				c := h.Create(b)
				all := atOnce(h, []string{"start", c.ID}, []string{"kill", c.ID, "KILL"}, []string{"kill", c.ID, "TERM"}, []string{"kill", "--all", c.ID, "KILL"})
				outcomes(h, all[1:], "container not running")
				all = atOnce(h, []string{"kill", c.ID, "KILL"}, []string{"delete", "--force", c.ID}, []string{"kill", "--all", c.ID, "KILL"})
				outcomes(h, all, "container not running", notThere)
				if all[1].Status != 0 {
					t.Error(all[1])
				}
				gone(h, c.ID)
			}
		})
	}
}

func TestAnExecAtTheEndRunsOrSaysWhyNot(t *testing.T) {
	for name, m := range map[string]harness.Mutate{"pid namespace": func(*specs.Spec) {}, "no pid namespace": harness.NoNamespace(specs.PIDNamespace), "user namespace": harness.UserNS(0, 65536)} {
		t.Run(name, func(t *testing.T) {
			h := harness.New(t)
			b := h.Bundle(harness.Sleep, m)
			for range 15 {
				c := h.Started(b)
				all := atOnce(h, []string{"exec", c.ID, "true"}, []string{"exec", "-d", c.ID, "sleep", "1000"}, []string{"delete", "--force", c.ID}, []string{"exec", c.ID, "true"})
				h.Ok(all[2])
				for _, r := range []harness.Result{all[0], all[1], all[3]} {
					if r.Status == 137 {
						continue // it was killed with the container
					}
					outcomes(h, []harness.Result{r}, notThere, "cannot exec in a stopped container", "container not running", "init was killed by signal SIGKILL")
				}
				gone(h, c.ID)
			}
		})
	}
}

func TestAMountThatIsAddedAtTheEndIsThereOrSaysWhyNot(t *testing.T) {
	h := harness.New(t)
	b := h.Bundle(harness.Sleep, harness.Root(h.OwnRoot()))
	for range 15 {
		c := h.Started(b)
		add := []string{"mount", "add", c.ID, "type=tmpfs,destination=/tmp"}
		all := atOnce(h, add, []string{"mount", "remove", c.ID, "/tmp"}, []string{"delete", "--force", c.ID}, add)
		h.Ok(all[2])
		for _, i := range []int{0, 1, 3} {
			if r := all[i]; r.Status != 0 && r.Status != 1 {
				t.Error(r)
			}
		}
		gone(h, c.ID)
	}
}

// A file system that nobody answers for keeps a mount waiting; that must not keep the container.
func TestAMountThatHangsKeepsNobodyFromDeleting(t *testing.T) {
	h := harness.New(t)
	c := h.Started(h.Bundle(harness.Sleep))
	f, err := os.Open(h.Root + "/" + c.ID + "/config.json")
	h.Must(err)
	defer f.Close()
	h.Must(syscall.Flock(int(f.Fd()), syscall.LOCK_EX)) // as a mount does
	add := h.Go(nil, "mount", "add", c.ID, "type=tmpfs,destination=/tmp")
	h.Ok(h.Creel("delete", "--force", c.ID))
	gone(h, c.ID)
	h.Must(f.Close())
	h.Fails(add.Result(), notThere)
}

func TestARunWhoseContainerIsDeletedReturnsTheStatusOfTheProcess(t *testing.T) {
	h := harness.New(t)
	hook, ran := counted(h, "ran")
	b := h.Bundle(harness.Script("echo up; exec sleep 1000"), hook)
	for i := range 10 {
		id := h.ID()
		c := &harness.Container{Process: h.Go(nil, "run", "--bundle", b, id), ID: id}
		c.Says("up")
		for _, r := range atOnce(h, times(2, "delete", "--force", id)...) {
			h.Ok(r)
		}
		if r := c.Result(); r.Status != 137 || r.Stderr != "" {
			t.Error(r)
		}
		if n := ran(); n != i+1 {
			t.Fatalf("after %d containers the poststop hooks ran %d times", i+1, n)
		}
		gone(h, id)
	}
}
