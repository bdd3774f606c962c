package registry

import (
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/creel-project/creel/internal/bundle/image/imagetest"
	"github.com/creel-project/creel/internal/bundle/platform"
	"github.com/creel-project/creel/internal/bundle/store"
	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/google/go-containerregistry/pkg/v1/remote"
)

func TestMain(m *testing.M) {
	firstWait = time.Millisecond
	// No credentials of the caller's.
	for _, v := range []string{"HOME", "DOCKER_CONFIG", "XDG_CONFIG_HOME", "XDG_RUNTIME_DIR", "REGISTRY_AUTH_FILE"} {
		os.Unsetenv(v)
	}
	os.Exit(m.Run())
}

// serve starts a registry. hook may answer a request itself.
func serve(t *testing.T, hook func(w http.ResponseWriter, r *http.Request) (answered bool)) string {
	t.Helper()
	handler := registry.New(registry.Logger(log.New(io.Discard, "", 0)))
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if hook == nil || !hook(w, r) {
			handler.ServeHTTP(w, r)
		}
	}))
	t.Cleanup(s.Close)
	return strings.TrimPrefix(s.URL, "http://")
}

// imageFor makes an image of layers of size bytes for a platform.
func imageFor(t *testing.T, text string, size int64, layers int64) v1.Image {
	t.Helper()
	img, err := random.Image(size, layers)
	if err != nil {
		t.Fatal(err)
	}
	c, err := img.ConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	p, err := v1.ParsePlatform(text)
	if err != nil {
		t.Fatal(err)
	}
	c = c.DeepCopy()
	c.OS, c.Architecture, c.Variant = p.OS, p.Architecture, p.Variant
	if img, err = mutate.ConfigFile(img, c); err != nil {
		t.Fatal(err)
	}
	return img
}

