// Package api asks Docker's engine for a container's description and files, over its API.
package api

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/creel-project/creel/internal/bundle/docker/inspect"
	"github.com/moby/moby/client"
)

// An Engine is one that answers.
type Engine struct {
	client  *client.Client
	refused atomic.Pointer[net.OpError] // why a connection did not come about: the client's own errors do not always say
}

// Connect prepares to talk to host, as unix:///var/run/docker.sock or tcp://127.0.0.1:2375, or without one to what DOCKER_HOST
// and the other variables of Docker's client say. Nothing is sent yet.
func Connect(host string) (*Engine, error) {
	e := &Engine{}
	at := client.WithHostFromEnv()
	if host != "" {
		at = client.WithHost(host)
	}
	var err error
	e.client, err = client.New(client.WithTLSClientConfigFromEnv(), client.WithAPIVersionFromEnv(), at, client.WithDialContext(e.dial))
	if err != nil {
		return nil, fmt.Errorf("address of Docker: %w", err)
	}
	if scheme, _, _ := strings.Cut(e.client.DaemonHost(), "://"); !slices.Contains([]string{"unix", "tcp", "http", "https"}, scheme) {
		return nil, fmt.Errorf("address of Docker: %q: want unix://PATH or tcp://HOST:PORT", e.client.DaemonHost())
	}
	return e, nil
}

func (e *Engine) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	if path, ok := strings.CutPrefix(e.client.DaemonHost(), "unix://"); ok {
		network, addr = "unix", path
	}
	conn, err := new(net.Dialer).DialContext(ctx, network, addr)
	if op := (*net.OpError)(nil); errors.As(err, &op) {
		e.refused.Store(op)
	}
	return conn, err
}

// Close ends the connection.
func (e *Engine) Close() error { return e.client.Close() }

// Inspect returns the description of a container, by its name or a prefix of its id.
func (e *Engine) Inspect(ctx context.Context, container string) (*inspect.Document, error) {
	answer, err := e.client.ContainerInspect(ctx, container, client.ContainerInspectOptions{})
	if err != nil {
		return nil, e.explained(container, err)
	}
	return inspect.Decode(answer.Raw)
}

// Process returns the process id of a container that runs.
func (e *Engine) Process(ctx context.Context, container string) (int, error) {
	d, err := e.Inspect(ctx, container)
	if err != nil {
		return 0, err
	}
	if d.State == nil || d.State.Pid == 0 {
		return 0, errors.New("the container does not run")
	}
	return d.State.Pid, nil
}

// Export opens the archive of a container's files, as docker-export(1) writes it. The container need not run.
func (e *Engine) Export(ctx context.Context, container string) (io.ReadCloser, error) {
	archive, err := e.client.ContainerExport(ctx, container, client.ContainerExportOptions{})
	if err != nil {
		return nil, e.explained(container, err)
	}
	return archive, nil
}

// explained names who was asked, and for what.
func (e *Engine) explained(container string, err error) error {
	if op := e.refused.Load(); op != nil && client.IsErrConnectionFailed(err) {
		err = op.Err // without the address
	}
	return fmt.Errorf("ask Docker at %s for container %s: %w", e.client.DaemonHost(), container, err)
}
