package compile

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/creel-project/creel/spec"
	"github.com/creel-project/creel/tests/mutate"
	"github.com/opencontainers/runtime-spec/specs-go"
)

// judged is what there is to say about a config on this machine.
func judged(s *specs.Spec) string {
	_, err := spec.Validate(s, "/")
	if err == nil {
		return ""
	}
	return err.Error()
}

func TestNoWrongValueThatIsAcceptedPanics(t *testing.T) {
	compiled := 0
	for i := range planCases {
		c := &planCases[i]
		text, err := os.ReadFile(filepath.Join("testdata", c.name+".json"))
		if err != nil || len(text) > 3000 {
			continue // the config of another case, or a seccomp profile, which is not compiled
		}
		right := judged(c.input(t).Spec)
		for path, wrong := range mutate.Each(text) {
			mutate.Survives(t, c.name+path, func() {
				s, err := spec.Decode(wrong)
				if err != nil || judged(s) != right {
					return
				}
				in := baseInput(s)
				if c.change != nil {
					c.change(&in)
				}
				if p, err := Compile(in); err == nil {
					p.Document(in.ID)
					compiled++
				}
				in.Spec = Kept(s)
				_, _ = CompileExec(in, Exec{Join: JoinFlags(in.Spec)})
			})
		}
	}
	if compiled < 1000 {
		t.Errorf("only %d were compiled", compiled)
	}
}
