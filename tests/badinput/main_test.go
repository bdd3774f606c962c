// Package badinput gives creel what it must refuse: each mistake gets one clear
// sentence that names the field and the value, with the cause in the last line,
// a status other than 0, and leaves nothing behind.
package badinput

import (
	"os"
	"testing"

	"github.com/creel-project/creel/tests/harness"
)

func TestMain(m *testing.M) { os.Exit(harness.Main(m)) }

// mistake is a config with one thing wrong, and what the error must contain.
type mistake struct {
	name   string
	mutate harness.Mutate
	want   []string
}

// refused runs every config and expects the refusal; harness.New looks for what
// was left behind.
func refused(t *testing.T, list []mistake) {
	t.Helper()
	for _, m := range list {
		t.Run(m.name, func(t *testing.T) {
			h := harness.New(t)
			b := h.Bundle(m.mutate)
			h.Fails(h.Run(b), m.want...)
			id := h.ID()
			h.Fails(h.Creel("create", "--bundle", b, id), m.want...)
			if _, err := os.Stat(h.Root + "/" + id); !os.IsNotExist(err) {
				t.Errorf("a state directory is left: %v", err)
			}
		})
	}
}
