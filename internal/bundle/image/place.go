package image

import (
	"cmp"
	"fmt"
	"os"

	"github.com/creel-project/creel/internal/bundle/regular"
	"github.com/creel-project/creel/internal/bundle/store"
	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// A Place holds images. It is opened for each that is read, and closed with that, or by an error.
type Place struct {
	kind string // in front of what is wrong with its content, if not empty
	name string // of its images; empty if that is what they are asked for by
	open func() (catalog, error)
}

// catalog is a place that is open.
type catalog interface {
	Blobs
	// named finds the entries of a name, or all if it is empty. There is at least one.
	named(name string) ([]v1.Descriptor, error)
}

// InStore is a store, which stays open.
func InStore(s *store.Store) Place {
	return Place{open: func() (catalog, error) { return Stored{s}, nil }}
}

// InLayout is the directory of an OCI layout, or of what docker-save(1) wrote.
func InLayout(dir string) Place {
	return Place{"layout " + dir, dir, func() (catalog, error) {
		root, err := os.OpenRoot(dir)
		if err != nil {
			return nil, fmt.Errorf("layout: %w", err)
		}
		return newBlobs(directory{root}), nil
	}}
}

// InArchive is a tar archive, which has to be uncompressed, with what InLayout reads.
func InArchive(file string) Place {
	return Place{"archive " + file, file, func() (catalog, error) {
		f, err := os.OpenFile(file, regular.Flags, 0)
		if err != nil {
			return nil, err
		}
		return newBlobs(&archive{File: f}), nil
	}}
}

// InOpenArchive is one that is open, and stays so.
func InOpenArchive(f *os.File) Place {
	return Place{"image", f.Name(), func() (catalog, error) { return newBlobs(lent{&archive{File: f}}), nil }}
}

// Image reads the image with a name, or the only one for a platform if name is empty. For platform.Any it may be for any.
func (p Place) Image(name string, want v1.Platform) (m *Image, err error) {
	err = p.read(name, func(b Blobs, named []v1.Descriptor) error {
		d, err := choose(named, want)
		if err == nil {
			m, err = Read(cmp.Or(p.name, name), b, d, want)
		}
		return err
	})
	return m, err
}

// Set reads all that a name stands for. Manifests that were stored one by one get
// an index, which is the same whatever their order was.
func (p Place) Set(name string) (s *Set, err error) {
	err = p.read(name, func(b Blobs, named []v1.Descriptor) (err error) {
		s, err = readSet(b, named)
		return err
	})
	return s, err
}

// read opens the place, and has what a name stands for there read.
func (p Place) read(name string, do func(Blobs, []v1.Descriptor) error) error {
	c, err := p.open()
	if err != nil {
		return err
	}
	named, err := c.named(name)
	if err == nil {
		err = do(c, named)
	}
	if err != nil {
		c.Close()
		if p.kind != "" {
			err = fmt.Errorf("%s: %w", p.kind, err)
		}
	}
	return err
}
