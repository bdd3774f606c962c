package source

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"

	"github.com/creel-project/creel/internal/bundle/rootfs"
)

const dockerSocket = "unix:///var/run/docker.sock"

// unpackContainer exports a container by Docker's API, which Podman's service has too: GET /containers/{id}/export.
func unpackContainer(ctx context.Context, name string, o Options, x *rootfs.Extractor) error {
	if name == "" {
		return errors.New("docker: a container's name or id is wanted behind it")
	}
	host := o.Host
	if host == "" {
		host = os.Getenv("DOCKER_HOST")
	}
	if host == "" {
		host = dockerSocket
	}
	socket, ok := strings.CutPrefix(host, "unix://")
	if !ok {
		return fmt.Errorf("host %q: only unix:// is spoken: use docker export %s | creel-bundle rootfs - DIR", host, name)
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, "unix", socket)
	}}}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://docker/containers/"+url.PathEscape(name)+"/export", nil)
	if err != nil {
		return err
	}
	answer, err := client.Do(req)
	if err != nil {
		var op *url.Error
		if errors.As(err, &op) {
			err = op.Err // without the address that nobody wrote
		}
		return fmt.Errorf("export of container %s: %w", name, err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("export of container %s: %s", name, refusal(answer))
	}
	return x.Flat(ctx, answer.Body)
}

// refusal is what the engine says of an error.
func refusal(answer *http.Response) string {
	var body struct{ Message string }
	text, _ := io.ReadAll(io.LimitReader(answer.Body, 64<<10))
	if json.Unmarshal(text, &body) == nil && body.Message != "" {
		return body.Message
	}
	return answer.Status
}
