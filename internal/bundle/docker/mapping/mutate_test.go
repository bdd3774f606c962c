package mapping

import (
	"os"
	"testing"

	"github.com/creel-project/creel/internal/bundle/docker/inspect"
	"github.com/creel-project/creel/internal/bundle/docker/report"
	"github.com/creel-project/creel/tests/mutate"
)

func TestNoWrongValueInADescriptionPanics(t *testing.T) {
	text, err := os.ReadFile("testdata/web.json")
	if err != nil {
		t.Fatal(err)
	}
	o := options()
	o.Root = "/"
	for path, wrong := range mutate.Each(text) {
		mutate.Survives(t, path, func() {
			d, err := inspect.Decode(wrong)
			if err != nil {
				return
			}
			if s, notes, err := Map(d, o); err == nil {
				_, _ = report.Build(d.Fields, notes, s)
			}
		})
	}
}
