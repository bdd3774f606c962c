package registry

import (
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

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
	"github.com/google/go-containerregistry/pkg/v1/types"
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

func newStore(t *testing.T) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "store"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
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
	s := newStore(t)
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
	s := newStore(t)
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
	s := newStore(t)
	d, err := pullInto(t, s, host+"/one@"+h.String(), "linux/amd64")
	if err != nil || d.Digest != h {
		t.Errorf("%v, %v", d.Digest, err)
	}
	whole(t, s, img)
}

func isBlob(r *http.Request) bool {
	return r.Method == http.MethodGet && strings.Contains(r.URL.Path, "/blobs/")
}

func TestARegistryThatIsBusyIsAskedAgain(t *testing.T) {
	var n atomic.Int32
	fail := atomic.Bool{}
	host := serve(t, func(w http.ResponseWriter, r *http.Request) bool {
		if !fail.Load() || n.Add(1)%2 == 0 {
			return false
		}
		w.WriteHeader([]int{503, 429, 500, 502}[n.Load()/2%4])
		return true
	})
	img := imageFor(t, "linux/amd64", 1000, 3)
	push(t, host+"/busy:1", img)
	fail.Store(true)
	s := newStore(t)
	if _, err := pullInto(t, s, host+"/busy:1", "linux/amd64"); err != nil {
		t.Fatal(err)
	}
	whole(t, s, img)
}

// breaking serves blobs with ranges, but ends each answer after some bytes.
type breaking struct {
	mu     sync.Mutex
	blobs  map[string][]byte
	ranges []string
	limit  int
	deaf   bool // to Range
}

func (b *breaking) answer(w http.ResponseWriter, r *http.Request) bool {
	if !isBlob(r) {
		return false
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	text, ok := b.blobs[r.URL.Path[strings.LastIndexByte(r.URL.Path, '/')+1:]]
	if !ok {
		return false
	}
	from := 0
	if h := r.Header.Get("Range"); h != "" {
		b.ranges = append(b.ranges, h)
		if _, err := fmt.Sscanf(h, "bytes=%d-", &from); err == nil && !b.deaf {
			w.Header().Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", from, len(text)-1, len(text)))
		} else {
			from = 0
		}
	}
	w.Header().Set("Content-Length", fmt.Sprint(len(text)-from))
	if from > 0 {
		w.WriteHeader(http.StatusPartialContent)
	}
	end := len(text)
	if b.limit > 0 {
		end = min(from+b.limit, end)
	}
	w.Write(text[from:end])
	if end < len(text) {
		w.(http.Flusher).Flush()
		panic(http.ErrAbortHandler)
	}
	return true
}

// layerBlobs are the compressed layers of an image by digest.
func layerBlobs(t *testing.T, img v1.Image) map[string][]byte {
	t.Helper()
	layers, err := img.Layers()
	if err != nil {
		t.Fatal(err)
	}
	blobs := map[string][]byte{}
	for _, l := range layers {
		h, err := l.Digest()
		if err != nil {
			t.Fatal(err)
		}
		r, err := l.Compressed()
		if err != nil {
			t.Fatal(err)
		}
		if blobs[h.String()], err = io.ReadAll(r); err != nil {
			t.Fatal(err)
		}
		r.Close()
	}
	return blobs
}

func TestADownloadThatBreaksGoesOnWhereItWas(t *testing.T) {
	b := &breaking{}
	host := serve(t, b.answer)
	img := imageFor(t, "linux/amd64", 40_000, 1)
	push(t, host+"/broken:1", img)
	b.mu.Lock()
	b.blobs, b.limit = layerBlobs(t, img), 10_000
	b.mu.Unlock()
	s := newStore(t)
	_, err := pullInto(t, s, host+"/broken:1", "linux/amd64")
	if len(b.ranges) == 0 || b.ranges[0] != "bytes=10000-" {
		t.Errorf("ranges %v", b.ranges)
	}
	if err != nil { // five tries were not enough: the next pull goes on
		if _, err = pullInto(t, s, host+"/broken:1", "linux/amd64"); err != nil {
			t.Fatal(err)
		}
	}
	whole(t, s, img)
}

func TestARegistryWithoutRangesSendsAllAgain(t *testing.T) {
	b := &breaking{deaf: true}
	host := serve(t, b.answer)
	img := imageFor(t, "linux/amd64", 40_000, 1)
	push(t, host+"/deaf:1", img)
	b.mu.Lock()
	b.blobs, b.limit = layerBlobs(t, img), 10_000
	b.mu.Unlock()
	s := newStore(t)
	if _, err := pullInto(t, s, host+"/deaf:1", "linux/amd64"); err == nil {
		t.Fatal("it was pulled whole")
	}
	b.mu.Lock()
	b.limit = 0
	b.mu.Unlock()
	if _, err := pullInto(t, s, host+"/deaf:1", "linux/amd64"); err != nil {
		t.Fatal(err)
	}
	whole(t, s, img)
}

func TestADigestThatLiesLeavesNothing(t *testing.T) {
	b := &breaking{}
	host := serve(t, b.answer)
	img := imageFor(t, "linux/amd64", 1000, 1)
	push(t, host+"/liar:1", img)
	blobs := layerBlobs(t, img)
	for h, text := range blobs {
		text[len(text)/2] ^= 1
		blobs[h] = text
	}
	b.mu.Lock()
	b.blobs = blobs
	b.mu.Unlock()
	s := newStore(t)
	_, err := pullInto(t, s, host+"/liar:1", "linux/amd64")
	if !errors.Is(err, store.ErrDigest) {
		t.Fatal(err)
	}
	names, _ := s.Names()
	left, _ := os.ReadDir(filepath.Join(s.Dir(), "ingest"))
	for h := range blobs {
		hash, _ := v1.NewHash(h)
		if _, err := s.Blob(hash); err == nil {
			t.Error("the blob is there")
		}
	}
	if len(names)+len(left) != 0 {
		t.Errorf("left: names %v, ingest %v", names, left)
	}
}

func TestAManifestThatIsNotWhatItsDigestSaysIsRefused(t *testing.T) {
	host := serve(t, func(w http.ResponseWriter, r *http.Request) bool {
		if !strings.Contains(r.URL.Path, "/manifests/sha256:") {
			return false
		}
		w.Header().Set("Content-Type", string(types.OCIManifestSchema1))
		fmt.Fprint(w, `{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json"}`)
		return true
	})
	_, err := pullInto(t, newStore(t), host+"/x@sha256:"+strings.Repeat("a", 64), "linux/amd64")
	if err == nil || !strings.Contains(err.Error(), "the registry sent another one") {
		t.Error(err)
	}
}

func TestManifestsThatCannotBeAreRefused(t *testing.T) {
	digest := "sha256:" + strings.Repeat("a", 64)
	layer := func(mediaType string, size int64) string {
		return fmt.Sprintf(`{"mediaType":%q,"digest":%q,"size":%d}`, mediaType, digest, size)
	}
	manifest := func(config string, layers ...string) string {
		return `{"schemaVersion":2,"mediaType":"` + string(types.OCIManifestSchema1) + `","config":` + config + `,"layers":[` + strings.Join(layers, ",") + `]}`
	}
	good := layer(string(types.OCIConfigJSON), 2)
	for what, c := range map[string]struct{ text, contentType, want string }{
		"a layer of absurd size":   {manifest(good, layer(string(types.OCILayer), 1<<60)), "", "layers[0]: size: 1152921504606846976 bytes"},
		"a negative size":          {manifest(good, layer(string(types.OCILayer), -1)), "", "layers[0]: size: -1 bytes"},
		"a large config":           {manifest(layer(string(types.OCIConfigJSON), 1<<30)), "", "config: size: 1073741824 bytes"},
		"an unknown layer":         {manifest(good, layer("application/vnd.oci.image.layer.v1.tar+rar", 1)), "", `layers[0].mediaType: "application/vnd.oci.image.layer.v1.tar+rar" is not known`},
		"something else":           {manifest(layer("application/vnd.cncf.helm.config.v1+json", 2)), "", "no config of an image"},
		"too many layers":          {manifest(good, strings.Split(strings.Repeat(layer(string(types.OCILayer), 1)+" ", 1001)[:1001*len(layer(string(types.OCILayer), 1)+" ")-1], " ")...), "", "layers: 1001 are more"},
		"no JSON":                  {"hello", string(types.OCIManifestSchema1), "invalid character"},
		"a web page":               {"{}", "text/html", `media type "text/html"`},
		"schema 1":                 {`{"schemaVersion":1}`, string(types.DockerManifestSchema1Signed), "neither an image nor an index"},
		"more than a registry has": {`{"x":"` + strings.Repeat("x", 5<<20) + `"}`, "", "more than 4194304 bytes"},
		"a digest that is a path":  {strings.Replace(manifest(good, layer(string(types.OCILayer), 1)), "a\",\"size\":1}", "/../x\",\"size\":1}", 1), "", "non-hex character"},
	} {
		host := serve(t, func(w http.ResponseWriter, r *http.Request) bool {
			if !strings.Contains(r.URL.Path, "/manifests/") {
				return false
			}
			w.Header().Set("Content-Type", c.contentType)
			fmt.Fprint(w, c.text)
			return true
		})
		s := newStore(t)
		_, err := pullInto(t, s, host+"/x:1", "linux/amd64")
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", what, err)
		}
		if names, _ := s.Names(); len(names) != 0 {
			t.Errorf("%s: it has a name", what)
		}
	}
}

