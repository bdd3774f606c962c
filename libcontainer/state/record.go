package state

import (
	"errors"
	"fmt"

	"github.com/creel-project/creel/internal/lazyjson"
	"github.com/creel-project/creel/libcontainer/cgroups/driver"
	"github.com/creel-project/creel/libcontainer/rdt"
	"github.com/opencontainers/runtime-spec/specs-go"
)

// Version is the version of the records that this package writes and reads.
const Version = 1

// Record is what later commands have to know of a container. It is small on
// purpose: no command but create ever reads a whole config.
type Record struct {
	Version     int               `json:"version"`
	ID          string            `json:"id"`
	OCIVersion  string            `json:"ociVersion"`
	Bundle      string            `json:"bundle"`
	Rootfs      string            `json:"rootfs"`
	Created     string            `json:"created"` // RFC 3339, UTC
	Annotations map[string]string `json:"annotations,omitempty"`

	// Pid is the container's init, 0 while it is being created; StartTime is field 22 of
	// its /proc/PID/stat: together they name one process for ever.
	Pid       int    `json:"pid,omitempty"`
	StartTime uint64 `json:"startTime,omitempty"`

	// CreatorPid is the runtime that is creating the container, or did.
	CreatorPid   int    `json:"creatorPid,omitempty"`
	CreatorStart uint64 `json:"creatorStart,omitempty"`
	Expendable   bool   `json:"expendable,omitempty"` // it does nothing else: delete may end it

	// Hook is there while hooks run in the runtime's namespaces.
	Hook *Hook `json:"hook,omitempty"`

	Cgroup         driver.Record `json:"cgroup"`
	CheckMemory    bool          `json:"checkMemory,omitempty"` // linux.resources.memory.checkBeforeUpdate
	RDT            *rdt.Record   `json:"rdt,omitempty"`
	PrivatePid     bool          `json:"privatePid,omitempty"`     // it has a pid namespace of its own
	NoNewKeyring   bool          `json:"noNewKeyring,omitempty"`   // it stays in its caller's session keyring
	StartContainer bool          `json:"startContainer,omitempty"` // init runs hooks at start
	Mounts         []string      `json:"mounts,omitempty"`         // where mounts were added when it ran
	Listener       *Listener     `json:"listener,omitempty"`       // whom the filter asks, loaded at start
	Poststart      []specs.Hook  `json:"poststart,omitempty"`
	Poststop       []specs.Hook  `json:"poststop,omitempty"`
}

// Listener is who answers the notifications of the seccomp filter: an absolute path, or
// an abstract one, and what is passed on (runtime-spec, config-linux.md, "Seccomp").
type Listener struct {
	Path     string `json:"path"`
	Metadata string `json:"metadata,omitempty"`
}

// Hook is a hook that runs in the runtime's namespaces, or is about to: then Pid is
// 0 or that of the hook before it. Processes are named as in Record.
type Hook struct {
	RunnerPid   int    `json:"runnerPid"` // the runtime that runs it
	RunnerStart uint64 `json:"runnerStart"`
	Pid         int    `json:"pid,omitempty"`
	Start       uint64 `json:"start,omitempty"`
}

var errVersion = errors.New("written by another version of creel")

func (r *Record) encode() ([]byte, error) { return lazyjson.Marshal(r) }

func decode(data []byte) (*Record, error) {
	r := new(Record)
	if err := lazyjson.Unmarshal(data, r); err != nil {
		return nil, err
	}
	if r.Version != Version {
		return nil, fmt.Errorf("version %d, not %d: %w", r.Version, Version, errVersion)
	}
	return r, nil
}
