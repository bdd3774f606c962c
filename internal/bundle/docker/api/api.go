// Package api asks Docker's engine for a container's description and files, over its API.
package api

import (
	"context"
	"errors"
	"fmt"

	"github.com/containerd/errdefs"
	"github.com/creel-project/creel/internal/bundle/docker/inspect"
	"github.com/moby/moby/client"
)

// An Engine is one that answers.
type Engine struct{ client *client.Client }

// Connect prepares to talk to host, as unix:///var/run/docker.sock, or without one to what DOCKER_HOST and the other
// variables of Docker's client say. Nothing is sent yet.
func Connect(host string) (*Engine, error) {
	options := []client.Opt{client.FromEnv}
	if host != "" {
		options = append(options, client.WithHost(host))
	}
	c, err := client.New(options...)
	if err != nil {
		return nil, fmt.Errorf("address of Docker: %w", err)
	}
	return &Engine{c}, nil
}

// Close ends the connection.
func (e *Engine) Close() error { return e.client.Close() }

// Inspect returns the description of a container, by its name or a prefix of its id.
func (e *Engine) Inspect(ctx context.Context, container string) (*inspect.Document, error) {
	answer, err := e.client.ContainerInspect(ctx, container, client.ContainerInspectOptions{})
	if err != nil {
		return nil, e.explained(err)
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

func (e *Engine) explained(err error) error {
	if errdefs.IsNotFound(err) {
		return err // in Docker's words
	}
	return fmt.Errorf("ask Docker at %s: %w", e.client.DaemonHost(), err)
}
