package registry

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/creel-project/creel/internal/bundle/image"
	"github.com/creel-project/creel/internal/bundle/image/imagetest"
	"github.com/creel-project/creel/internal/bundle/platform"
	"github.com/creel-project/creel/internal/bundle/store"
	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/static"
	"github.com/google/go-containerregistry/pkg/v1/types"
	"github.com/google/go-containerregistry/pkg/v1/validate"
)

const statement = `{"_type":"https://in-toto.io/Statement/v0.1"}`

// attestation is what BuildKit puts beside an image.
func attestation(t *testing.T, of v1.Image) mutate.IndexAddendum {
	t.Helper()
	img, err := mutate.AppendLayers(mutate.MediaType(empty.Image, types.OCIManifestSchema1),
		static.NewLayer([]byte(statement), "application/vnd.in-toto+json"))
	if err != nil {
		t.Fatal(err)
	}
	h, err := of.Digest()
	if err != nil {
		t.Fatal(err)
	}
	return mutate.IndexAddendum{Add: img, Descriptor: v1.Descriptor{
		Platform:    &v1.Platform{OS: "unknown", Architecture: "unknown"},
		Annotations: map[string]string{"vnd.docker.reference.digest": h.String(), "vnd.docker.reference.type": "attestation-manifest"},
	}}
}

