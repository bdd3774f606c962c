package store

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash"
	"os"
	"path/filepath"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// A Writer stores a blob whose digest is known when all of it is written.
type Writer struct {
	s    *Store
	file *os.File
	sum  hash.Hash
	size int64
}

// Create begins a blob.
func (s *Store) Create() (*Writer, error) {
	f, err := os.OpenFile(filepath.Join(s.dir, "ingest", "new-"+rand.Text()), os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, err
	}
	return &Writer{s: s, file: f, sum: sha256.New()}, nil
}

// Write adds to the blob.
func (w *Writer) Write(p []byte) (int, error) {
	n, err := w.file.Write(p)
	w.sum.Write(p[:n])
	w.size += int64(n)
	return n, err
}

// Commit gives the blob its name, and returns what it is.
func (w *Writer) Commit(t types.MediaType) (v1.Descriptor, error) {
	d := v1.Descriptor{MediaType: t, Size: w.size, Digest: v1.Hash{Algorithm: "sha256", Hex: hex.EncodeToString(w.sum.Sum(nil))}}
	return d, w.s.finish(w.file, d)
}

// Close removes a blob that was not committed.
func (w *Writer) Close() error {
	err := os.Remove(w.file.Name())
	if errors.Is(err, os.ErrNotExist) {
		err = nil
	}
	return errors.Join(err, w.file.Close())
}
