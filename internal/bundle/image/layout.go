package image

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"

	"github.com/creel-project/creel/internal/bundle/store"
	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// FromStore reads an image that was stored under a name.
func FromStore(s *store.Store, name string, want v1.Platform) (*Image, error) {
	named, err := lookup(s, name)
	if err != nil {
		return nil, err
	}
	return readOne(name, Stored{s}, named, want)
}

func lookup(s *store.Store, name string) ([]v1.Descriptor, error) {
	list, err := s.Lookup(name)
	if err != nil {
		return nil, err
	}
	return entries(list, name)
}

// Stored are the blobs of a store.
type Stored struct{ *store.Store }

// Open opens a blob.
func (s Stored) Open(h v1.Hash) (io.ReadCloser, error) { return s.Blob(h) }

// FromLayout reads the image with a name of an OCI layout, or its only one if name is empty.
func FromLayout(dir, name string, want v1.Platform) (*Image, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("layout: %w", err)
	}
	m, err := fromFiles(dir, directory{root}, name, want)
	if err != nil {
		root.Close()
		return nil, fmt.Errorf("layout %s: %w", dir, err)
	}
	m.files = root
	return m, nil
}

// layout reads the index.json of an OCI layout.
func (b *blobs) layout() ([]v1.Descriptor, error) {
	version, err := b.small("oci-layout")
	if err != nil {
		return nil, err
	}
	if !bytes.Contains(version, []byte(`"imageLayoutVersion"`)) || !bytes.Contains(version, []byte(`"1.0.`)) {
		return nil, fmt.Errorf("oci-layout: %.100q: this version is not known", version)
	}
	text, err := b.small("index.json")
	if err != nil {
		return nil, err
	}
	index, err := v1.ParseIndexManifest(bytes.NewReader(text))
	if err != nil {
		return nil, fmt.Errorf("index.json: %w", err)
	}
	return index.Manifests, nil
}

// Import copies an image into a store under a name, and returns its manifest there.
func (m *Image) Import(ctx context.Context, s *store.Store, name string) (v1.Descriptor, error) {
	put := func(d v1.Descriptor) error {
		return s.Fetch(ctx, d, func(context.Context, int64) (io.ReadCloser, int64, error) {
			r, err := m.Blobs.Open(d.Digest)
			return r, 0, err
		})
	}
	d := m.Descriptor
	d.Platform = m.Config.Platform()
	for _, b := range append([]v1.Descriptor{m.Manifest.Config, d}, m.Manifest.Layers...) {
		if err := put(b); err != nil {
			return d, fmt.Errorf("store %s: %w", name, err)
		}
	}
	if name == "" {
		return d, nil
	}
	return d, s.Tag(ctx, name, d)
}
