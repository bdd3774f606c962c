package image

import (
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/static"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

var platforms = []string{"linux/amd64", "linux/arm64/v8", "linux/arm/v7", "linux/s390x"}

// counter stands before the registry, and counts what is uploaded.
type counter struct {
	host string

	mu   sync.Mutex
	puts map[string]int // "blob DIGEST", "manifest NAME"
}

func (b *b) counter() *counter {
	b.Helper()
	c := &counter{puts: map[string]int{}}
	target, err := url.Parse("http://" + registry)
	b.Must(err)
	proxy := httputil.NewSingleHostReverseProxy(target)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPut {
			what := "blob " + r.URL.Query().Get("digest")
			if strings.Contains(r.URL.Path, "/manifests/") {
				what = "manifest " + r.URL.Path[strings.LastIndexByte(r.URL.Path, '/')+1:]
			}
			c.mu.Lock()
			c.puts[what]++
			c.mu.Unlock()
		}
		proxy.ServeHTTP(w, r)
	}))
	b.TB.Cleanup(s.Close)
	c.host = strings.TrimPrefix(s.URL, "http://")
	return c
}

// taken returns what was uploaded since, and fails if something was twice.
func (c *counter) taken(b *b) (blobs, manifests int) {
	b.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	for what, n := range c.puts {
		if n != 1 {
			b.Errorf("%s was sent %d times", what, n)
		}
		if strings.HasPrefix(what, "blob ") {
			blobs++
		} else {
			manifests++
		}
	}
	c.puts = map[string]int{}
	return blobs, manifests
}

// multi makes an index of images that share a layer, and of an attestation; and returns the images' digests by platform.
func (b *b) multi() (v1.ImageIndex, map[string]string) {
	b.Helper()
	common := b.noise("common", 1<<20)
	var adds []mutate.IndexAddendum
	digests := map[string]string{}
	for _, p := range platforms {
		parsed, err := v1.ParsePlatform(p)
		b.Must(err)
		img := b.image(p, common, b.files(map[string]string{"platform": p}))
		h, err := img.Digest()
		b.Must(err)
		digests[p] = h.String()
		adds = append(adds, mutate.IndexAddendum{Add: img, Descriptor: v1.Descriptor{Platform: parsed, Annotations: map[string]string{"of": p}}})
	}
	// As BuildKit adds it: it has no platform that anybody asks for.
	statement, err := mutate.AppendLayers(b.image("unknown/unknown"), static.NewLayer([]byte("{}\n"), "application/vnd.in-toto+json"))
	b.Must(err)
	adds = append(adds, mutate.IndexAddendum{Add: statement, Descriptor: v1.Descriptor{Platform: &v1.Platform{OS: "unknown", Architecture: "unknown"}}})
	return mutate.IndexMediaType(mutate.AppendManifests(empty.Index, adds...), types.OCIImageIndex), digests
}

// multiLayout writes that as an OCI layout.
func (b *b) multiLayout() (dir, index string, digests map[string]string) {
	b.Helper()
	multi, digests := b.multi()
	dir = b.Path("layout")
	l, err := layout.Write(dir, empty.Index)
	b.Must(err)
	b.Must(l.AppendIndex(multi))
	h, err := multi.Digest()
	b.Must(err)
	return dir, h.String(), digests
}

// is returns what a name is in the registry.
func (b *b) is(repo string) *remote.Descriptor {
	b.Helper()
	ref, err := name.ParseReference(registry + "/" + repo)
	b.Must(err)
	d, err := remote.Get(ref)
	b.Must(err)
	return d
}

