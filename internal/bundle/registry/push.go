package registry

import (
	"context"
	"fmt"
	"io"

	"github.com/creel-project/creel/internal/bundle/image"
	"github.com/creel-project/creel/internal/bundle/progress"
	"github.com/creel-project/creel/internal/version"
	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/partial"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// Push sends an image to a registry under a reference. Its manifest stays byte for byte what it is; blobs that the
// registry has are not sent.
func Push(ctx context.Context, m *image.Image, ref name.Reference, show *progress.Display) error {
	img, err := partial.CompressedToImage(&packed{m})
	if err != nil {
		return fmt.Errorf("push %s: %w", Name(ref), err)
	}
	updates := make(chan v1.Update, 16)
	shown := make(chan struct{})
	go func() {
		defer close(shown)
		follow(show, updates)
	}()
	err = remote.Write(ref, img, remote.WithContext(ctx), remote.WithAuthFromKeychain(authn.DefaultKeychain),
		remote.WithUserAgent("creel-bundle/"+version.Version), remote.WithJobs(parallel), remote.WithProgress(updates))
	<-shown // Write has closed updates
	if err != nil {
		return fmt.Errorf("push %s: %w", Name(ref), err)
	}
	show.Say("%s is %s", Name(ref), m.Descriptor.Digest)
	return nil
}

// follow shows how far a push has come.
func follow(show *progress.Display, updates <-chan v1.Update) {
	var task *progress.Task
	ok := true
	for u := range updates {
		if u.Error != nil {
			ok = false
			continue
		}
		if task == nil {
			task = show.Start("push", u.Total)
		}
		task.At(u.Complete)
	}
	if task != nil {
		task.End(ok, "")
	}
}

// packed shows an image to the library.
type packed struct{ m *image.Image }

func (p *packed) RawConfigFile() ([]byte, error) { return p.m.RawConfig, nil }

func (p *packed) MediaType() (types.MediaType, error) { return p.m.Descriptor.MediaType, nil }

func (p *packed) RawManifest() ([]byte, error) { return p.m.RawManifest, nil }

func (p *packed) LayerByDigest(h v1.Hash) (partial.CompressedLayer, error) {
	for _, d := range p.m.Manifest.Layers {
		if d.Digest == h {
			return &packedLayer{p.m, d}, nil
		}
	}
	if d := p.m.Manifest.Config; d.Digest == h {
		return &packedLayer{p.m, d}, nil
	}
	return nil, fmt.Errorf("%s: it is no layer of the image", h)
}

type packedLayer struct {
	m *image.Image
	d v1.Descriptor
}

func (l *packedLayer) Digest() (v1.Hash, error) { return l.d.Digest, nil }

func (l *packedLayer) Compressed() (io.ReadCloser, error) { return l.m.Blobs.Open(l.d.Digest) }

func (l *packedLayer) Size() (int64, error) { return l.d.Size, nil }

func (l *packedLayer) MediaType() (types.MediaType, error) { return l.d.MediaType, nil }
