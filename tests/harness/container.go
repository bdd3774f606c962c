package harness

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// Run runs a bundle in the foreground, under a new id, with these flags.
func (h *H) Run(bundle string, flags ...string) Result {
	h.Helper()
	args := append([]string{"run", "--bundle", bundle}, flags...)
	return h.Creel(append(args, h.ID())...)
}

// Sh runs a shell script in a container and returns what it wrote, without the last
// newline. The script must succeed.
func (h *H) Sh(script string, mutate ...Mutate) string {
	h.Helper()
	b := h.Bundle(append([]Mutate{Script(script)}, mutate...)...)
	return strings.TrimSuffix(h.Ok(h.Run(b)).Stdout, "\n")
}

// A Container is one that was created.
type Container struct {
	*Process
	ID string
}

// Create creates a container that waits for start.
func (h *H) Create(bundle string, flags ...string) *Container {
	h.Helper()
	id := h.ID()
	args := append([]string{"create", "--bundle", bundle}, flags...)
	c := &Container{Process: h.Go(nil, append(args, id)...), ID: id}
	h.Ok(c.Result())
	return c
}

// Started creates a container and starts it.
func (h *H) Started(bundle string, flags ...string) *Container {
	h.Helper()
	c := h.Create(bundle, flags...)
	h.Ok(h.Creel("start", c.ID))
	return c
}

// Says waits until the container's output contains text.
func (c *Container) Says(text string) {
	c.h.Helper()
	c.h.Eventually("the container says "+strconv.Quote(text), func() bool { return strings.Contains(c.Output(), text) })
}

// State is what `creel state` prints.
type State struct {
	OCIVersion  string            `json:"ociVersion"`
	ID          string            `json:"id"`
	Pid         int               `json:"pid"`
	Status      string            `json:"status"`
	Bundle      string            `json:"bundle"`
	Rootfs      string            `json:"rootfs"`
	Created     string            `json:"created"`
	Annotations map[string]string `json:"annotations"`
	Owner       string            `json:"owner"`
}

// State asks for the state of a container that exists.
func (h *H) State(id string) (s State) {
	h.Helper()
	r := h.Ok(h.Creel("state", id))
	if err := json.Unmarshal([]byte(r.Stdout), &s); err != nil {
		h.Fatalf("state %s: %v in %q", id, err, r.Stdout)
	}
	return s
}

// WaitFor waits until the container has this status.
func (h *H) WaitFor(id, status string) {
	h.Helper()
	h.Eventually("container "+id+" is "+status, func() bool { return h.State(id).Status == status })
}

// ProcFile reads a file of the host's /proc/PID.
func (h *H) ProcFile(pid int, name string) string {
	h.Helper()
	text, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), name))
	h.Must(err)
	return string(text)
}

// ProcLink reads a link of the host's /proc/PID.
func (h *H) ProcLink(pid int, name string) string {
	h.Helper()
	target, err := os.Readlink(filepath.Join("/proc", strconv.Itoa(pid), name))
	h.Must(err)
	return target
}
