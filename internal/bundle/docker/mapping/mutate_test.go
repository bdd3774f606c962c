package mapping

import (
	"os"
	"testing"

	"github.com/creel-project/creel/tests/mutate"
)

func TestNoWrongValueInADescriptionPanics(t *testing.T) {
	text, err := os.ReadFile("testdata/web.json")
	if err != nil {
		t.Fatal(err)
	}
	for path, wrong := range mutate.Each(text) {
		mutate.Survives(t, path, func() { holds(t, wrong) })
	}
}
