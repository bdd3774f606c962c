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

// Lookup returns the entries with a name: an index with all its manifests, or a manifest for each platform that was
// stored. There may be none.
func (s *Store) Lookup(name string) ([]v1.Descriptor, error) {
	all, err := s.Names()
	return slices.DeleteFunc(all, func(d v1.Descriptor) bool { return d.Annotations[RefName] != name }), err
}

// Tag gives a name to a manifest, which another of the same platform loses, or to an index, which all others lose. It
// and what it refers to are stored already. A manifest of the index that has the name changes nothing; with another
// the name is no longer the index's, but of its manifests.
func (s *Store) Tag(ctx context.Context, name string, d v1.Descriptor) error {
	d.Annotations = map[string]string{RefName: name}
	return s.change(ctx, func(index *v1.IndexManifest) error {
		var named []v1.Descriptor
		index.Manifests = slices.DeleteFunc(index.Manifests, func(o v1.Descriptor) bool {
			mine := o.Annotations[RefName] == name
			if mine {
				named = append(named, o)
			}
			return mine
		})
		if len(named) == 1 && named[0].MediaType.IsIndex() && !d.MediaType.IsIndex() {
			members, err := s.Members(named[0])
			if err != nil {
				return err
			}
			if slices.ContainsFunc(members, func(o v1.Descriptor) bool { return o.Digest == d.Digest }) {
				d, named = named[0], nil
			} else {
				named = members
			}
		}
		for _, o := range named {
			if !d.MediaType.IsIndex() && !samePlatform(o.Platform, d.Platform) {
				o.Annotations = d.Annotations
				index.Manifests = append(index.Manifests, o)
			}
		}
		index.Manifests = append(index.Manifests, d)
		return nil
	})
}

// Members returns the manifests of an index, and of those in it, that are for a platform.
func (s *Store) Members(d v1.Descriptor) ([]v1.Descriptor, error) {
	return s.members(d, 0, map[v1.Hash]bool{})
}

// members passes over indexes that it has seen: those that name each other many times would have no end. One manifest may be for several
// platforms.
func (s *Store) members(d v1.Descriptor, depth int, seen map[v1.Hash]bool) (list []v1.Descriptor, err error) {
	if depth == maxDepth {
		return nil, fmt.Errorf("%s: it is an index in %d others", d.Digest, maxDepth)
	}
	text, err := s.Document(d)
	if err != nil {
		return nil, err
	}
	index, err := v1.ParseIndexManifest(bytes.NewReader(text))
	if err != nil {
		return nil, fmt.Errorf("index %s: %w", d.Digest, err)
	}
	for _, o := range index.Manifests {
		switch {
		case o.MediaType.IsIndex():
			if seen[o.Digest] {
				continue
			}
			seen[o.Digest] = true
			more, err := s.members(o, depth+1, seen)
			if err != nil {
				return nil, err
			}
			list = append(list, more...)
		case o.MediaType.IsImage() && o.Platform != nil && o.Platform.OS != "unknown": // as attestations have it
			list = append(list, o)
		}
	}
	return list, nil
}

// Untag takes a name away from all that have it, and returns how many had.
func (s *Store) Untag(ctx context.Context, name string) (n int, err error) {
	err = s.change(ctx, func(index *v1.IndexManifest) error {
		before := len(index.Manifests)
		index.Manifests = slices.DeleteFunc(index.Manifests, func(o v1.Descriptor) bool { return o.Annotations[RefName] == name })
		n = before - len(index.Manifests)
		return nil
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

func (s *Store) change(ctx context.Context, edit func(*v1.IndexManifest) error) error {
	lock, err := lockFile(ctx, filepath.Join(s.dir, "index.lock"), unix.LOCK_EX)
	if err != nil {
		return err
	}
	defer lock.Close()
	index, err := s.readIndex()
	if err != nil {
		return err
	}
	if err := edit(index); err != nil {
		return err
	}
	text, err := json.Marshal(index)
	if err != nil {
		return err
	}
	return writeFile(filepath.Join(s.dir, "index.json"), text)
}
