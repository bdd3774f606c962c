package image

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/creel-project/creel/internal/bundle/store"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// A Set is what a name stands for as a whole: an index with all that is in it, or one manifest. Its documents were read
// and verified.
type Set struct {
	Descriptor v1.Descriptor
	Raw        []byte // text of the index or manifest

	Index   *v1.IndexManifest // nil of a manifest
	Members map[v1.Hash]*Set  // of the index

	Manifest  *v1.Manifest // nil of an index
	RawConfig []byte
	Blobs     Blobs
}

// Close closes the files that the set is in.
func (s *Set) Close() error { return s.Blobs.Close() }

// Set is the image alone, which is closed with it.
func (m *Image) Set() *Set {
	return &Set{Descriptor: m.Descriptor, Raw: m.RawManifest, Manifest: m.Manifest, RawConfig: m.RawConfig, Blobs: m.Blobs}
}

// maxSet is how many bytes the documents of a set may have, of which each counts as some more.
const (
	maxSet      = 64 << 20
	perDocument = 1 << 10
)

// setReader reads documents, and not more than a set can have: an index may name another one many times, and that one a third.
type setReader struct {
	Blobs
	size int64
}

func (b *setReader) document(d v1.Descriptor) ([]byte, error) {
	text, err := document(b.Blobs, d)
	if b.size += int64(len(text)) + perDocument; err == nil && b.size > maxSet {
		err = fmt.Errorf("what is in it has more than %d bytes, as often as it is in it", maxSet)
	}
	return text, err
}

func readSet(blobs Blobs, named []v1.Descriptor) (*Set, error) {
	b := &setReader{Blobs: blobs}
	if len(named) == 1 {
		return readMember(b, named[0], 0)
	}
	if !sameName(named) {
		return nil, several(named)
	}
	index := v1.IndexManifest{SchemaVersion: 2, MediaType: types.OCIImageIndex}
	for _, d := range named {
		d.Annotations = nil // the name
		index.Manifests = append(index.Manifests, d)
	}
	slices.SortStableFunc(index.Manifests, func(x, y v1.Descriptor) int { return strings.Compare(x.Platform.String(), y.Platform.String()) })
	text, err := json.Marshal(index)
	if err != nil {
		return nil, err
	}
	h, size, err := v1.SHA256(bytes.NewReader(text))
	if err != nil {
		return nil, err
	}
	return readIndex(b, v1.Descriptor{MediaType: types.OCIImageIndex, Digest: h, Size: size}, text, 0)
}

// readMember reads an index with what is in it, or a manifest.
func readMember(b *setReader, d v1.Descriptor, depth int) (*Set, error) {
	text, err := b.document(d)
	if errors.Is(err, os.ErrNotExist) || errors.Is(err, store.ErrNotFound) {
		return nil, fmt.Errorf("the manifest for %s is not there: %w", platformOf(d), err)
	}
	if err != nil {
		return nil, err
	}
	if d.MediaType.IsIndex() {
		return readIndex(b, d, text, depth)
	}
	s := &Set{Descriptor: d, Raw: text, Blobs: b.Blobs}
	if s.Manifest, err = ParseAnyManifest(text); err != nil {
		return nil, fmt.Errorf("manifest %s: %w", d.Digest, err)
	}
	if s.RawConfig, err = b.document(s.Manifest.Config); err != nil {
		return nil, fmt.Errorf("config for %s: %w", platformOf(d), err)
	}
	return s, nil
}

func readIndex(b *setReader, d v1.Descriptor, text []byte, depth int) (*Set, error) {
	if depth == MaxDepth {
		return nil, fmt.Errorf("%s: an index in %d others", d.Digest, MaxDepth)
	}
	index, err := ParseIndex(text)
	if err != nil {
		return nil, fmt.Errorf("index %s: %w", d.Digest, err)
	}
	s := &Set{Descriptor: d, Raw: text, Blobs: b.Blobs, Index: index, Members: map[v1.Hash]*Set{}}
	for _, m := range index.Manifests {
		if s.Members[m.Digest], err = readMember(b, m, depth+1); err != nil {
			return nil, fmt.Errorf("index %s: %w", d.Digest, err)
		}
	}
	return s, nil
}

func platformOf(d v1.Descriptor) string {
	if d.Platform == nil {
		return d.Digest.String()
	}
	return d.Platform.String()
}
