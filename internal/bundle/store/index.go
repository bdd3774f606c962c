package store

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/types"
	"golang.org/x/sys/unix"
)

// RefName is the annotation with a manifest's name in index.json (image-spec 1.1, annotations.md).
const RefName = "org.opencontainers.image.ref.name"

// Names returns the entries of index.json, in order.
func (s *Store) Names() ([]v1.Descriptor, error) {
	index, err := s.readIndex()
	if err != nil {
		return nil, err
	}
	return index.Manifests, nil
}

// Lookup returns the manifests with a name, one for each platform that was stored. There may be none.
func (s *Store) Lookup(name string) ([]v1.Descriptor, error) {
	all, err := s.Names()
	return slices.DeleteFunc(all, func(d v1.Descriptor) bool { return d.Annotations[RefName] != name }), err
}

// Tag gives a manifest a name, which another of the same platform loses. The manifest and what it refers to are stored
// already.
func (s *Store) Tag(ctx context.Context, name string, d v1.Descriptor) error {
	d.Annotations = map[string]string{RefName: name}
	return s.change(ctx, func(index *v1.IndexManifest) {
		index.Manifests = slices.DeleteFunc(index.Manifests, func(o v1.Descriptor) bool {
			return o.Annotations[RefName] == name && samePlatform(o.Platform, d.Platform)
		})
		index.Manifests = append(index.Manifests, d)
	})
}

// Untag takes a name away from all that have it, and returns how many had.
func (s *Store) Untag(ctx context.Context, name string) (n int, err error) {
	err = s.change(ctx, func(index *v1.IndexManifest) {
		before := len(index.Manifests)
		index.Manifests = slices.DeleteFunc(index.Manifests, func(o v1.Descriptor) bool { return o.Annotations[RefName] == name })
		n = before - len(index.Manifests)
	})
	return n, err
}

func samePlatform(a, b *v1.Platform) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Equals(*b)
}

func (s *Store) readIndex() (*v1.IndexManifest, error) {
	path := filepath.Join(s.dir, "index.json")
	text, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return &v1.IndexManifest{SchemaVersion: 2, MediaType: types.OCIImageIndex, Manifests: []v1.Descriptor{}}, nil
	}
	if err != nil {
		return nil, err
	}
	index, err := v1.ParseIndexManifest(bytes.NewReader(text))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return index, nil
}

func (s *Store) change(ctx context.Context, edit func(*v1.IndexManifest)) error {
	lock, err := lockFile(ctx, filepath.Join(s.dir, "index.lock"), unix.LOCK_EX)
	if err != nil {
		return err
	}
	defer lock.Close()
	index, err := s.readIndex()
	if err != nil {
		return err
	}
	edit(index)
	text, err := json.Marshal(index)
	if err != nil {
		return err
	}
	return writeFile(filepath.Join(s.dir, "index.json"), text)
}
