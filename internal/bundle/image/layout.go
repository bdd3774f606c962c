package image

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/creel-project/creel/internal/bundle/store"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"golang.org/x/sys/unix"
)

// FromStore reads an image that was stored under a name.
func FromStore(s *store.Store, name string, want v1.Platform) (*Image, error) {
	named, err := lookup(s, name)
	if err != nil {
		return nil, err
	}
	d, err := choose(named, want)
	if err != nil {
		return nil, err
	}
	return Read(name, Stored{s}, d, want)
}

func lookup(s *store.Store, name string) ([]v1.Descriptor, error) {
	list, err := s.Lookup(name)
	if err != nil {
		return nil, err
	}
	return entries(list, name)
}

// Stored are the blobs of a store.
type Stored struct{ *store.Store }

// Open opens a blob.
func (s Stored) Open(h v1.Hash) (io.ReadCloser, error) { return s.Blob(h) }

// layout are the blobs of an OCI layout in a directory.
type layout struct{ dir string }

func (l layout) Open(h v1.Hash) (io.ReadCloser, error) {
	if err := store.CheckHash(h); err != nil {
		return nil, err
	}
	return openRegular(filepath.Join(l.dir, "blobs", h.Algorithm, h.Hex))
}

// FromLayout reads the image with a name of an OCI layout, or its only one if name is empty.
func FromLayout(dir, name string, want v1.Platform) (*Image, error) {
	m, err := fromLayout(layout{dir}, name, want)
	if err != nil {
		return nil, fmt.Errorf("layout %s: %w", dir, err)
	}
	return m, nil
}

func fromLayout(l layout, name string, want v1.Platform) (*Image, error) {
	named, err := l.entries(name)
	if err != nil {
		return nil, err
	}
	d, err := choose(named, want)
	if err != nil {
		return nil, err
	}
	return Read(l.dir, l, d, want)
}

func (l layout) file(name string) (io.ReadCloser, error) {
	return openRegular(filepath.Join(l.dir, name))
}

func (l layout) entries(name string) ([]v1.Descriptor, error) {
	list, err := readLayout(l.file)
	if err != nil {
		return nil, err
	}
	return entries(list, name)
}

// readLayout reads index.json of a layout.
func readLayout(open func(file string) (io.ReadCloser, error)) ([]v1.Descriptor, error) {
	version, err := readSmall(open, "oci-layout")
	if err != nil {
		return nil, err
	}
	if !bytes.Contains(version, []byte(`"imageLayoutVersion"`)) || !bytes.Contains(version, []byte(`"1.0.`)) {
		return nil, fmt.Errorf("oci-layout: %.100q: this version is not known", version)
	}
	text, err := readSmall(open, "index.json")
	if err != nil {
		return nil, err
	}
	index, err := v1.ParseIndexManifest(bytes.NewReader(text))
	if err != nil {
		return nil, fmt.Errorf("index.json: %w", err)
	}
	return index.Manifests, nil
}

func readSmall(open func(string) (io.ReadCloser, error), file string) ([]byte, error) {
	r, err := open(file)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	text, err := io.ReadAll(io.LimitReader(r, store.MaxDocument+1))
	if err == nil && len(text) > store.MaxDocument {
		err = fmt.Errorf("it has more than %d bytes", store.MaxDocument)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return text, nil
}

// openRegular opens a file that is neither a link nor waits for anybody.
func openRegular(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|unix.O_NOFOLLOW|unix.O_NONBLOCK, 0)
	if errors.Is(err, unix.ELOOP) {
		return nil, fmt.Errorf("open %s: it is a symbolic link", path)
	}
	if err != nil {
		return nil, err
	}
	st, err := f.Stat()
	if err == nil && !st.Mode().IsRegular() {
		err = fmt.Errorf("open %s: it is not a regular file", path)
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// Import copies an image into a store under a name, and returns its manifest there.
func (m *Image) Import(ctx context.Context, s *store.Store, name string) (v1.Descriptor, error) {
	put := func(d v1.Descriptor) error {
		return s.Fetch(ctx, d, func(context.Context, int64) (io.ReadCloser, int64, error) {
			r, err := m.Blobs.Open(d.Digest)
			return r, 0, err
		})
	}
	d := m.Descriptor
	d.Platform = m.Config.Platform()
	for _, b := range append([]v1.Descriptor{m.Manifest.Config, d}, m.Manifest.Layers...) {
		if err := put(b); err != nil {
			return d, fmt.Errorf("store %s: %w", name, err)
		}
	}
	if name == "" {
		return d, nil
	}
	return d, s.Tag(ctx, name, d)
}