func TestAnIndexIsPushedAndPulledWithAllItsPlatforms(t *testing.T) {
	b := begin(t)
	dir, index, digests := b.multiLayout()
	c := b.counter()
	b.Ok(b.bundle("push", "--all-platforms", "oci:"+dir, c.host+"/multi:1"))
	if blobs, manifests := c.taken(b); blobs != 1+2*len(platforms)+2 || manifests != len(platforms)+2 {
		t.Errorf("%d blobs and %d manifests were sent", blobs, manifests)
	}
	b.Ok(b.bundle("push", "--all-platforms", "oci:"+dir, c.host+"/multi:1"))
	b.Ok(b.bundle("push", "--all-platforms", "oci:"+dir, c.host+"/multi:2"))
	if blobs, manifests := c.taken(b); blobs != 0 || manifests != 1 {
		t.Errorf("again: %d blobs and %d manifests were sent", blobs, manifests)
	}
	ref := registry + "/multi:1"
	for p, want := range digests {
		if got := strings.TrimSpace(b.Ok(b.bundle("pull", "--platform", p, ref)).Stdout); got != want {
			t.Errorf("%s: it is %s, want %s", p, got, want)
		}
	}
	// One by one they were pulled; together they are an index again, of the same manifests.
	b.Ok(b.bundle("push", "--all-platforms", ref, c.host+"/together:1"))
	c.taken(b)
	made, err := b.is("together:1").ImageIndex()
	b.Must(err)
	m, err := made.IndexManifest()
	b.Must(err)
	for _, d := range m.Manifests {
		if digests[d.Platform.String()] != d.Digest.String() {
			t.Errorf("for %s there is %s", d.Platform, d.Digest)
		}
		delete(digests, d.Platform.String())
	}
	if len(digests) > 0 {
		t.Errorf("there are none for %v", digests)
	}

	b.store = b.Path("another")
	if got := strings.TrimSpace(b.Ok(b.bundle("pull", "--all-platforms", ref)).Stdout); got != index {
		t.Errorf("the index is %s, want %s", got, index)
	}
	if r := b.Ok(b.bundle("images")); !strings.Contains(r.Stdout, strings.Join(platforms, ",")+"  "+index) {
		t.Errorf("%v", r)
	}
	if whole, half := b.blobs(); whole != 1+3*len(platforms)+3+1 || half != 0 {
		t.Errorf("%d blobs, %d half there", whole, half)
	}
	b.Ok(b.bundle("gc"))
	for _, p := range platforms {
		out := b.Path(strings.ReplaceAll(p, "/", "-"))
		b.Ok(b.bundle("unpack", "--pull", "never", "--platform", p, ref, out))
		text, err := os.ReadFile(filepath.Join(out, "rootfs/platform"))
		if err != nil || string(text) != p {
			t.Errorf("%s: %q, %v", p, text, err)
		}
	}
	b.Ok(b.bundle("push", "--all-platforms", ref, c.host+"/copy:1"))
	c.taken(b)
	if d := b.is("copy:1"); d.Digest.String() != index {
		t.Errorf("the copy is %s, want %s", d.Digest, index)
	}
}

func TestOnePlatformOfSeveralIsPushedAsAnImage(t *testing.T) {
	b := begin(t)
	dir, _, digests := b.multiLayout()
	b.Ok(b.bundle("push", "--platform", "linux/s390x", dir, registry+"/one:1"))
	if d := b.is("one:1"); d.Digest.String() != digests["linux/s390x"] || d.MediaType != types.OCIManifestSchema1 {
		t.Errorf("it is %s, %s", d.MediaType, d.Digest)
	}
	b.Fails(b.bundle("push", "--platform", "linux/s390x", "--all-platforms", dir, registry+"/one:2"), "want one of them")
	b.Fails(b.bundle("pull", "--platform", "linux/s390x", "--all-platforms", registry+"/one:1"), "want one of them")
	// All that there is of one is it alone.
	b.Ok(b.bundle("pull", "--all-platforms", registry+"/one:1"))
	b.Ok(b.bundle("push", "--all-platforms", registry+"/one:1", registry+"/one:3"))
	if d := b.is("one:3"); d.Digest.String() != digests["linux/s390x"] {
		t.Errorf("it is %s, %s", d.MediaType, d.Digest)
	}
}

func TestAnIndexOfWhichAPartIsMissingIsNotPushed(t *testing.T) {
	b := begin(t)
	dir, _, digests := b.multiLayout()
	b.Must(os.Remove(filepath.Join(dir, "blobs/sha256", strings.TrimPrefix(digests["linux/s390x"], "sha256:"))))
	b.Fails(b.bundle("push", "--all-platforms", dir, registry+"/part:1"), "the manifest for linux/s390x is not there")
	b.Fails(b.bundle("pull", registry+"/part:1"), "MANIFEST_UNKNOWN")
}
