package registry

import (
	"context"
	"fmt"

	"github.com/creel-project/creel/internal/bundle/image"
	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// index stores an index with all that is in it, it last.
func (p *puller) index(ctx context.Context, d v1.Descriptor, text []byte, depth int) error {
	if depth == image.MaxDepth {
		return fmt.Errorf("%s: an index in %d others", d.Digest, image.MaxDepth)
	}
	index, err := image.ParseIndex(text)
	if err != nil {
		return fmt.Errorf("index %s: %w", d.Digest, err)
	}
	for _, m := range index.Manifests {
		key := string(m.MediaType) + " " + m.Digest.String()
		if p.done[key] { // else indexes that name each other many times have no end
			continue
		}
		text, err := p.member(ctx, m)
		switch {
		case err != nil:
		case m.MediaType.IsIndex():
			err = p.index(ctx, m, text, depth+1)
		default:
			err = p.any(ctx, m, text)
		}
		if err != nil && m.Platform != nil {
			return fmt.Errorf("index %s: for %s: %w", d.Digest, m.Platform, err)
		}
		if err != nil {
			return fmt.Errorf("index %s: %w", d.Digest, err)
		}
		p.done[key] = true
	}
	return p.store.Put(ctx, d, text)
}

// member returns the text of what is in an index.
func (p *puller) member(ctx context.Context, m v1.Descriptor) ([]byte, error) {
	if p.store.Has(m) {
		return p.store.Document(m)
	}
	d, text, err := p.manifest(ctx, m.Digest.String())
	if err == nil && d.MediaType != m.MediaType {
		err = fmt.Errorf("manifest %s: its media type is %q, in the index it is %q", d.Digest, d.MediaType, m.MediaType)
	}
	return text, err
}

// any stores a manifest of an image, or of what belongs to one, with all that it refers to. Layers that registries do
// not give away are passed over.
func (p *puller) any(ctx context.Context, d v1.Descriptor, text []byte) error {
	m, err := image.ParseAnyManifest(text)
	if err != nil {
		return fmt.Errorf("manifest %s: %w", d.Digest, err)
	}
	if d.Platform != nil && d.Platform.OS != "unknown" {
		p.show.Say("for %s: %s", d.Platform, d.Digest)
	}
	if err := p.fetch(ctx, "config", m.Config); err != nil {
		return err
	}
	var layers []v1.Descriptor
	for _, l := range m.Layers {
		if l.MediaType.IsDistributable() {
			layers = append(layers, l)
		}
	}
	if err := p.layers(ctx, layers); err != nil {
		return err
	}
	return p.store.Put(ctx, d, text)
}
