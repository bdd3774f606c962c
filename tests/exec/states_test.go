package exec

import (
	"os"
	"strings"
	"testing"

	"github.com/creel-project/creel/tests/harness"
	"github.com/opencontainers/runtime-spec/specs-go"
)

func TestAContainerThatIsBeingCreatedTakesNoProcess(t *testing.T) {
	h := harness.New(t)
	hook := h.Script("hook", "touch "+h.Path("runs")+"; while [ ! -e "+h.Path("go")+" ]; do sleep 0.01; done")
	id := h.ID()
	create := h.Go(nil, "create", "--bundle", h.Bundle(harness.Sleep, func(s *specs.Spec) {
		s.Hooks = &specs.Hooks{CreateRuntime: []specs.Hook{{Path: hook, Env: []string{"PATH=/usr/bin:/bin"}}}}
	}), id)
	h.Eventually("the hook runs", func() bool { _, err := os.Stat(h.Path("runs")); return err == nil })
	refused(h, "cannot exec in a container in the creating state", id, "true")
	refused(h, "cannot exec in a container in the creating state", "--ignore-paused", id, "true")
	h.WriteFile(h.Path("go"), "", 0o644)
	h.Ok(create.Result())
	h.Ok(h.Creel("exec", id, "true"))
}

func TestACreatedContainerThatIsPausedTakesAProcessOnlyWhenToldSo(t *testing.T) {
	h := harness.New(t)
	c := h.Create(h.Bundle(harness.Sleep))
	h.Ok(h.Creel("pause", c.ID))
	refused(h, "cannot exec in a paused container", c.ID, "true")
	p := h.Go(nil, "exec", "--ignore-paused", c.ID, "echo", "late")
	h.Ok(h.Creel("resume", c.ID))
	expect(t, h.Ok(p.Result()).Stdout, "late\n")
	h.Ok(h.Creel("start", c.ID))
}

func TestAnExecThatWaitsInAPausedContainerEndsWithIt(t *testing.T) {
	for _, end := range [][]string{{"kill", "", "KILL"}, {"delete", "--force", ""}} {
		t.Run(end[0], func(t *testing.T) {
			h := harness.New(t)
			c := h.Started(h.Bundle(harness.Sleep))
			h.Ok(h.Creel("pause", c.ID))
			processes := func() int { return strings.Count(h.Ok(h.Creel("ps", "--format", "json", c.ID)).Stdout, ",") }
			before := processes()
			p := h.Go(nil, "exec", "--ignore-paused", c.ID, "sleep", "1000")
			h.Eventually("it waits", func() bool { return processes() > before })
			args := []string{end[0], end[1], end[2]}
			for i := range args {
				if args[i] == "" {
					args[i] = c.ID
				}
			}
			h.Ok(h.Creel(args...))
			r := p.Result()
			if r.Status != 255 && r.Status != 137 || r.Status == 255 && !strings.Contains(r.LastLine(), "cannot exec in a stopped container") {
				t.Error(r)
			}
		})
	}
}

func TestAContainerThatVanishedTakesNoProcess(t *testing.T) {
	h := harness.New(t)
	c := h.Started(h.Bundle(harness.Sleep))
	dir := h.Root + "/" + c.ID
	for name, want := range map[string]string{"config.json": "config.json of " + c.ID, "state.json": "record of " + c.ID} {
		h.Must(os.Rename(dir+"/"+name, h.Path(name)))
		refused(h, want, c.ID, "true")
		h.WriteFile(dir+"/"+name, "{", 0o600)
		refused(h, want, c.ID, "true")
		h.Must(os.Rename(h.Path(name), dir+"/"+name))
	}
	h.Ok(h.Creel("exec", c.ID, "true"))
	h.Ok(h.Creel("kill", c.ID, "KILL"))
	h.WaitFor(c.ID, "stopped")
	refused(h, "cannot exec in a stopped container", c.ID, "true")
	refused(h, "cannot exec in a stopped container", "--ignore-paused", "-d", c.ID, "true")
	h.Ok(h.Creel("delete", c.ID))
	refused(h, "container does not exist", c.ID, "true")
}