func pushIndex(t *testing.T, ref string, adds ...mutate.IndexAddendum) v1.Hash {
	t.Helper()
	r, err := name.ParseReference(ref)
	if err != nil {
		t.Fatal(err)
	}
	index := mutate.IndexMediaType(mutate.AppendManifests(empty.Index, adds...), types.OCIImageIndex)
	if err := remote.WriteIndex(r, index); err != nil {
		t.Fatal(err)
	}
	h, err := index.Digest()
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func member(t *testing.T, text string, img v1.Image) mutate.IndexAddendum {
	t.Helper()
	p, err := v1.ParsePlatform(text)
	if err != nil {
		t.Fatal(err)
	}
	return mutate.IndexAddendum{Add: img, Descriptor: v1.Descriptor{Platform: p}}
}

func pullAllInto(t *testing.T, s *store.Store, ref string) (v1.Descriptor, error) {
	t.Helper()
	r, err := Parse(ref, false)
	if err != nil {
		t.Fatal(err)
	}
	return PullAll(t.Context(), s, r, nil)
}

func TestAnIndexIsKeptWithItsAttestationsAndTheIndexesInIt(t *testing.T) {
	host := serve(t, nil)
	amd, arm := imageFor(t, "linux/amd64", 100, 2), imageFor(t, "linux/arm64/v8", 100, 2)
	inner := mutate.AppendManifests(empty.Index, member(t, "linux/arm64/v8", arm))
	want := pushIndex(t, host+"/from:1", member(t, "linux/amd64", amd), attestation(t, amd), mutate.IndexAddendum{Add: inner, Descriptor: v1.Descriptor{Platform: &v1.Platform{OS: "linux", Architecture: "arm64"}}})
	s := imagetest.Store(t)
	d, err := pullAllInto(t, s, host+"/from:1")
	if err != nil || d.Digest != want {
		t.Fatalf("%s, want %s: %v", d.Digest, want, err)
	}
	whole(t, s, amd)
	whole(t, s, arm)
	for _, p := range []string{"linux/amd64", "linux/arm64"} {
		wanted, _ := platform.Parse(p)
		if _, err := image.InStore(s).Image(host+"/from:1", wanted); err != nil {
			t.Errorf("%s: %v", p, err)
		}
	}
	set, err := image.InStore(s).Set(host + "/from:1")
	if err != nil {
		t.Fatal(err)
	}
	to, err := name.ParseReference(host + "/to:1")
	if err != nil {
		t.Fatal(err)
	}
	if err := Push(t.Context(), set, to, nil); err != nil {
		t.Fatal(err)
	}
	got, err := remote.Index(to)
	if err != nil {
		t.Fatal(err)
	}
	if h, err := got.Digest(); h != want {
		t.Errorf("it is %s, want %s: %v", h, want, err)
	}
	for _, img := range []v1.Image{amd, arm} {
		h, _ := img.Digest()
		if img, err = remote.Image(to.Context().Digest(h.String())); err == nil {
			err = validate.Image(img)
		}
		if err != nil {
			t.Error(err)
		}
	}
	h, _, _ := v1.SHA256(strings.NewReader(statement))
	if l, err := remote.Layer(to.Context().Digest(h.String())); err != nil {
		t.Error(err)
	} else if n, err := l.Size(); n != int64(len(statement)) || err != nil {
		t.Errorf("the attestation has %d bytes: %v", n, err)
	}
}

func TestAPlatformThatIsPulledAnewIsNoLongerThatOfTheIndex(t *testing.T) {
	host := serve(t, nil)
	amd, arm, newer := imageFor(t, "linux/amd64", 100, 1), imageFor(t, "linux/arm64/v8", 100, 1), imageFor(t, "linux/amd64", 100, 1)
	ref := host + "/moved:1"
	pushIndex(t, ref, member(t, "linux/amd64", amd), member(t, "linux/arm64/v8", arm), attestation(t, amd))
	s := imagetest.Store(t)
	if _, err := pullAllInto(t, s, ref); err != nil {
		t.Fatal(err)
	}
	if _, err := pullInto(t, s, ref, "linux/arm64"); err != nil {
		t.Fatal(err)
	}
	if list, err := s.Lookup(ref); len(list) != 1 || !list[0].MediaType.IsIndex() || err != nil {
		t.Errorf("after a pull of what the index has: %v, %v", list, err)
	}
	push(t, ref, newer)
	if _, err := pullInto(t, s, ref, "linux/amd64"); err != nil {
		t.Fatal(err)
	}
	list, err := s.Lookup(ref)
	if err != nil || len(list) != 2 {
		t.Fatalf("%v, %v", list, err)
	}
	for p, img := range map[string]v1.Image{"linux/amd64": newer, "linux/arm64": arm} {
		wanted, _ := platform.Parse(p)
		m, err := image.InStore(s).Image(ref, wanted)
		if err != nil {
			t.Errorf("%s: %v", p, err)
			continue
		}
		if h, _ := img.Digest(); m.Descriptor.Digest != h {
			t.Errorf("%s is %s, want %s", p, m.Descriptor.Digest, h)
		}
	}
	if _, err := pullAllInto(t, s, ref); err != nil { // of what is no index now
		t.Fatal(err)
	}
	if list, err := s.Lookup(ref); len(list) != 2 || err != nil {
		t.Errorf("%v, %v", list, err)
	}
}

func TestAnIndexOfWhichAPartIsMissingIsNotPulled(t *testing.T) {
	amd, arm := imageFor(t, "linux/amd64", 10, 1), imageFor(t, "linux/arm64/v8", 10, 1)
	gone, err := arm.Digest()
	if err != nil {
		t.Fatal(err)
	}
	host := serve(t, func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method != http.MethodGet || !strings.HasSuffix(r.URL.Path, gone.String()) {
			return false
		}
		w.WriteHeader(http.StatusNotFound)
		return true
	})
	pushIndex(t, host+"/part:1", member(t, "linux/amd64", amd), member(t, "linux/arm64/v8", arm))
	s := imagetest.Store(t)
	if _, err := pullAllInto(t, s, host+"/part:1"); err == nil || !strings.Contains(err.Error(), "for linux/arm64/v8: ") {
		t.Error(err)
	}
	if names, _ := s.Names(); len(names) != 0 {
		t.Errorf("it has a name: %v", names)
	}
}

func TestIndexesThatNameEachOtherManyTimesAreStoredOnce(t *testing.T) {
	s := imagetest.Store(t)
	put := func(text string) v1.Descriptor {
		h, size, err := v1.SHA256(strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		d := v1.Descriptor{MediaType: types.OCIImageIndex, Digest: h, Size: size}
		if err := s.Put(t.Context(), d, []byte(text)); err != nil {
			t.Fatal(err)
		}
		return d
	}
	text := `{"schemaVersion":2,"manifests":[]}`
	d := put(text)
	for range image.MaxDepth - 1 {
		one, err := json.Marshal(d)
		if err != nil {
			t.Fatal(err)
		}
		text = `{"schemaVersion":2,"manifests":[` + strings.Repeat(string(one)+",", 999) + string(one) + `]}`
		d = put(text)
	}
	p := &puller{store: s, done: map[string]bool{}}
	if err := p.index(t.Context(), d, []byte(text), 0); err != nil {
		t.Error(err)
	}
}
