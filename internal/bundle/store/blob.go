package store

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// ErrNotFound is wrapped by errors about a name or blob that the store does not have.
var ErrNotFound = errors.New("it is not in the store")

// MaxDocument is the size in bytes of the largest manifest, index or image config that is read. Registries take 4 MiB
// (distribution-spec 1.1, pushing manifests).
const MaxDocument = 4 << 20

func (s *Store) blobPath(h v1.Hash) string { return filepath.Join(s.dir, "blobs", h.Algorithm, h.Hex) }

// CheckHash refuses digests that are not of an algorithm that can be verified, among them those that are no file names.
func CheckHash(h v1.Hash) error {
	if _, err := v1.NewHash(h.String()); err != nil {
		return fmt.Errorf("digest %q: %w", h, err)
	}
	return nil
}

// Has says whether the blob is there as a whole.
func (s *Store) Has(d v1.Descriptor) bool {
	if CheckHash(d.Digest) != nil {
		return false
	}
	st, err := os.Stat(s.blobPath(d.Digest))
	return err == nil && st.Mode().IsRegular() && st.Size() == d.Size
}

// Blob opens a blob. Its content was verified when it was written.
func (s *Store) Blob(h v1.Hash) (*os.File, error) {
	if err := CheckHash(h); err != nil {
		return nil, err
	}
	f, err := os.Open(s.blobPath(h))
	if errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("%s: %w", h, ErrNotFound)
	}
	return f, err
}

// Document returns the whole of a small blob, and verifies it.
func (s *Store) Document(d v1.Descriptor) ([]byte, error) {
	f, err := s.Blob(d.Digest)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return ReadDocument(f, d)
}

// ReadDocument reads a manifest, an index or a config, and verifies its size and digest.
func ReadDocument(r io.Reader, d v1.Descriptor) ([]byte, error) {
	if d.Size < 0 || d.Size > MaxDocument {
		return nil, fmt.Errorf("%s: its size is %d bytes, at most %d are read", d.Digest, d.Size, MaxDocument)
	}
	text, err := io.ReadAll(io.LimitReader(r, d.Size+1))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", d.Digest, err)
	}
	v, err := newVerifier(d)
	if err != nil {
		return nil, err
	}
	v.Write(text)
	return text, v.end()
}

// Put stores a small blob.
func (s *Store) Put(ctx context.Context, d v1.Descriptor, text []byte) error {
	return s.Fetch(ctx, d, func(_ context.Context, offset int64) (io.ReadCloser, int64, error) {
		return io.NopCloser(bytes.NewReader(text)), 0, nil
	})
}

// verifier counts and hashes what is written to it.
type verifier struct {
	want v1.Descriptor
	io.Writer
	sum  func([]byte) []byte
	size int64
}

func newVerifier(d v1.Descriptor) (*verifier, error) {
	if err := CheckHash(d.Digest); err != nil {
		return nil, err
	}
	h, err := v1.Hasher(d.Digest.Algorithm)
	if err != nil {
		return nil, fmt.Errorf("digest %s: %w", d.Digest, err)
	}
	return &verifier{want: d, Writer: h, sum: h.Sum}, nil
}

func (v *verifier) Write(p []byte) (int, error) {
	v.size += int64(len(p))
	return v.Writer.Write(p)
}

// ErrDigest is wrapped by errors about content that is not what its digest or size says.
var ErrDigest = errors.New("another content than its digest says")

// end judges what was written.
func (v *verifier) end() error {
	if v.size != v.want.Size {
		return fmt.Errorf("%s: it has %d bytes, %d were promised: %w", v.want.Digest, v.size, v.want.Size, ErrDigest)
	}
	if got := hex.EncodeToString(v.sum(nil)); got != v.want.Digest.Hex {
		return fmt.Errorf("%s: its digest is %s:%s: %w", v.want.Digest, v.want.Digest.Algorithm, got, ErrDigest)
	}
	return nil
}
