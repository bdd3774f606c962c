package lifecycle

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/creel-project/creel/spec"
	"github.com/creel-project/creel/tests/harness"
	"github.com/opencontainers/runtime-spec/specs-go"
)

// Engines keep what a runtime writes for each container, people see it in front of what
// they ran.
func TestTheUsualTemplatesRunWithoutAWord(t *testing.T) {
	for _, name := range []string{"creel", "default.json"} { // the latter is what runc 1.1 writes
		t.Run(name, func(t *testing.T) {
			h := harness.New(t)
			text, err := spec.Render(spec.Default(false))
			if name != "creel" {
				text, err = os.ReadFile("../../internal/lazyjson/testdata/configs/" + name)
			}
			h.Must(err)
			var s specs.Spec
			h.Must(json.Unmarshal(text, &s))
			s.Process.Terminal = false
			s.Process.Args = []string{"sh", "-c", "true"}
			s.Root.Path = harness.Default().Root.Path
			text, err = json.Marshal(&s)
			h.Must(err)
			b := h.RawBundle(string(text))
			log := h.Path("log")
			for _, r := range []harness.Result{h.Ok(h.Run(b)), h.Ok(h.Creel("--log", log, "run", "--bundle", b, h.ID()))} {
				if r.Stdout+r.Stderr != "" {
					t.Error(r)
				}
			}
			if text, err := os.ReadFile(log); err != nil || len(text) > 0 {
				t.Errorf("the log has %q, %v", text, err)
			}
		})
	}
}

func TestAUserWhoMissesAnAmbientCapabilityIsWarnedOnce(t *testing.T) {
	h := harness.New(t)
	b := h.Bundle(func(s *specs.Spec) {
		s.Process.User.UID = 1000
		s.Process.Capabilities = &specs.LinuxCapabilities{
			Bounding: []string{"CAP_KILL", "CAP_CHOWN"}, Permitted: []string{"CAP_KILL", "CAP_CHOWN"}, Ambient: []string{"CAP_KILL", "CAP_CHOWN"},
		}
	})
	r := h.Ok(h.Run(b))
	if has(t, r.Stderr, "process.capabilities.ambient"); strings.Count(r.Stderr, "\n") != 1 {
		t.Error(r)
	}
}
