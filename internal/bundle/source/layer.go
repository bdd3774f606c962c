package source

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"io"

	"github.com/creel-project/creel/internal/bundle/rootfs"
)

// A stream is a layer that is being decompressed, ahead of whoever reads it.
type stream struct {
	layer
	*ahead
	packed, content hash.Hash // complete when the stream ended
}

// start begins to read a layer.
func (l layer) start(ctx context.Context, f files) (*stream, error) {
	file, err := f.open(l.file)
	if err != nil {
		return nil, err
	}
	s := &stream{layer: l, packed: sha256.New(), content: sha256.New()}
	raw := io.TeeReader(file, s.packed)
	in, err := plain(bufio.NewReaderSize(raw, chunkSize))
	if err != nil {
		file.Close()
		return nil, err
	}
	s.ahead = readAhead(ctx, io.TeeReader(in, s.content), func(err error) {
		if err == io.EOF {
			_, _ = io.Copy(io.Discard, raw) // behind the end of what is compressed; the digest tells what is missing
		}
		in.Close()
		file.Close()
	})
	return s, nil
}

// verify holds a layer that was read to its end to its digests.
func (s *stream) verify() error {
	if sum := "sha256:" + hex.EncodeToString(s.content.Sum(nil)); sum != s.diffID {
		return fmt.Errorf("its content has the digest %s: it is not what the image's config says", sum)
	}
	if sum := "sha256:" + hex.EncodeToString(s.packed.Sum(nil)); s.digest != "" && sum != s.digest {
		return fmt.Errorf("its file has the digest %s, not %s", sum, s.digest)
	}
	return nil
}

// unpackLayers unpacks one layer after another, the lowest first. The next one is decompressed meanwhile.
func unpackLayers(ctx context.Context, f files, layers []layer, x *rootfs.Extractor) error {
	started := make([]*stream, len(layers))
	errs := make([]error, len(layers))
	begun := 0
	for i, l := range layers {
		for ; begun < len(layers) && begun <= i+1; begun++ {
			started[begun], errs[begun] = layers[begun].start(ctx, f)
		}
		err := errs[i]
		if err == nil {
			err = x.Layer(ctx, started[i])
		}
		if err == nil {
			err = started[i].verify()
		}
		if err != nil {
			return fmt.Errorf("layers[%d], %s: %w", i, l.diffID, err)
		}
		started[i] = nil
	}
	return nil
}
