package registry

import (
	"bytes"
	"context"
	"fmt"
	"io"

	"github.com/creel-project/creel/internal/bundle/image"
	"github.com/creel-project/creel/internal/bundle/platform"
	"github.com/creel-project/creel/internal/bundle/progress"
	"github.com/creel-project/creel/internal/bundle/store"
	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"golang.org/x/sync/errgroup"
)

// parallel is how many blobs are fetched at a time.
const parallel = 4

// Pull stores an image of a registry under the name of its reference, and returns its manifest. Of an index it takes
// the manifest for a platform. The name is given when all is there: a pull that is interrupted goes on where it was.
func Pull(ctx context.Context, s *store.Store, ref name.Reference, want v1.Platform, show *progress.Display) (v1.Descriptor, error) {
	return pull(ctx, s, ref, show, func(p *puller) (v1.Descriptor, error) {
		d, text, err := p.resolve(ctx, ref.Identifier(), want)
		if err != nil {
			return d, err
		}
		show.Say("%s for %s is %s", Name(ref), want, d.Digest)
		err = p.image(ctx, &d, text, &want)
		return d, err
	})
}

// PullAll is Pull of an index as it is, with all that is in it. What is no index is stored whatever its platform is.
func PullAll(ctx context.Context, s *store.Store, ref name.Reference, show *progress.Display) (v1.Descriptor, error) {
	return pull(ctx, s, ref, show, func(p *puller) (v1.Descriptor, error) {
		d, text, err := p.manifest(ctx, ref.Identifier())
		if err != nil {
			return d, err
		}
		show.Say("%s is %s", Name(ref), d.Digest)
		if d.MediaType.IsIndex() {
			return d, p.index(ctx, d, text, 0)
		}
		err = p.image(ctx, &d, text, nil)
		return d, err
	})
}

// pull names what content has stored.
func pull(ctx context.Context, s *store.Store, ref name.Reference, show *progress.Display, content func(*puller) (v1.Descriptor, error)) (v1.Descriptor, error) {
	p := &puller{store: s, show: show, done: map[string]bool{}}
	found, err := findCredentials(ctx, ref.Context())
	if err == nil {
		err = retry(ctx, func() (err error) {
			p.client, err = connect(ctx, ref.Context(), found)
			return err
		})
	}
	var d v1.Descriptor
	if err == nil {
		d, err = content(p)
	}
	if err == nil {
		err = s.Tag(ctx, Name(ref), d)
	}
	if err != nil {
		return d, fmt.Errorf("pull %s: %w", Name(ref), err)
	}
	return d, nil
}

type puller struct {
	*client
	store *store.Store
	show  *progress.Display
	done  map[string]bool // what is in indexes, by media type and digest
}

// resolve finds the manifest for a platform, through indexes.
func (p *puller) resolve(ctx context.Context, id string, want v1.Platform) (d v1.Descriptor, text []byte, err error) {
	for range image.MaxDepth {
		d, text, err = p.manifest(ctx, id)
		if err != nil || d.MediaType.IsImage() {
			return d, text, err
		}
		index, err := v1.ParseIndexManifest(bytes.NewReader(text))
		if err != nil {
			return d, nil, fmt.Errorf("index %s: %w", d.Digest, err)
		}
		child, err := platform.Choose(index.Manifests, want)
		if err != nil {
			return d, nil, err
		}
		if err := store.CheckHash(child.Digest); err != nil {
			return d, nil, fmt.Errorf("index %s: %w", d.Digest, err)
		}
		id = child.Digest.String()
	}
	return d, nil, fmt.Errorf("%s: an index in %d others", id, image.MaxDepth)
}

// image stores the manifest of an image with its config and layers. It is refused if it is for another platform than
// the one that is wanted.
func (p *puller) image(ctx context.Context, d *v1.Descriptor, text []byte, want *v1.Platform) error {
	m, err := image.ParseManifest(text)
	if err != nil {
		return fmt.Errorf("manifest %s: %w", d.Digest, err)
	}
	if err := p.fetch(ctx, "config", m.Config); err != nil {
		return err
	}
	raw, err := p.store.Document(m.Config)
	if err != nil {
		return fmt.Errorf("config: %w", err)
	}
	config, err := image.ParseConfig(raw, len(m.Layers))
	if err != nil {
		return fmt.Errorf("config %s: %w", m.Config.Digest, err)
	}
	if d.Platform = config.Platform(); d.Platform != nil && want != nil {
		if _, ok := platform.Runs(*d.Platform, *want); !ok {
			return fmt.Errorf("it is for %s, not for %s: ask for it with --platform", d.Platform, want)
		}
	}
	if err := p.layers(ctx, m.Layers); err != nil {
		return err
	}
	return p.store.Put(ctx, *d, text)
}

func (p *puller) layers(ctx context.Context, layers []v1.Descriptor) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(parallel)
	seen := map[v1.Hash]bool{}
	for _, l := range layers {
		if !seen[l.Digest] {
			seen[l.Digest] = true
			g.Go(func() error { return p.fetch(ctx, "layer", l) })
		}
	}
	return g.Wait()
}

// fetch stores one blob.
func (p *puller) fetch(ctx context.Context, what string, d v1.Descriptor) error {
	task := p.show.Start(what+" "+d.Digest.Hex[:12], d.Size)
	if p.store.Has(d) {
		task.End(true, "already there")
		return nil
	}
	how := ""
	err := retry(ctx, func() error {
		return p.store.Fetch(ctx, d, func(ctx context.Context, offset int64) (io.ReadCloser, int64, error) {
			body, from, err := p.blob(ctx, d, offset)
			if err != nil {
				return nil, 0, err
			}
			if from > 0 {
				how = "resumed"
			}
			task.At(from)
			return task.Reader(body), from, nil
		})
	})
	task.End(err == nil, how)
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}
