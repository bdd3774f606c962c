package image

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/creel-project/creel/internal/bundle/platform"
	"github.com/creel-project/creel/internal/bundle/store"
	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// Blobs is where the content of images is: a store, a layout, an archive. Closing it closes what was opened for an image.
type Blobs interface {
	io.Closer
	// Open opens a blob. Its content is not verified.
	Open(v1.Hash) (io.ReadCloser, error)
}

// Image is an image whose documents were read and verified, and whose layers can be read.
type Image struct {
	Name       string        // as it was asked for
	Source     string        // its address for creel-bundle, from any directory
	Descriptor v1.Descriptor // of the manifest
	Manifest   *v1.Manifest
	Config     *v1.ConfigFile
	Blobs      Blobs

	RawManifest, RawConfig []byte
}

// Close closes the files that the image is in.
func (m *Image) Close() error { return m.Blobs.Close() }

// Read reads the documents of an image whose manifest, or index, is d. For platform.Any it may be for any platform.
func Read(name string, b Blobs, d v1.Descriptor, want v1.Platform) (*Image, error) {
	for range MaxDepth {
		text, err := document(b, d)
		if err != nil {
			return nil, err
		}
		if d.MediaType.IsIndex() {
			index, err := v1.ParseIndexManifest(bytes.NewReader(text))
			if err != nil {
				return nil, fmt.Errorf("index %s: %w", d.Digest, err)
			}
			if d, err = platform.Choose(index.Manifests, want); err != nil {
				return nil, err
			}
			continue
		}
		if !d.MediaType.IsImage() {
			return nil, fmt.Errorf("manifest %s: its media type %q is neither that of an image nor of an index", d.Digest, d.MediaType)
		}
		return readManifest(name, b, d, text, want)
	}
	return nil, fmt.Errorf("%s: an index in %d others", d.Digest, MaxDepth)
}

func readManifest(name string, b Blobs, d v1.Descriptor, text []byte, want v1.Platform) (*Image, error) {
	m, err := ParseManifest(text)
	if err != nil {
		return nil, fmt.Errorf("manifest %s: %w", d.Digest, err)
	}
	raw, err := document(b, m.Config)
	if err != nil {
		return nil, fmt.Errorf("config: %w", err)
	}
	c, err := ParseConfig(raw, len(m.Layers))
	if err != nil {
		return nil, fmt.Errorf("config %s: %w", m.Config.Digest, err)
	}
	if p := c.Platform(); p != nil && want.OS != platform.Any.OS {
		if _, ok := platform.Runs(*p, want); !ok {
			return nil, fmt.Errorf("%w %s: it is for %s; ask for that with --platform", platform.ErrNone, want, p)
		}
	}
	return &Image{Name: name, Descriptor: d, Manifest: m, Config: c, Blobs: b, RawManifest: text, RawConfig: raw}, nil
}

func document(b Blobs, d v1.Descriptor) ([]byte, error) {
	if err := judge(d, store.MaxDocument); err != nil {
		return nil, err
	}
	r, err := b.Open(d.Digest)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return store.ReadDocument(r, d)
}

// ErrNoSuchName is wrapped by errors about a name that a place has not.
var ErrNoSuchName = errors.New("there is no image of that name")

func choose(named []v1.Descriptor, want v1.Platform) (v1.Descriptor, error) {
	if !sameName(named) {
		if here := platform.Running(named, want); len(here) == 1 {
			named = here
		}
	}
	switch {
	case len(named) == 1 && named[0].Platform == nil:
		return named[0], nil
	case sameName(named):
		return platform.Choose(named, want)
	}
	return v1.Descriptor{}, several(named)
}

// several is the error about entries of which one has to be named.
func several(list []v1.Descriptor) error {
	return fmt.Errorf("it has %d images, say which: %s", len(list), firstOf(names(list)))
}

// firstOf lists names for an error, which stays a line that can be read.
func firstOf(names []string) string {
	const most = 10
	if more := len(names) - most; more > 0 {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), more)
	}
	return strings.Join(names, ", ")
}

func names(list []v1.Descriptor) (found []string) {
	for _, d := range list {
		found = append(found, cmp.Or(d.Annotations[store.RefName], d.Annotations[fullName], d.Digest.String()))
	}
	return found
}

// fullName annotates an entry of an index.json of Docker's with the reference, of which store.RefName is the tag.
const fullName = "io.containerd.image.name"

// entries picks those of an index.json with a name, or all if name is empty. There is at least one.
func entries(list []v1.Descriptor, name string) (named []v1.Descriptor, err error) {
	list = slices.DeleteFunc(slices.Clone(list), func(d v1.Descriptor) bool { return !d.MediaType.IsImage() && !d.MediaType.IsIndex() })
	for _, d := range list {
		if name == "" || name == d.Annotations[store.RefName] || name == d.Annotations[fullName] || name == d.Digest.String() {
			named = append(named, d)
		}
	}
	switch {
	case len(named) > 0:
		return named, nil
	case len(list) == 0:
		return nil, fmt.Errorf("%q: %w, nor any other", name, ErrNoSuchName)
	}
	return nil, fmt.Errorf("%q: %w: there are %s", name, ErrNoSuchName, firstOf(names(list)))
}

// sameName says whether entries are one image for several platforms.
func sameName(list []v1.Descriptor) bool {
	for _, d := range list {
		if d.Platform == nil || d.Annotations[store.RefName] != list[0].Annotations[store.RefName] {
			return false
		}
	}
	return true
}
