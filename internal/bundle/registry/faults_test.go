package registry

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/creel-project/creel/internal/bundle/image/imagetest"
	"github.com/creel-project/creel/internal/bundle/store"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

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
	s := imagetest.Store(t)
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
	s := imagetest.Store(t)
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
	s := imagetest.Store(t)
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
	s := imagetest.Store(t)
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
	_, err := pullInto(t, imagetest.Store(t), host+"/x@sha256:"+strings.Repeat("a", 64), "linux/amd64")
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
		s := imagetest.Store(t)
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
	if _, err := pullInto(t, imagetest.Store(t), serve(t, nil)+"/x:1", "linux/amd64"); err == nil || !strings.Contains(err.Error(), "NAME_UNKNOWN") {
		t.Error(err)
	}
}
