package api

import (
	"archive/tar"
	"context"
	"encoding/base64"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
)

// daemon answers on a socket as Docker does, and returns the socket.
func daemon(t *testing.T, files map[string]tar.Header, texts map[string]string) string {
	t.Helper()
	return "unix://" + listen(t, "unix", filepath.Join(t.TempDir(), "socket"), files, texts)
}

func listen(t *testing.T, network, address string, files map[string]tar.Header, texts map[string]string) string {
	t.Helper()
	answers := http.NewServeMux()
	answers.HandleFunc("GET /_ping", func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Api-Version", "1.41") })
	answers.HandleFunc("HEAD /_ping", func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Api-Version", "1.41") })
	answers.HandleFunc("GET /v1.41/containers/{name}/json", func(w http.ResponseWriter, r *http.Request) {
		pid := "7"
		switch r.PathValue("name") {
		case "gone":
			w.WriteHeader(http.StatusNotFound)
			_, _ = w.Write([]byte(`{"message":"No such container: gone"}`))
			return
		case "stopped":
			pid = "0"
		}
		_, _ = w.Write([]byte(`{"Id":"abc","State":{"Pid":` + pid + `},"Config":{},"HostConfig":{"KernelMemory":5}}`))
	})
	answers.HandleFunc("GET /v1.41/containers/web/archive", func(w http.ResponseWriter, r *http.Request) {
		name := r.URL.Query().Get("path")
		header, ok := files[name]
		if !ok {
			w.WriteHeader(http.StatusNotFound)
			_, _ = w.Write([]byte(`{"message":"Could not find the file"}`))
			return
		}
		header.Name, header.Size = filepath.Base(name), int64(len(texts[name]))
		w.Header().Set("X-Docker-Container-Path-Stat", base64.StdEncoding.EncodeToString([]byte(`{"name":"x"}`)))
		archive := tar.NewWriter(w)
		_ = archive.WriteHeader(&header)
		_, _ = archive.Write([]byte(texts[name]))
		_ = archive.Close()
	})
	answers.HandleFunc("GET /v1.41/containers/web/export", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("files")) })
	listener, err := net.Listen(network, address)
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: answers}
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() { server.Close() })
	return listener.Addr().String()
}

func connect(t *testing.T, host string) *Engine {
	t.Helper()
	e, err := Connect(host)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { e.Close() })
	return e
}

func TestAContainerIsDescribedByDocker(t *testing.T) {
	e := connect(t, daemon(t, nil, nil))
	d, err := e.Inspect(context.Background(), "web")
	if err != nil {
		t.Fatal(err)
	}
	if _, kept := d.Fields["HostConfig"].(map[string]any)["KernelMemory"]; d.ID != "abc" || !kept {
		t.Errorf("the description is %+v", d)
	}
	if pid, err := e.Process(context.Background(), "web"); pid != 7 || err != nil {
		t.Errorf("the process is %d, %v", pid, err)
	}
	for name, want := range map[string]string{"gone": "No such container: gone", "stopped": "the container does not run"} {
		if _, err := e.Process(context.Background(), name); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: the error is %v, want %s", name, err, want)
		}
	}
}

func TestTheAddressMayComeFromTheEnvironment(t *testing.T) {
	for _, host := range []string{daemon(t, nil, nil), "tcp://" + listen(t, "tcp", "127.0.0.1:0", nil, nil)} {
		t.Setenv("DOCKER_HOST", host)
		files, err := connect(t, "").Export(context.Background(), "web")
		if err != nil {
			t.Errorf("%s: %v", host, err)
			continue
		}
		if text, err := io.ReadAll(files); err != nil || string(text) != "files" {
			t.Errorf("%s: %q, %v", host, text, err)
		}
		files.Close()
	}
	t.Setenv("DOCKER_HOST", "nonsense")
	if _, err := connect(t, daemon(t, nil, nil)).Inspect(context.Background(), "web"); err != nil {
		t.Errorf("another address is given: %v", err)
	}
}

func TestAnErrorNamesTheSocketTheContainerAndTheCause(t *testing.T) {
	socket := daemon(t, nil, nil)
	for host, want := range map[string]string{
		"unix:///nowhere/docker.sock": "ask Docker at unix:///nowhere/docker.sock for container gone: connect: no such file or directory",
		"tcp://127.0.0.1:1":           "ask Docker at tcp://127.0.0.1:1 for container gone: connect: connection refused",
		socket:                        "ask Docker at " + socket + " for container gone: Error response from daemon: ",
	} {
		e := connect(t, host)
		_, inspected := e.Inspect(context.Background(), "gone")
		_, exported := e.Export(context.Background(), "gone")
		for _, err := range []error{inspected, exported} {
			if err == nil || !strings.HasPrefix(err.Error(), want) {
				t.Errorf("the error is %v, want %s", err, want)
			}
		}
	}
	for _, host := range []string{"nonsense", "ssh://user@host"} {
		if _, err := Connect(host); err == nil || !strings.Contains(err.Error(), "address of Docker: ") {
			t.Errorf("%s: %v", host, err)
		}
	}
}

func TestAccountsComeOutOfTheContainer(t *testing.T) {
	link := func(to string) tar.Header { return tar.Header{Typeflag: tar.TypeSymlink, Linkname: to} }
	file := tar.Header{Typeflag: tar.TypeReg, Mode: 0o644}
	for name, c := range map[string]struct {
		files map[string]tar.Header
		want  string // passwd, or the error
	}{
		"a file":            {map[string]tar.Header{"/etc/passwd": file}, "accounts"},
		"an absolute link":  {map[string]tar.Header{"/etc/passwd": link("/lib/passwd"), "/lib/passwd": file}, "accounts"},
		"a relative link":   {map[string]tar.Header{"/etc/passwd": link("../lib/passwd"), "/lib/passwd": file}, "accounts"},
		"nothing":           {nil, ""},
		"a link to nothing": {map[string]tar.Header{"/etc/passwd": link("none")}, ""},
		"a link to itself":  {map[string]tar.Header{"/etc/passwd": link("passwd")}, "too many links"},
		"something else":    {map[string]tar.Header{"/etc/passwd": {Typeflag: tar.TypeDir}}, "it is not a regular file"},
	} {
		host := daemon(t, c.files, map[string]string{"/etc/passwd": "", "/lib/passwd": "accounts"})
		if name == "a file" {
			host = daemon(t, c.files, map[string]string{"/etc/passwd": "accounts"})
		}
		a, err := connect(t, host).Accounts(context.Background(), "web")
		got := ""
		if err != nil {
			got = err.Error()
		} else {
			got = string(a.Passwd)
		}
		if !strings.Contains(got, c.want) || c.want == "" && got != "" {
			t.Errorf("%s: passwd is %q, want %q", name, got, c.want)
		}
	}
}
