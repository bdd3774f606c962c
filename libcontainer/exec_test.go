package libcontainer

import (
	"testing"

	"github.com/opencontainers/runtime-spec/specs-go"
)

func TestWhatIsKeptOfAConfigMayHaveLostItsProcess(t *testing.T) {
	c := &Container{id: "web", kept: &specs.Spec{}}
	if p, err := c.Process(); err == nil {
		t.Errorf("exec would go on with %v", p)
	}
}
