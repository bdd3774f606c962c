package image

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"

	"github.com/creel-project/creel/internal/bundle/bounded"
	"github.com/creel-project/creel/internal/bundle/regular"
	"github.com/creel-project/creel/internal/bundle/store"
	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// files are those of an image, in a directory or an archive.
type files interface {
	io.Closer
	// open returns a regular file, and its size in bytes.
	open(name string) (io.ReadCloser, int64, error)
}

// directory has the files of a layout.
type directory struct{ *os.Root }

func (d directory) open(name string) (io.ReadCloser, int64, error) { return OpenRegular(d.Root, name) }

// OpenRegular opens a regular file below a directory, and returns its size in bytes. No link leads out of the directory,
// and nothing keeps the reader waiting.
func OpenRegular(root *os.Root, name string) (io.ReadCloser, int64, error) {
	f, err := regular.Only(root.OpenFile(name, regular.Flags, 0))
	if err == regular.ErrNot {
		err = &fs.PathError{Op: "open", Path: name, Err: err}
	}
	if err != nil {
		return nil, 0, err
	}
	st, err := f.Stat()
	if err != nil {
		f.Close()
		return nil, 0, err
	}
	return f, st.Size(), nil
}

// blobs are those of an image in files.
type blobs struct {
	files
	made map[v1.Hash]madeBlob
}

func newBlobs(f files) *blobs { return &blobs{files: f, made: map[v1.Hash]madeBlob{}} }

// madeBlob is one that is in the files under another name, or in none of them.
type madeBlob struct {
	file string
	text []byte // if file is empty
}

// Open opens a blob.
func (b *blobs) Open(h v1.Hash) (io.ReadCloser, error) {
	if err := store.CheckHash(h); err != nil {
		return nil, err
	}
	file := path.Join("blobs", h.Algorithm, h.Hex)
	if m, ok := b.made[h]; ok {
		if file = m.file; file == "" {
			return io.NopCloser(bytes.NewReader(m.text)), nil
		}
	}
	r, _, err := b.open(file)
	return r, err
}

// small reads a document that no digest tells the size of.
func (b *blobs) small(file string) ([]byte, error) {
	r, _, err := b.open(file)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	text, err := bounded.All(r, store.MaxDocument)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return text, nil
}

// ErrNoImage is about files that are not those of an image.
var ErrNoImage = errors.New("it has neither oci-layout nor manifest.json: it holds no image")

func (b *blobs) named(name string) ([]v1.Descriptor, error) {
	list, err := b.layout()
	if errors.Is(err, fs.ErrNotExist) {
		d, err := b.saved(name)
		return []v1.Descriptor{d}, err
	}
	if err != nil {
		return nil, err
	}
	return entries(list, name)
}
