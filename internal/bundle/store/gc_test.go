package store

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/types"
	"golang.org/x/sys/unix"
)

// put stores text, and returns its descriptor.
func put(t *testing.T, s *Store, mediaType types.MediaType, text string) v1.Descriptor {
	t.Helper()
	d := describe(text)
	d.MediaType = mediaType
	if err := s.Put(t.Context(), d, []byte(text)); err != nil {
		t.Fatal(err)
	}
	return d
}

// putImage stores a manifest with a config and layers.
func putImage(t *testing.T, s *Store, config string, layers ...string) v1.Descriptor {
	t.Helper()
	m := v1.Manifest{SchemaVersion: 2, Config: put(t, s, types.OCIConfigJSON, config)}
	for _, l := range layers {
		m.Layers = append(m.Layers, put(t, s, types.OCILayer, l))
	}
	text, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return put(t, s, types.OCIManifestSchema1, string(text))
}

func collect(t *testing.T, s *Store, dry bool) *Garbage {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	g, err := Collect(t.Context(), s.Dir(), dry)
	if err != nil {
		t.Fatal(err)
	}
	again, err := Open(t.Context(), s.Dir())
	if err != nil {
		t.Fatal(err)
	}
	s.lock = again.lock
	return g
}

func TestWhatAnImageWithANameNeedsIsKept(t *testing.T) {
	s := newStore(t)
	kept := putImage(t, s, "{}", "base", "top")
	other := putImage(t, s, `{"a":1}`, "base", "gone")
	index, err := json.Marshal(v1.IndexManifest{SchemaVersion: 2, Manifests: []v1.Descriptor{kept, describe("of another platform")}})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Tag(t.Context(), "image", put(t, s, types.OCIImageIndex, string(index))); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(s.Dir(), "ingest", "sha256-half"), []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	if g := collect(t, s, true); g.Blobs != 3 || g.Partial != 1 || !s.Has(other) {
		t.Errorf("a dry run: %+v", g)
	}
	g := collect(t, s, false)
	if g.Blobs != 3 || g.Partial != 1 || g.Bytes == 0 {
		t.Errorf("%+v", g)
	}
	for _, text := range []string{"{}", "base", "top"} {
		if !s.Has(describe(text)) {
			t.Errorf("%q is gone", text)
		}
	}
	if s.Has(other) || s.Has(describe("gone")) || !s.Has(kept) || len(files(t, s, "ingest")) != 0 {
		t.Error("the wrong things were removed")
	}
}

func TestWhatABundleNeedsIsKeptAsLongAsItIsThere(t *testing.T) {
	s := newStore(t)
	d := putImage(t, s, "{}", "base")
	for _, key := range []string{"used", "unused"} {
		if _, err := s.Layer(t.Context(), key, func(dir string) error { return os.WriteFile(filepath.Join(dir, "f"), nil, 0o600) }); err != nil {
			t.Fatal(err)
		}
	}
	marker := filepath.Join(t.TempDir(), Marker)
	u := &Use{Path: marker, Image: &d, Layers: []string{"used"}}
	if err := s.Record(u); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(marker, []byte(`{"id":"`+u.ID+`"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if g := collect(t, s, false); g.Blobs != 0 || g.Layers != 1 || g.Uses != 0 {
		t.Errorf("while it is there: %+v", g)
	}
	if names := files(t, s, "layers"); len(names) != 1 || names[0] != "used" {
		t.Errorf("layers: %v", names)
	}
	// Another bundle stands in its place.
	if err := os.WriteFile(marker, []byte(`{"id":"OTHER"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if g := collect(t, s, false); g.Blobs != 3 || g.Layers != 1 || g.Uses != 1 {
		t.Errorf("when it is gone: %+v", g)
	}
	if n := len(files(t, s, "bundles")) + len(files(t, s, "layers")); n != 0 {
		t.Errorf("%d entries are left", n)
	}
}

func TestNothingIsRemovedWhileSomebodyUsesTheStore(t *testing.T) {
	s := newStore(t)
	d := putImage(t, s, "{}")
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if _, err := Collect(ctx, s.Dir(), false); !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
	if !s.Has(d) {
		t.Error("it was removed")
	}
}

func TestNothingIsRemovedIfAManifestCannotBeRead(t *testing.T) {
	s := newStore(t)
	broken := put(t, s, types.OCIManifestSchema1, "this is no JSON")
	lost := put(t, s, types.OCILayer, "lost")
	if err := s.Tag(t.Context(), "image", broken); err != nil {
		t.Fatal(err)
	}
	s.Close()
	if _, err := Collect(t.Context(), s.Dir(), false); err == nil {
		t.Error("it was collected")
	}
	if !s.Has(lost) {
		t.Error("it was removed")
	}
}

func TestADirectoryThatIsNoStoreIsNotCollected(t *testing.T) {
	dir := t.TempDir()
	if _, err := Collect(t.Context(), dir, false); err == nil {
		t.Error("it was")
	}
}

func TestNobodyKeepsTheCollectorWaitingInABundlesPlace(t *testing.T) {
	marker := filepath.Join(t.TempDir(), Marker)
	if err := unix.Mkfifo(marker, 0o600); err != nil {
		t.Fatal(err)
	}
	if isGone(&Use{ID: "A", Path: marker}) {
		t.Error("it counts as gone")
	}
}

func TestALayerThatIsDeeperThanAPathIsCollected(t *testing.T) {
	s := newStore(t)
	dir, err := s.Layer(t.Context(), "deep", func(dir string) error {
		at, err := unix.Open(dir, unix.O_DIRECTORY, 0)
		for range 17 {
			if err == nil {
				err = unix.Mkdirat(at, strings.Repeat("d", 250), 0o700)
			}
			next := -1
			if err == nil {
				next, err = unix.Openat(at, strings.Repeat("d", 250), unix.O_DIRECTORY, 0)
			}
			unix.Close(at)
			at = next
		}
		unix.Close(at)
		return errors.Join(err, os.WriteFile(filepath.Join(dir, "file"), []byte("text"), 0o600))
	})
	if err != nil {
		t.Fatal(err)
	}
	if g := collect(t, s, false); g.Layers != 1 || g.Bytes != 4 {
		t.Errorf("%+v", g)
	}
	if _, err := os.Lstat(dir); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
}
