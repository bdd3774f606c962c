package image

import (
	"bytes"
	"context"
	"fmt"
	"io"

	"github.com/creel-project/creel/internal/bundle/store"
	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// Stored are the blobs of a store.
type Stored struct{ *store.Store }

// Open opens a blob.
func (s Stored) Open(h v1.Hash) (io.ReadCloser, error) { return s.Blob(h) }

// Close leaves the store open: it serves others too.
func (Stored) Close() error { return nil }

func (s Stored) named(name string) ([]v1.Descriptor, error) {
	list, err := s.Lookup(name)
	if err != nil {
		return nil, err
	}
	return entries(list, name)
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