func push(t *testing.T, ref string, img v1.Image) v1.Hash {
	t.Helper()
	r, err := name.ParseReference(ref)
	if err != nil {
		t.Fatal(err)
	}
	if err := remote.Write(r, img); err != nil {
		t.Fatal(err)
	}
	h, err := img.Digest()
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func pullInto(t *testing.T, s *store.Store, ref, want string) (v1.Descriptor, error) {
	t.Helper()
	r, err := Parse(ref, false)
	if err != nil {
		t.Fatal(err)
	}
	p, err := platform.Parse(want)
	if err != nil {
		t.Fatal(err)
	}
	return Pull(t.Context(), s, r, p, nil)
}

// whole looks whether an image is in the store with all that it needs.
func whole(t *testing.T, s *store.Store, img v1.Image) {
	t.Helper()
	m, err := img.Manifest()
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range append(m.Layers, m.Config) {
		if !s.Has(d) {
			t.Errorf("%s is missing", d.Digest)
		}
	}
	if left, _ := os.ReadDir(filepath.Join(s.Dir(), "ingest")); len(left) > 0 {
		t.Errorf("%d blobs are half there", len(left))
	}
}

func TestAnIndexIsResolvedForThePlatformThatIsAskedFor(t *testing.T) {
	host := serve(t, nil)
	var adds []mutate.IndexAddendum
	images := map[string]v1.Image{}
	for _, p := range []string{"linux/s390x", "linux/arm64/v8", "linux/amd64", "linux/arm/v6", "linux/arm/v7"} {
		images[p] = imageFor(t, p, 100, 2)
		parsed, _ := v1.ParsePlatform(p)
		adds = append(adds, mutate.IndexAddendum{Add: images[p], Descriptor: v1.Descriptor{Platform: parsed}})
	}
	ref, err := name.ParseReference(host + "/multi:1")
	if err != nil {
		t.Fatal(err)
	}
	if err := remote.WriteIndex(ref, mutate.AppendManifests(empty.Index, adds...)); err != nil {
		t.Fatal(err)
	}
	s := imagetest.Store(t)
	for want, from := range map[string]string{
		"linux/amd64": "linux/amd64", "linux/arm64": "linux/arm64/v8", "linux/arm64/v8": "linux/arm64/v8",
		"linux/s390x": "linux/s390x", "linux/arm": "linux/arm/v7", "linux/arm/v6": "linux/arm/v6",
	} {
		d, err := pullInto(t, s, host+"/multi:1", want)
		if err != nil {
			t.Errorf("%s: %v", want, err)
			continue
		}
		if h, _ := images[from].Digest(); d.Digest != h {
			t.Errorf("%s: it is %s, want that for %s", want, d.Digest, from)
		}
		whole(t, s, images[from])
	}
	if list, err := s.Lookup(host + "/multi:1"); len(list) != 5 || err != nil {
		t.Errorf("the name is of %d manifests: %v", len(list), err)
	}
	if _, err := pullInto(t, s, host+"/multi:1", "linux/riscv64"); err == nil || !strings.Contains(err.Error(), "there are linux/s390x, linux/arm64/v8") {
		t.Errorf("riscv64: %v", err)
	}
}

func TestAnImageOfAnotherPlatformIsRefused(t *testing.T) {
	host := serve(t, nil)
	push(t, host+"/one:1", imageFor(t, "linux/s390x", 10, 1))
	s := imagetest.Store(t)
	if _, err := pullInto(t, s, host+"/one:1", "linux/amd64"); err == nil || !strings.Contains(err.Error(), "it is for linux/s390x, not for linux/amd64") {
		t.Error(err)
	}
	if list, _ := s.Names(); len(list) != 0 {
		t.Error("it has a name")
	}
}

func TestADigestIsPulledAsItIs(t *testing.T) {
	host := serve(t, nil)
	img := imageFor(t, "linux/amd64", 10, 1)
	h := push(t, host+"/one:1", img)
	push(t, host+"/one:1", imageFor(t, "linux/amd64", 10, 1))
	s := imagetest.Store(t)
	d, err := pullInto(t, s, host+"/one@"+h.String(), "linux/amd64")
	if err != nil || d.Digest != h {
		t.Errorf("%v, %v", d.Digest, err)
	}
	whole(t, s, img)
}

func TestCredentialsAreThoseOfDockersAndPodmansFiles(t *testing.T) {
	img := imageFor(t, "linux/amd64", 10, 1)
	open := atomic.Bool{}
	open.Store(true)
	host := serve(t, func(w http.ResponseWriter, r *http.Request) bool {
		if u, p, ok := r.BasicAuth(); open.Load() || ok && u == "ann" && p == "secret" {
			return false
		}
		w.Header().Set("WWW-Authenticate", `Basic realm="test"`)
		w.WriteHeader(http.StatusUnauthorized)
		return true
	})
	push(t, host+"/private:1", img)
	open.Store(false)
	t.Setenv("HOME", t.TempDir())
	if _, err := pullInto(t, imagetest.Store(t), host+"/private:1", "linux/amd64"); err == nil || !strings.Contains(err.Error(), "401") {
		t.Errorf("without credentials: %v", err)
	}
	config := func(auth string) string { return `{"auths":{"` + host + `":{"auth":"` + auth + `"}}}` }
	good := (&authn.Basic{Username: "ann", Password: "secret"})
	c, _ := good.Authorization()
	text, err := c.MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	auth := strings.Split(strings.Split(string(text), `"auth":"`)[1], `"`)[0]
	for what, file := range map[string]string{"docker": "docker/config.json", "podman": "run/containers/auth.json"} {
		dir := t.TempDir()
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, file)), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, file), []byte(config(auth)), 0o600); err != nil {
			t.Fatal(err)
		}
		t.Setenv("DOCKER_CONFIG", filepath.Join(dir, "docker"))
		t.Setenv("XDG_RUNTIME_DIR", filepath.Join(dir, "run"))
		if _, err := pullInto(t, imagetest.Store(t), host+"/private:1", "linux/amd64"); err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func TestRedirectsDoNotLeadInside(t *testing.T) {
	request := func(u string) *http.Request {
		r, err := http.NewRequest(http.MethodGet, u, nil)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	for _, c := range []struct {
		from, to string
		ok       bool
	}{
		{"https://registry.example/v2/", "https://blobs.example/x", true},
		{"https://registry.example/v2/", "http://blobs.example/x", false},
		{"http://registry.example/v2/", "http://169.254.169.254/latest", false},
		{"http://registry.example/v2/", "http://127.0.0.1/x", false},
		{"http://registry.example/v2/", "http://localhost/x", false},
		{"http://registry.example/v2/", "http://[::ffff:10.0.0.1]/x", false},
		{"http://127.0.0.1:5000/v2/", "http://127.0.0.1:6000/x", true},
		{"http://10.0.0.1:5000/v2/", "http://10.0.0.2/x", true},
	} {
		if err := judgeRedirect(request(c.to), []*http.Request{request(c.from)}); (err == nil) != c.ok {
			t.Errorf("%s to %s: %v", c.from, c.to, err)
		}
	}
}

func TestNamesAreThoseOfDockersUsers(t *testing.T) {
	for text, want := range map[string]string{
		"debian": "docker.io/library/debian:latest", "debian:12": "docker.io/library/debian:12",
		"localhost:5000/a/b:c": "localhost:5000/a/b:c", "quay.io/x/y": "quay.io/x/y:latest",
	} {
		ref, err := Parse(text, false)
		if err != nil || Name(ref) != want {
			t.Errorf("%s: %v, %v", text, ref, err)
		}
	}
	for _, text := range []string{"", "UPPER", "a@sha256:x", "a:b:c"} {
		if ref, err := Parse(text, false); err == nil {
			t.Errorf("%q is %v", text, ref)
		}
	}
}
