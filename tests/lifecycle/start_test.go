package lifecycle

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/creel-project/creel/tests/harness"
)

func TestTheProcessRunsAfterStartAndNotBefore(t *testing.T) {
	h := harness.New(t)
	c := h.Create(h.Bundle(harness.Script("echo ran")))
	if s := h.State(c.ID); s.Status != "created" || s.Pid == 0 {
		t.Errorf("state %+v", s)
	}
	if c.Output() != "" {
		t.Errorf("it said %q before start", c.Output())
	}
	h.Ok(h.Creel("start", c.ID))
	h.WaitFor(c.ID, "stopped")
	expect(t, c.Output(), "ran\n")
}

func TestOfManyStartsAtOnceExactlyOneWins(t *testing.T) {
	h := harness.New(t)
	b := h.Bundle(harness.Script("echo ran; exec sleep 1000"))
	for range 10 {
		c := h.Create(b)
		var starts []*harness.Process
		for range 6 {
			starts = append(starts, h.Go(nil, "start", c.ID))
		}
		won := 0
		for _, s := range starts {
			if r := s.Result(); r.Status == 0 {
				won++
			} else {
				h.Fails(r, "cannot start an already running container")
			}
		}
		if won != 1 {
			t.Errorf("%d of 6 starts won", won)
		}
		c.Says("ran\n")
		expect(t, c.Output(), "ran\n")
		h.Ok(h.Creel("delete", "--force", c.ID))
	}
}

func TestASecondStartFails(t *testing.T) {
	h := harness.New(t)
	c := h.Started(h.Bundle(harness.Sleep))
	h.Fails(h.Creel("start", c.ID), "cannot start an already running container")
}

func TestStartOfADeadInitSaysSo(t *testing.T) {
	h := harness.New(t)
	c := h.Create(h.Bundle())
	h.Must(syscall.Kill(h.State(c.ID).Pid, syscall.SIGKILL))
	h.WaitFor(c.ID, "stopped")
	h.Fails(h.Creel("start", c.ID), "cannot start a container that has stopped")
}

func TestStartOfAStoppedContainerFails(t *testing.T) {
	h := harness.New(t)
	c := h.Started(h.Bundle())
	h.WaitFor(c.ID, "stopped")
	h.Fails(h.Creel("start", c.ID), "cannot start a container that has stopped")
}

func TestStartOfNothingFails(t *testing.T) {
	h := harness.New(t)
	h.Fails(h.Creel("start", "nobody"), "container does not exist")
}

// The program is looked for at create; what happens to it afterwards is told by start.
func TestStartTellsWhyTheProgramCannotBeExecuted(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(h *harness.H, path string)
		want  string
	}{
		"removed":        {func(h *harness.H, path string) { h.Must(os.Remove(path)) }, "no such file or directory"},
		"not executable": {func(h *harness.H, path string) { h.Must(os.Chmod(path, 0o644)) }, "permission denied"},
		"no format":      {func(h *harness.H, path string) { h.WriteFile(path, "nothing that a kernel knows", 0o755) }, "exec format error"},
		"no interpreter": {func(h *harness.H, path string) { h.WriteFile(path, "#!/nowhere\n", 0o755) }, "no such file or directory"},
	} {
		t.Run(name, func(t *testing.T) {
			h := harness.New(t)
			root := h.OwnRoot()
			path := filepath.Join(root, "bin/program")
			h.WriteFile(path, "#!/bin/sh\n", 0o755)
			ctr := h.Create(h.Bundle(harness.Root(root), harness.Args("program")))
			c.spoil(h, path)
			r := h.Fails(h.Creel("start", ctr.ID), c.want)
			has(t, r.LastLine(), "program")
			if strings.Count(r.Stderr, "\n") != 1 {
				t.Errorf("more than one line: %s", r.Stderr)
			}
			h.WaitFor(ctr.ID, "stopped")
		})
	}
}
