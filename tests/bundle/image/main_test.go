// Package image holds creel-bundle to the way from a registry to a container and back, with Debian's docker-registry.
package image

import (
	"crypto/rand"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/creel-project/creel/tests/harness"
	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

func TestMain(m *testing.M) {
	for _, v := range []string{"HOME", "DOCKER_CONFIG", "REGISTRY_AUTH_FILE", "XDG_RUNTIME_DIR", "XDG_CONFIG_HOME"} {
		os.Unsetenv(v) // no credentials of the caller's
	}
	os.Exit(harness.MainIn(m, harness.World{
		Network: true, Tmpfs: []string{"/run"}, Overlays: []string{"/etc"}, Prepare: prepare,
		Needs: map[string]string{"docker-registry": "docker-registry", "ip": "iproute2", "/usr/lib/cni/bridge": "containernetworking-plugins"},
	}))
}

// registry is where docker-registry listens, in a network namespace of the tests' own.
const registry = "127.0.0.1:5000"

// b is one test with a registry and a store.
type b struct {
	*harness.H
	store string
	base  v1.Layer // of busybox
}

func begin(t *testing.T) *b {
	t.Helper()
	return beginWith(t, func(*harness.H) string { return "" })
}

// beginWith begins a test with more in the registry's config.
func beginWith(t *testing.T, more func(*harness.H) string) *b {
	t.Helper()
	h := harness.New(t)
	config := h.Path("registry.yml")
	h.WriteFile(config, "version: 0.1\nlog: {level: error}\nstorage: {filesystem: {rootdirectory: "+h.Path("registry")+"}}\nhttp: {addr: '"+registry+"'}\n"+more(h), 0o600)
	p := h.GoProgram(nil, "docker-registry", "serve", config)
	t.Cleanup(func() {
		p.Process.Kill()
		p.Result()
	})
	h.Eventually("docker-registry answers", func() bool {
		resp, err := http.Get("http://" + registry + "/v2/")
		if err != nil {
			return false
		}
		resp.Body.Close()
		return true
	})
	return &b{H: h, store: h.Path("store")}
}

// program is the creel-bundle beside the creel under test.
func program() string { return filepath.Join(filepath.Dir(harness.Program()), "creel-bundle") }

// bundle runs creel-bundle with the test's store.
func (b *b) bundle(command string, args ...string) harness.Result {
	b.Helper()
	return b.start(command, args...).Result()
}

func (b *b) start(command string, args ...string) *harness.Process {
	b.Helper()
	return b.GoProgram(nil, program(), append([]string{command, "--store", b.store}, args...)...)
}

// layer makes a layer of a directory.
func (b *b) layer(dir string) v1.Layer {
	b.Helper()
	file := filepath.Join(b.TB.TempDir(), "layer.tar")
	b.Must(exec.Command("tar", "--numeric-owner", "--owner=0", "--group=0", "-C", dir, "-cf", file, ".").Run())
	l, err := tarball.LayerFromFile(file, tarball.WithMediaType(types.OCILayer))
	b.Must(err)
	return l
}

// files makes a layer of texts.
func (b *b) files(texts map[string]string) v1.Layer {
	b.Helper()
	dir := b.TB.TempDir()
	b.Must(os.Chmod(dir, 0o755))
	for name, text := range texts {
		path := filepath.Join(dir, name)
		b.Must(os.MkdirAll(filepath.Dir(path), 0o755))
		b.Must(os.WriteFile(path, []byte(text), 0o755))
	}
	return b.layer(dir)
}

// noise makes a layer of size random bytes.
func (b *b) noise(name string, size int) v1.Layer {
	b.Helper()
	data := make([]byte, size)
	rand.Read(data)
	return b.files(map[string]string{name: string(data)})
}

// busybox makes an image for this machine.
func (b *b) busybox(more ...v1.Layer) v1.Image {
	b.Helper()
	if b.base == nil {
		dir := b.TB.TempDir()
		b.Must(os.Chmod(dir, 0o755))
		b.Must(harness.MakeRootfs(dir))
		b.base = b.layer(dir)
	}
	return b.image("linux/"+runtime.GOARCH, append([]v1.Layer{b.base}, more...)...)
}

func (b *b) image(platform string, layers ...v1.Layer) v1.Image {
	b.Helper()
	p := strings.Split(platform+"/", "/")
	img := mutate.MediaType(empty.Image, types.OCIManifestSchema1)
	img, err := mutate.ConfigFile(img, &v1.ConfigFile{OS: p[0], Architecture: p[1], Variant: p[2], RootFS: v1.RootFS{Type: "layers"}, Config: v1.Config{
		Entrypoint: []string{"/bin/sh", "-c"}, Cmd: []string{"echo $GREETING from $PWD"}, Env: []string{"GREETING=hello", "PATH=/bin"}, WorkingDir: "/tmp",
	}})
	b.Must(err)
	img, err = mutate.AppendLayers(img, layers...)
	b.Must(err)
	return img
}

// push sends an image to the registry, and returns its name there.
func (b *b) push(repo string, img v1.Image) string {
	b.Helper()
	ref, err := name.ParseReference(registry + "/" + repo)
	b.Must(err)
	b.Must(remote.Write(ref, img))
	return ref.Name()
}

// blobs counts what is whole in the store, and what is half there.
func (b *b) blobs() (whole, half int) {
	b.Helper()
	w, err := os.ReadDir(filepath.Join(b.store, "blobs/sha256"))
	b.Must(err)
	h, err := os.ReadDir(filepath.Join(b.store, "ingest"))
	b.Must(err)
	return len(w), len(h)
}

// run runs the container of a bundle to its end.
func (b *b) run(bundle string) string {
	b.Helper()
	return b.Ok(b.H.Creel("run", "--bundle", bundle, b.ID())).Stdout
}

// only fails the test if there is something else in a directory.
func (b *b) only(dir string, names ...string) {
	b.Helper()
	entries, err := os.ReadDir(dir)
	b.Must(err)
	var got []string
	for _, e := range entries {
		got = append(got, e.Name())
	}
	if strings.Join(got, " ") != strings.Join(names, " ") {
		b.Errorf("%s has %q, want %q", dir, got, names)
	}
}
