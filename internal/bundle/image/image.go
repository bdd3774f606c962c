package image

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/creel-project/creel/internal/bundle/platform"
	"github.com/creel-project/creel/internal/bundle/store"
	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// Blobs is where the content of images is: a store, a layout, an archive.
type Blobs interface {
	// Open opens a blob. Its content is not verified.
	Open(v1.Hash) (io.ReadCloser, error)
}

// Image is an image whose documents were read and verified, and whose layers can be read.
type Image struct {
	Name       string        // as it was asked for
	Source     string        // what Find finds it by, from any directory
	Descriptor v1.Descriptor // of the manifest
	Manifest   *v1.Manifest
	Config     *v1.ConfigFile
	Blobs      Blobs

	RawManifest, RawConfig []byte
}

// A Layer is one of the image, the lowest first.
type Layer struct {
	v1.Descriptor         // as it is stored
	DiffID        v1.Hash // digest of the archive, uncompressed
}

// Layers returns the layers, the lowest first.
func (m *Image) Layers() []Layer {
	layers := make([]Layer, len(m.Manifest.Layers))
	for i, d := range m.Manifest.Layers {
		layers[i] = Layer{d, m.Config.RootFS.DiffIDs[i]}
	}
	return layers
}

// Read reads the documents of an image whose manifest, or index, is d.
func Read(name string, b Blobs, d v1.Descriptor, want v1.Platform) (*Image, error) {
	const maxDepth = 4
	for range maxDepth {
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
	return nil, fmt.Errorf("%s: an index in %d others", d.Digest, maxDepth)
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
	if p := c.Platform(); p != nil {
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

// choose picks, of the entries of a name, the one for a platform.
func choose(named []v1.Descriptor, want v1.Platform) (v1.Descriptor, error) {
	if len(named) == 1 && named[0].Platform == nil {
		return named[0], nil
	}
	return platform.Choose(named, want)
}

// entries picks those of an index.json with a name, or of the only image if name is empty: one, or a manifest for each
// of several platforms.
func entries(list []v1.Descriptor, name string) ([]v1.Descriptor, error) {
	var named []v1.Descriptor
	var names []string
	for _, d := range list {
		if !d.MediaType.IsImage() && !d.MediaType.IsIndex() {
			continue
		}
		full, tag := d.Annotations["io.containerd.image.name"], d.Annotations[store.RefName]
		if name == "" || name == tag || name == full || name == d.Digest.String() {
			named = append(named, d)
		}
		names = append(names, first(tag, full, d.Digest.String()))
	}
	switch {
	case len(named) == 1 || len(named) > 0 && sameName(named):
		return named, nil
	case len(named) > 1:
		return nil, fmt.Errorf("it has %d images, say which: %s", len(named), strings.Join(names, ", "))
	case len(names) == 0:
		return nil, fmt.Errorf("%q: %w, nor any other", name, ErrNoSuchName)
	}
	return nil, fmt.Errorf("%q: %w: there are %s", name, ErrNoSuchName, strings.Join(names, ", "))
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

func first(words ...string) string {
	for _, w := range words {
		if w != "" {
			return w
		}
	}
	return ""
}
