package image

import (
	"bufio"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"

	"github.com/creel-project/creel/internal/bundle/compression"
	"github.com/creel-project/creel/internal/bundle/progress"
	"github.com/creel-project/creel/internal/bundle/readahead"
	"github.com/creel-project/creel/internal/bundle/rootfs"
	"github.com/creel-project/creel/internal/bundle/store"
	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// A Layer is one of the image, the lowest first.
type Layer struct {
	v1.Descriptor         // as it is stored
	DiffID        v1.Hash // digest of the archive, uncompressed
	index         int
}

// Layers returns the layers, the lowest first.
func (m *Image) Layers() []Layer {
	layers := make([]Layer, len(m.Manifest.Layers))
	for i, d := range m.Manifest.Layers {
		layers[i] = Layer{d, m.Config.RootFS.DiffIDs[i], i}
	}
	return layers
}

// Extract unpacks all layers.
func (m *Image) Extract(ctx context.Context, x *rootfs.Extractor, show *progress.Display) error {
	layers := m.Layers()
	return m.EachLayer(ctx, layers, func(l Layer, r io.Reader) error {
		task := show.Start(fmt.Sprintf("unpack %d/%d %s", l.index+1, len(layers), l.Digest.Hex[:12]), l.Size)
		err := x.Layer(ctx, r)
		task.End(err == nil, "")
		return err
	})
}

// EachLayer hands layers of the image to f, which reads them to their end: that only comes if they are what their digests say. The next one is
// decompressed meanwhile.
func (m *Image) EachLayer(ctx context.Context, layers []Layer, f func(Layer, io.Reader) error) error {
	const atOnce = 2
	reading, stop := context.WithCancel(ctx)
	defer stop()
	pool := readahead.NewPool(atOnce)
	var started []*readahead.Reader
	for i, l := range layers {
		for len(started) < min(i+atOnce, len(layers)) {
			started = append(started, readahead.New(reading, &verified{Layer: layers[len(started)], blobs: m.Blobs}, pool))
		}
		if err := f(l, started[i]); err != nil {
			var broken *brokenLayer
			if errors.As(err, &broken) { // without where in the archive it showed
				err = broken.error
			}
			return fmt.Errorf("layers[%d], %s: %w", l.index, l.Digest, err)
		}
		started[i] = nil
	}
	return nil
}

// verified reads a layer, uncompressed, and holds it to its digests.
type verified struct {
	Layer
	blobs           Blobs
	blob            io.Closer
	packed          io.Reader
	plain           io.ReadCloser
	packSum, sumAll *sum
}

// brokenLayer is about what is wrong with the layer that is read.
type brokenLayer struct{ error }

func (b *brokenLayer) Unwrap() error { return b.error }

func (v *verified) Read(p []byte) (n int, err error) {
	if v.blob == nil {
		if err := v.open(); err != nil {
			return 0, &brokenLayer{err}
		}
	}
	n, err = v.plain.Read(p)
	v.sumAll.Write(p[:n])
	if err != nil {
		if err = v.judge(err); err != io.EOF {
			err = &brokenLayer{err}
		}
	}
	return n, err
}

func (v *verified) open() error {
	blob, err := v.blobs.Open(v.Digest)
	if err != nil {
		return err
	}
	v.blob = blob
	if v.packSum, err = newSum(v.Digest); err != nil {
		return err
	}
	if v.sumAll, err = newSum(v.DiffID); err != nil {
		return err
	}
	// One byte more than promised shows that there is more.
	v.packed = io.TeeReader(io.LimitReader(blob, v.Size+1), v.packSum)
	v.plain, err = compression.Reader(bufio.NewReaderSize(v.packed, 256<<10), func(name string) error {
		return fmt.Errorf("it is compressed with %s, which layers are not", name)
	})
	if err != nil {
		return v.judge(err)
	}
	return nil
}

func (v *verified) Close() error {
	if v.plain != nil {
		v.plain.Close()
	}
	if v.blob != nil {
		return v.blob.Close()
	}
	return nil
}

// judge says what ended the layer. That the file is not what was meant says more than where decompressing it went wrong.
func (v *verified) judge(end error) error {
	if err := v.wrongBlob(); err != nil {
		return err
	}
	if end != io.EOF {
		return end
	}
	if got := v.sumAll.hex(); got != v.DiffID.Hex {
		return fmt.Errorf("uncompressed, its digest is %s:%s, but the config says %s: %w", v.DiffID.Algorithm, got, v.DiffID, store.ErrDigest)
	}
	return io.EOF
}

// wrongBlob reads what is left of the blob, and judges all of it.
func (v *verified) wrongBlob() error {
	if _, err := io.Copy(io.Discard, v.packed); err != nil {
		return err
	}
	if has := v.packSum.size; has != v.Size {
		more := ""
		if has > v.Size {
			more = "more than "
		}
		return fmt.Errorf("it has %s%d bytes, the manifest says %d: %w", more, min(has, v.Size), v.Size, store.ErrDigest)
	}
	if got := v.packSum.hex(); got != v.Digest.Hex {
		return fmt.Errorf("its digest is %s:%s: %w", v.Digest.Algorithm, got, store.ErrDigest)
	}
	return nil
}

// sum counts and hashes.
type sum struct {
	hash.Hash
	size int64
}

func newSum(h v1.Hash) (*sum, error) {
	hasher, err := v1.Hasher(h.Algorithm)
	if err != nil {
		return nil, err
	}
	return &sum{Hash: hasher}, nil
}

func (s *sum) Write(p []byte) (int, error) {
	s.size += int64(len(p))
	return s.Hash.Write(p)
}

func (s *sum) hex() string { return hex.EncodeToString(s.Sum(nil)) }
