package registry

import (
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/creel-project/creel/internal/bundle/image"
	"github.com/creel-project/creel/internal/bundle/image/imagetest"
	"github.com/creel-project/creel/internal/bundle/platform"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/validate"
)

func TestWhatIsPushedIsWhatWasPulled(t *testing.T) {
	host := serve(t, nil)
	h := push(t, host+"/from:1", imageFor(t, "linux/amd64", 1000, 3))
	s := imagetest.Store(t)
	if _, err := pullInto(t, s, host+"/from:1", "linux/amd64"); err != nil {
		t.Fatal(err)
	}
	want, _ := platform.Parse("linux/amd64")
	m, err := image.InStore(s).Image(host+"/from:1", want)
	if err != nil {
		t.Fatal(err)
	}
	pushed(t, m, host+"/to:2", h.String())
}

func TestALayoutIsPushed(t *testing.T) {
	host := serve(t, nil)
	img := imageFor(t, "linux/amd64", 1000, 2)
	dir := filepath.Join(t.TempDir(), "layout")
	l, err := layout.Write(dir, empty.Index)
	if err != nil {
		t.Fatal(err)
	}
	if err := l.AppendImage(img); err != nil {
		t.Fatal(err)
	}
	want, _ := platform.Parse("linux/amd64")
	m, err := image.InLayout(dir).Image("", want)
	if err != nil {
		t.Fatal(err)
	}
	h, _ := img.Digest()
	pushed(t, m, host+"/layout:1", h.String())
}

func TestABusyRegistryIsSentToAgain(t *testing.T) {
	var n atomic.Int32
	var done atomic.Bool
	host := serve(t, func(w http.ResponseWriter, r *http.Request) bool {
		if done.Load() || r.URL.Path == "/v2/" || strings.HasPrefix(r.URL.Path, "/v2/from/") || n.Add(1)%3 == 0 {
			return false
		}
		switch i := n.Load() / 3; i % 5 {
		case 4: // it breaks in the middle
			io.CopyN(io.Discard, r.Body, 100)
			panic(http.ErrAbortHandler)
		default:
			w.WriteHeader([]int{503, 429, 500, 502}[i%5])
		}
		return true
	})
	img := imageFor(t, "linux/amd64", 50_000, 3)
	h := push(t, host+"/from/x:1", img)
	s := imagetest.Store(t)
	if _, err := pullInto(t, s, host+"/from/x:1", "linux/amd64"); err != nil {
		t.Fatal(err)
	}
	want, _ := platform.Parse("linux/amd64")
	m, err := image.InStore(s).Image(host+"/from/x:1", want)
	if err != nil {
		t.Fatal(err)
	}
	ref, err := Parse(host+"/to:1", false)
	if err != nil {
		t.Fatal(err)
	}
	if err := Push(t.Context(), m.Set(), ref, nil); err != nil {
		t.Fatal(err)
	}
	done.Store(true)
	if n.Load() < 3 {
		t.Errorf("%d requests", n.Load())
	}
	if got, err := remote.Head(ref); err != nil || got.Digest != h {
		t.Errorf("%v, want %s: %v", got, h, err)
	}
}

// pushed pushes an image, and looks what the registry has then.
func pushed(t *testing.T, m *image.Image, to, digest string) {
	t.Helper()
	ref, err := name.ParseReference(to)
	if err != nil {
		t.Fatal(err)
	}
	if err := Push(t.Context(), m.Set(), ref, nil); err != nil {
		t.Fatal(err)
	}
	got, err := remote.Image(ref)
	if err != nil {
		t.Fatal(err)
	}
	if h, err := got.Digest(); err != nil || h.String() != digest {
		t.Errorf("it is %v, want %s: %v", h, digest, err)
	}
	if err := validate.Image(got); err != nil {
		t.Error(err)
	}
}
