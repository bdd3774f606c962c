package image

import (
	"bufio"
	"context"
	"encoding/hex"
	"fmt"
	"hash"
	"io"

	"github.com/creel-project/creel/internal/bundle/compression"
	"github.com/creel-project/creel/internal/bundle/store"
	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// How much is decompressed before it is asked for: so many layers, and of each so many chunks of so many bytes.
const (
	layersAhead = 2
	chunks      = 96
	chunkSize   = 256 << 10
)

// spare are chunks that no layer needs at the moment. Memory that is new costs as much as what is done with it.
type spare chan []byte

func (p spare) get() []byte {
	select {
	case c := <-p:
		return c[:chunkSize]
	default:
		return make([]byte, chunkSize)
	}
}

func (p spare) put(c []byte) {
	select {
	case p <- c:
	default:
	}
}

// stream is one uncompressed layer. Its content was verified when Read says that it ended.
type stream struct {
	Layer
	ctx   context.Context
	index int
	spare spare
	full  chan []byte
	turns chan struct{} // one for each chunk that may be filled
	err   error         // when full is closed

	data, chunk []byte
	failed      bool // Read has returned err
}

// openStreams decompresses layers beside the caller, some of them ahead, until ctx ends. Each that comes is to be read
// to its end before the next.
func openStreams(ctx context.Context, b Blobs, layers []Layer) <-chan *stream {
	queue := make(chan *stream, layersAhead-1)
	pool := make(spare, layersAhead*chunks)
	go func() {
		defer close(queue)
		for i, l := range layers {
			s := &stream{Layer: l, ctx: ctx, index: i, spare: pool, full: make(chan []byte, chunks), turns: make(chan struct{}, chunks)}
			select {
			case queue <- s: // waits while enough are ahead
				go s.run(b)
			case <-ctx.Done():
				return
			}
		}
	}()
	return queue
}

// run decompresses and verifies the layer.
func (s *stream) run(b Blobs) {
	defer close(s.full)
	if err := s.decompress(b); err != nil {
		s.err = fmt.Errorf("layers[%d], %s: %w", s.index, s.Digest, err)
	}
}

func (s *stream) decompress(b Blobs) error {
	blob, err := b.Open(s.Digest)
	if err != nil {
		return err
	}
	defer blob.Close()
	packed, err := newSum(s.Digest)
	if err != nil {
		return err
	}
	plain, err := newSum(s.DiffID)
	if err != nil {
		return err
	}
	// One byte more than promised shows that there is more.
	in := io.TeeReader(io.LimitReader(blob, s.Size+1), packed)
	err = s.copy(in, plain)
	if s.ctx.Err() != nil {
		return context.Cause(s.ctx)
	}
	// That the file is not what was meant says more than where decompressing it went wrong.
	if e := s.wrongBlob(in, packed); e != nil {
		return e
	}
	if err != nil {
		return err
	}
	if got := plain.hex(); got != s.DiffID.Hex {
		return fmt.Errorf("uncompressed, its digest is %s:%s, but the config says %s: %w", s.DiffID.Algorithm, got, s.DiffID, store.ErrDigest)
	}
	return nil
}

// copy hands on in chunks what is in the blob.
func (s *stream) copy(in io.Reader, plain io.Writer) error {
	r, err := compression.Reader(bufio.NewReaderSize(in, 256<<10), func(name string) error {
		return fmt.Errorf("it is compressed with %s, which layers are not", name)
	})
	if err != nil {
		return err
	}
	defer r.Close()
	for {
		chunk, err := s.empty()
		if err != nil {
			return err
		}
		n := 0
		for n < len(chunk) && err == nil {
			var k int
			k, err = r.Read(chunk[n:])
			n += k
		}
		plain.Write(chunk[:n])
		if n > 0 {
			s.full <- chunk[:n] // it has room for all chunks
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// empty returns a chunk to fill, and waits for the reader if enough are full.
func (s *stream) empty() ([]byte, error) {
	select {
	case s.turns <- struct{}{}:
		return s.spare.get(), nil
	case <-s.ctx.Done():
		return nil, context.Cause(s.ctx)
	}
}

// wrongBlob reads what is left of the blob, and judges all of it.
func (s *stream) wrongBlob(in io.Reader, packed *sum) error {
	if _, err := io.Copy(io.Discard, in); err != nil {
		return err
	}
	if packed.size != s.Size {
		more := ""
		if packed.size > s.Size {
			more = "more than "
		}
		return fmt.Errorf("it has %s%d bytes, the manifest says %d: %w", more, min(packed.size, s.Size), s.Size, store.ErrDigest)
	}
	if got := packed.hex(); got != s.Digest.Hex {
		return fmt.Errorf("its digest is %s:%s: %w", s.Digest.Algorithm, got, store.ErrDigest)
	}
	return nil
}

// Read returns content as soon as there is some.
func (s *stream) Read(p []byte) (int, error) {
	for len(s.data) == 0 {
		if s.chunk != nil {
			s.spare.put(s.chunk)
			s.chunk = nil
			<-s.turns
		}
		chunk, ok := <-s.full
		if !ok {
			if s.failed = s.err != nil; s.failed {
				return 0, s.err
			}
			return 0, io.EOF
		}
		s.chunk, s.data = chunk, chunk
	}
	n := copy(p, s.data)
	s.data = s.data[n:]
	return n, nil
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
