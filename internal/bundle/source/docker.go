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

// openContainer exports a container by Docker's API, which Podman's service has too: GET /containers/{id}/export.
func openContainer(ctx context.Context, name string, o Options) (*Source, error) {
	if name == "" {
		return nil, errors.New("docker: a container's name or id is wanted behind it")
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
		return nil, fmt.Errorf("host %q: only unix:// is spoken: use docker export %s | creel-bundle rootfs - DIR", host, name)
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, "unix", socket)
	}}}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://docker/containers/"+url.PathEscape(name)+"/export", nil)
	if err != nil {
		return nil, err
	}
	answer, err := client.Do(req)
	if err != nil {
		var op *url.Error
		if errors.As(err, &op) {
			err = op.Err // without the address that nobody wrote
		}
		return nil, fmt.Errorf("export of container %s: %w", name, err)
	}
	if answer.StatusCode != http.StatusOK {
		defer answer.Body.Close()
		return nil, fmt.Errorf("export of container %s: %s", name, refusal(answer))
	}
	unpack := func(ctx context.Context, x *rootfs.Extractor) error { return x.Flat(ctx, answer.Body) }
	return &Source{Kind: "container", unpack: unpack, close: []io.Closer{answer.Body}}, nil
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
