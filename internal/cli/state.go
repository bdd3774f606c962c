package cli

import (
	"os"
	"time"

	"github.com/creel-project/creel/internal/lazyjson"
	"github.com/creel-project/creel/libcontainer"
	"github.com/opencontainers/runtime-spec/specs-go"
)

// containerState is the output of state and of list --format json, as engines
// read it of runc: the state of the spec and a few facts beside it.
type containerState struct {
	Version     string               `json:"ociVersion"`
	ID          string               `json:"id"`
	Pid         int                  `json:"pid"`
	Status      specs.ContainerState `json:"status"`
	Bundle      string               `json:"bundle"`
	Rootfs      string               `json:"rootfs"`
	Created     time.Time            `json:"created"`
	Annotations map[string]string    `json:"annotations,omitempty"`
	Owner       string               `json:"owner"`
}

func stateOf(e *libcontainer.ListEntry) containerState {
	return containerState{
		Version: e.Version, ID: e.ID, Pid: e.Pid, Status: e.Status, Bundle: e.Bundle,
		Rootfs: e.Rootfs, Created: e.Created, Annotations: e.Annotations, Owner: e.Owner,
	}
}

func (p *program) stateCommand() *command {
	return &command{
		name: "state", usage: "output the state of a container",
		args: "<container-id>", least: 1, most: 1, action: p.state,
	}
}

func (p *program) state(c *call) error {
	e, err := p.rt.Entry(c.arg(0))
	if err != nil {
		return err
	}
	data, err := lazyjson.MarshalIndent(stateOf(e), "", "  ")
	if err != nil {
		return err
	}
	_, err = os.Stdout.Write(append(data, '\n'))
	return err
}
