package registry

import (
	"fmt"
	"io"

	"github.com/creel-project/creel/internal/bundle/image"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/partial"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// packed makes of an index or a manifest what the library sends.
func packed(s *image.Set) (remote.Taggable, error) {
	if s.Index != nil {
		return &packedIndex{s}, nil
	}
	return partial.CompressedToImage(&packedImage{s})
}

// packedIndex shows an index to the library.
type packedIndex struct{ s *image.Set }

func (p *packedIndex) MediaType() (types.MediaType, error) { return p.s.Descriptor.MediaType, nil }

func (p *packedIndex) Digest() (v1.Hash, error) { return p.s.Descriptor.Digest, nil }

func (p *packedIndex) Size() (int64, error) { return p.s.Descriptor.Size, nil }

func (p *packedIndex) IndexManifest() (*v1.IndexManifest, error) { return p.s.Index, nil }

func (p *packedIndex) RawManifest() ([]byte, error) { return p.s.Raw, nil }

func (p *packedIndex) Image(h v1.Hash) (v1.Image, error) {
	m := p.s.Members[h]
	if m == nil || m.Manifest == nil {
		return nil, fmt.Errorf("%s: it is no manifest of the index", h)
	}
	return partial.CompressedToImage(&packedImage{m})
}

func (p *packedIndex) ImageIndex(h v1.Hash) (v1.ImageIndex, error) {
	m := p.s.Members[h]
	if m == nil || m.Index == nil {
		return nil, fmt.Errorf("%s: it is no index in the index", h)
	}
	return &packedIndex{m}, nil
}

// packedImage shows a manifest, and what it refers to, to the library.
type packedImage struct{ s *image.Set }

func (p *packedImage) RawConfigFile() ([]byte, error) { return p.s.RawConfig, nil }

func (p *packedImage) MediaType() (types.MediaType, error) { return p.s.Descriptor.MediaType, nil }

func (p *packedImage) RawManifest() ([]byte, error) { return p.s.Raw, nil }

func (p *packedImage) LayerByDigest(h v1.Hash) (partial.CompressedLayer, error) {
	for _, d := range p.s.Manifest.Layers {
		if d.Digest == h {
			return &packedLayer{p.s.Blobs, d}, nil
		}
	}
	if d := p.s.Manifest.Config; d.Digest == h {
		return &packedLayer{p.s.Blobs, d}, nil
	}
	return nil, fmt.Errorf("%s: it is no layer of the image", h)
}

type packedLayer struct {
	blobs image.Blobs
	d     v1.Descriptor
}

func (l *packedLayer) Digest() (v1.Hash, error) { return l.d.Digest, nil }

func (l *packedLayer) Compressed() (io.ReadCloser, error) { return l.blobs.Open(l.d.Digest) }

func (l *packedLayer) Size() (int64, error) { return l.d.Size, nil }

func (l *packedLayer) MediaType() (types.MediaType, error) { return l.d.MediaType, nil }
