package podman

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/creel-project/creel/tests/engines"
	"github.com/creel-project/creel/tests/harness"
)

// A client speaks the API of Docker, version 1.41.
type client struct {
	h    *harness.H
	http http.Client
}

// serve starts Podman's service for the time of the test.
func serve(h *harness.H) *client {
	h.Helper()
	socket := h.Path("api.sock")
	c := &client{h: h}
	c.http.Transport = &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", socket)
	}}
	ready := func() error {
		r, err := c.http.Get("http://podman/_ping")
		if err == nil {
			r.Body.Close()
		}
		return err
	}
	d, err := engines.StartDaemon("service", ready, nil, "podman", "system", "service", "--time=0", "unix://"+socket)
	h.Must(err)
	h.Cleanup(func() {
		c.http.CloseIdleConnections()
		h.Must(d.Stop())
	})
	return c
}

// do sends a request that must be answered with one of the 2xx statuses, and returns the body of the answer.
func (c *client) do(method, path string, body any) string {
	c.h.Helper()
	text, err := json.Marshal(body)
	c.h.Must(err)
	q, err := http.NewRequest(method, "http://podman/v1.41"+path, bytes.NewReader(text))
	c.h.Must(err)
	q.Header.Set("Content-Type", "application/json")
	r, err := c.http.Do(q)
	c.h.Must(err)
	defer r.Body.Close()
	answer, err := io.ReadAll(r.Body)
	c.h.Must(err)
	if r.StatusCode/100 != 2 {
		c.h.Fatalf("%s %s: %s: %s", method, path, r.Status, answer)
	}
	return string(answer)
}

type object = map[string]any

func TestTheAPIOfDockerRunsAContainer(t *testing.T) {
	h := engines.New(t)
	c := serve(h)
	c.do("POST", "/containers/create?name=api", object{
		"Image": image, "Cmd": []string{"sh", "-c", "echo out; echo err >&2; exit 4"}, "HostConfig": object{"NetworkMode": "none"},
	})
	c.do("POST", "/containers/api/start", nil)
	if got := c.do("POST", "/containers/api/wait", nil); !strings.Contains(got, `"StatusCode":4`) {
		t.Error(got)
	}
	// a frame is its stream, three zeros, and its length (Docker's API, "Stream format")
	expect(h, c.do("GET", "/containers/api/logs?stdout=1&stderr=1", nil), "\x01\x00\x00\x00\x00\x00\x00\x04out\n\x02\x00\x00\x00\x00\x00\x00\x04err\n")
	c.do("DELETE", "/containers/api", nil)
	expect(h, c.do("GET", "/containers/json?all=1", nil), "[]\n")
}

func TestTheAPIOfDockerHandlesALiveContainer(t *testing.T) {
	h := engines.New(t)
	c := serve(h)
	host := object{"NetworkMode": "none", "Init": true}
	if harness.Controller("memory") {
		host["Memory"], host["PidsLimit"] = 32<<20, -1
	}
	c.do("POST", "/containers/create?name=api", object{"Image": image, "Cmd": []string{"sleep", "1000"}, "HostConfig": host})
	defer c.do("DELETE", "/containers/api?force=1", nil)
	c.do("POST", "/containers/api/start", nil)
	var created struct{ ID string }
	h.Must(json.Unmarshal([]byte(c.do("POST", "/containers/api/exec", object{"Cmd": []string{"sh", "-c", "echo from exec; exit 6"}, "AttachStdout": true})), &created))
	if got := c.do("POST", "/exec/"+created.ID+"/start", object{"Detach": false}); !strings.Contains(got, "from exec\n") {
		t.Errorf("%q", got)
	}
	if got := c.do("GET", "/exec/"+created.ID+"/json", nil); !strings.Contains(got, `"ExitCode":6`) {
		t.Error(got)
	}
	if got := c.do("GET", "/containers/api/top", nil); !strings.Contains(got, "sleep 1000") {
		t.Error(got)
	}
	c.do("POST", "/containers/api/pause", nil)
	c.do("POST", "/containers/api/unpause", nil)
	if got := c.do("GET", "/containers/api/stats?stream=0&one-shot=1", nil); !strings.Contains(got, `"memory_stats"`) {
		t.Error(got)
	}
	c.do("POST", "/containers/api/kill?signal=KILL", nil)
	if got := c.do("POST", "/containers/api/wait", nil); !strings.Contains(got, `"StatusCode":137`) {
		t.Error(got)
	}
}
