package spec

import (
	"os"
	"testing"

	"github.com/creel-project/creel/tests/mutate"
)

func TestNoWrongValueInAConfigPanics(t *testing.T) {
	text, err := os.ReadFile("../internal/lazyjson/testdata/configs/every-field.json")
	if err != nil {
		t.Fatal(err)
	}
	for path, wrong := range mutate.Each(text) {
		mutate.Survives(t, path, func() {
			s, err := Decode(wrong)
			if err != nil {
				return
			}
			_, _ = Validate(s, "/nonexistent")
			_, _ = ValidateProcess(s)
			_, _ = ValidateMount(s)
			if s.Linux != nil && s.Linux.Resources != nil {
				_ = ValidateResources(s.Linux.Resources, "linux.resources")
			}
		})
	}
}
