package conformance

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/creel-project/creel/tests/harness"
)

// inDir runs a command in a directory.
func inDir(dir string) func(*exec.Cmd) { return func(cmd *exec.Cmd) { cmd.Dir = dir } }

// semver says whether a version looks like semver.org's second edition.
func semver(v string) bool {
	core, _, _ := strings.Cut(v, "+")
	core, _, _ = strings.Cut(core, "-")
	parts := strings.Split(core, ".")
	for _, p := range parts {
		if p == "" || strings.Trim(p, "0123456789") != "" {
			return false
		}
	}
	return len(parts) == 3
}

func TestOperationNeedsAnID(t *testing.T) {
	each(t, "state", func(c *C) { c.fails("state", c.Creel("state")) })
	each(t, "create", func(c *C) { c.fails("create", c.Creel("create", "--bundle", c.Bundle(waits))) })
	each(t, "start", func(c *C) { c.fails("start", c.Creel("start")) })
	each(t, "kill", func(c *C) { c.fails("kill", c.Creel("kill")) })
	each(t, "delete", func(c *C) { c.fails("delete", c.Creel("delete")) })
}

func TestCreateNeedsABundle(t *testing.T) {
	c := begin(t)
	c.refused(c.Path("nothing"))
	empty := c.Path("empty")
	c.Must(os.Mkdir(empty, 0o755))
	c.refused(empty)
	// the bundle that is given, not the one that one stands in
	c.fails("create", c.Go(inDir(c.Bundle(waits)), "create", "--bundle", empty, c.ID()).Result())
}

func TestCreateMakesAContainer(t *testing.T) {
	c := begin(t)
	k := c.Create(c.Bundle(waits))
	state := c.State(k.ID)
	if state.Status != "created" || !strings.Contains(strings.Join(c.Containers(), " "), k.ID) {
		t.Errorf("after create there is %q, with %+v", c.Containers(), state)
	}
	c.ProcLink(state.Pid, "ns/mnt")
}

func TestCreateRefusesATakenID(t *testing.T) {
	c := begin(t)
	k := c.Create(c.Bundle(waits))
	before := c.State(k.ID)
	c.fails("create", c.Creel("create", "--bundle", c.Bundle(looks), k.ID))
	if now := c.State(k.ID); now.Pid != before.Pid || now.Bundle != before.Bundle {
		t.Errorf("the container was %+v, and is %+v", before, now)
	}
	c.stopped(k.ID)
	c.fails("create", c.Creel("create", "--bundle", c.Bundle(looks), k.ID))
	c.Ok(c.Creel("delete", k.ID))
	c.Ok(c.Creel("create", "--bundle", c.Bundle(looks), k.ID))
}

func TestCreateRefusesAnInvalidID(t *testing.T) {
	c := begin(t)
	for _, id := range []string{"", ".", "..", "../up", "a/b"} {
		c.fails("create of "+id, c.Creel("create", "--bundle", c.Bundle(waits), id))
	}
	if left := c.Containers(); len(left) > 0 {
		t.Errorf("there is %q", left)
	}
}

// marks makes the program write a file on the host, and wait.
func (c *C) marks() (harness.Mutate, func() string) {
	c.Helper()
	dir := c.Path("marks")
	c.Must(os.Mkdir(dir, 0o777))
	return func(s *S) {
		harness.Bind(dir, "/marks")(s)
		harness.Script("echo ran >>/marks/file; exec sleep 1000")(s)
	}, func() string { return read(dir + "/file") }
}

func TestProgramWaitsForStart(t *testing.T) {
	c := begin(t)
	program, mark := c.marks()
	k := c.Create(c.Bundle(program))
	if got := c.State(k.ID).Status; got != "created" || mark() != "" {
		t.Errorf("the container is %s and wrote %q", got, mark())
	}
	if line := c.ProcFile(c.State(k.ID).Pid, "cmdline"); strings.Contains(line, "/marks/file") {
		t.Errorf("create ran %q", line)
	}
	c.Ok(c.Creel("start", k.ID))
	c.Eventually("the program has run", func() bool { return mark() == "ran\n" })
}

func TestStartOfWhatIsNotCreated(t *testing.T) {
	each(t, "running", func(c *C) {
		program, mark := c.marks()
		k := c.Started(c.Bundle(program))
		c.Eventually("the program has run", func() bool { return mark() == "ran\n" })
		pid := c.State(k.ID).Pid
		c.fails("start", c.Creel("start", k.ID))
		if now := c.State(k.ID); now.Status != "running" || now.Pid != pid || mark() != "ran\n" {
			c.Errorf("it is %+v, and wrote %q", now, mark())
		}
	})
	each(t, "stopped", func(c *C) {
		program, mark := c.marks()
		k := c.Started(c.Bundle(program))
		c.Eventually("the program has run", func() bool { return mark() == "ran\n" })
		c.stopped(k.ID)
		c.fails("start", c.Creel("start", k.ID))
		if now := c.State(k.ID); now.Status != "stopped" || mark() != "ran\n" {
			c.Errorf("it is %+v, and wrote %q", now, mark())
		}
	})
}

func TestStartNeedsAProcess(t *testing.T) {
	c := begin(t)
	id := c.ID()
	// a runtime may find it out at once
	r := c.Creel("create", "--bundle", c.Bundle(func(s *S) { s.Process = nil }), id)
	if r.Status == 0 {
		c.fails("start", c.Creel("start", id))
	}
}

func TestKillOfAStoppedContainer(t *testing.T) {
	c := begin(t)
	k := c.Started(c.Bundle(harness.Sleep))
	c.stopped(k.ID)
	c.fails("kill", c.Creel("kill", k.ID, "TERM"))
	if got := c.State(k.ID).Status; got != "stopped" {
		t.Errorf("it is %s", got)
	}
}

func TestKillSendsTheSignal(t *testing.T) {
	each(t, "created", func(c *C) {
		k := c.Create(c.Bundle(waits))
		c.Ok(c.Creel("kill", k.ID, "KILL"))
		c.WaitFor(k.ID, "stopped")
	})
	each(t, "running", func(c *C) {
		k := c.Started(c.Bundle(harness.Script("trap 'echo got HUP' HUP; trap 'echo got USR2' USR2; echo ready; while :; do sleep 1000 & wait; done")))
		k.Says("ready")
		c.Ok(c.Creel("kill", k.ID, "HUP"))
		k.Says("got HUP\n")
		c.Ok(c.Creel("kill", k.ID, "USR2"))
		k.Says("got USR2\n")
		if got := c.State(k.ID).Status; got != "running" {
			c.Errorf("it is %s", got)
		}
	})
}

func TestDeleteOfWhatIsNotStopped(t *testing.T) {
	each(t, "running", func(c *C) {
		k := c.Started(c.Bundle(harness.Sleep))
		c.fails("delete", c.Creel("delete", k.ID))
		if got := c.State(k.ID).Status; got != "running" {
			c.Errorf("it is %s", got)
		}
	})
	each(t, "created", func(c *C) {
		k := c.Create(c.Bundle(harness.Sleep))
		c.fails("delete", c.Creel("delete", k.ID))
		if got := c.Creel("state", k.ID); !strings.Contains(got.Stdout, "created") {
			c.Errorf("it is %s", got)
		}
	})
}
