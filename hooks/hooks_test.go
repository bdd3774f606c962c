package hooks

import (
	"testing"

	"github.com/opencontainers/runtime-spec/specs-go"
)

func TestATimeoutOfCenturiesIsNotOver(t *testing.T) {
	timeout := 18446744074 // in nanoseconds, a third of a second more than 64 bits hold
	h := &specs.Hook{Path: "/bin/sleep", Args: []string{"sleep", "0.5"}, Timeout: &timeout}
	if err := Run(h, Input{Name: "state"}, Files{}, "/", nil); err != nil {
		t.Error(err)
	}
}