func TestAnImageThatIsNotThereIsAnError(t *testing.T) {
	if _, err := pullInto(t, newStore(t), serve(t, nil)+"/x:1", "linux/amd64"); err == nil || !strings.Contains(err.Error(), "NAME_UNKNOWN") {
		t.Error(err)
	}
}

func TestARegistryThatFallsSilentIsGivenUp(t *testing.T) {
	before := patience
	patience = 50 * time.Millisecond
	defer func() { patience = before }()
	stop := make(chan struct{})
	var blobs atomic.Pointer[map[string][]byte]
	host := serve(t, func(w http.ResponseWriter, r *http.Request) bool {
		m := blobs.Load()
		if !isBlob(r) || m == nil || (*m)[r.URL.Path[strings.LastIndexByte(r.URL.Path, '/')+1:]] == nil {
			return false
		}
		w.Header().Set("Content-Length", "1000")
		w.Write([]byte("a few"))
		w.(http.Flusher).Flush()
		<-stop
		return true
	})
	img := imageFor(t, "linux/amd64", 1000, 1)
	push(t, host+"/silent:1", img)
	m := layerBlobs(t, img)
	blobs.Store(&m)
	_, err := pullInto(t, newStore(t), host+"/silent:1", "linux/amd64")
	close(stop)
	if err == nil || !strings.Contains(err.Error(), "nothing came for 50ms") {
		t.Error(err)
	}
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
	if _, err := pullInto(t, newStore(t), host+"/private:1", "linux/amd64"); err == nil || !strings.Contains(err.Error(), "401") {
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
		if _, err := pullInto(t, newStore(t), host+"/private:1", "linux/amd64"); err != nil {
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
