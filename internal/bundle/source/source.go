// Package source unpacks root filesystems from where people have them: containers, archives, images in files.
package source

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/creel-project/creel/internal/bundle/compression"
	"github.com/creel-project/creel/internal/bundle/docker/api"
	"github.com/creel-project/creel/internal/bundle/image"
	"github.com/creel-project/creel/internal/bundle/platform"
	"github.com/creel-project/creel/internal/bundle/readahead"
	"github.com/creel-project/creel/internal/bundle/regular"
	"github.com/creel-project/creel/internal/bundle/rootfs"
	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// Options of Unpack.
type Options struct {
	Stdin   io.Reader
	Host    string // of Docker's API, as unix:///path or tcp://host:port; "" for what the environment says
	Scratch string // directory for a copy of an image that comes as a stream
	Max     int64  // bytes of such a copy; 0 for no limit

	// Image is the name of one of several images in files, and Platform, unless it is platform.Any, that of the image.
	Image    string
	Platform v1.Platform
}

// flat says whether what is no image may be unpacked: it is an error to ask for one of its images.
func (o Options) flat() error {
	if o.Image != "" || o.Platform.OS != platform.Any.OS {
		return errors.New("--image, --platform: it is the archive of a root filesystem, and holds no images")
	}
	return nil
}

// Unpack unpacks what name stands for, but for the end that Finish is: docker:CONTAINER, the directory of an OCI layout, an
// archive of a root filesystem or of an image (docker save, an OCI layout in a tar), compressed or not, or - for one from Stdin.
func Unpack(ctx context.Context, name string, o Options, x *rootfs.Extractor) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop() // of what reads ahead
	if container, ok := strings.CutPrefix(name, "docker:"); ok {
		return unpackContainer(ctx, container, o, x)
	}
	if name == "-" {
		if err := unpackStream(ctx, o.Stdin, o, x); err != nil {
			return fmt.Errorf("standard input: %w", err)
		}
		return nil
	}
	return unpackFile(ctx, name, o, x)
}

// unpackContainer exports a container by Docker's API, which Podman's service has too.
func unpackContainer(ctx context.Context, name string, o Options, x *rootfs.Extractor) error {
	if name == "" {
		return errors.New("docker: a container's name or id is wanted behind it")
	}
	if err := o.flat(); err != nil {
		return err
	}
	engine, err := api.Connect(o.Host)
	if err != nil {
		return err
	}
	defer engine.Close()
	archive, err := engine.Export(ctx, name)
	if err != nil {
		return err
	}
	defer archive.Close()
	return x.Flat(ctx, archive)
}

func unpackFile(ctx context.Context, name string, o Options, x *rootfs.Extractor) error {
	f, err := os.OpenFile(name, regular.Flags, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	st, err := f.Stat()
	switch {
	case err != nil:
		return err
	case st.IsDir():
		return unpackImage(ctx, image.InLayout(name), o, x)
	case st.Mode().IsRegular():
		start := make([]byte, image.Peek)
		if n, _ := f.ReadAt(start, 0); image.Begins(start[:n]) {
			return unpackImage(ctx, image.InOpenArchive(f), o, x)
		}
	}
	return unpackStream(ctx, f, o, x)
}

func unpackImage(ctx context.Context, from image.Place, o Options, x *rootfs.Extractor) error {
	m, err := from.Image(o.Image, o.Platform)
	if err != nil {
		return err
	}
	defer m.Close()
	return m.Extract(ctx, x, nil)
}

// unpackStream tells by the first entry what an archive is: the files of an image begin with names that no root has.
func unpackStream(ctx context.Context, r io.Reader, o Options, x *rootfs.Extractor) error {
	in, err := plain(bufio.NewReaderSize(r, 64<<10))
	if err != nil {
		return err
	}
	start := bufio.NewReaderSize(in, image.Peek)
	header, err := start.Peek(image.Peek)
	if err != nil && err != io.EOF {
		in.Close()
		return err
	}
	if !image.Begins(header) {
		if err := o.flat(); err != nil {
			in.Close()
			return err
		}
		all := struct {
			io.Reader
			io.Closer
		}{start, in}
		return x.Flat(ctx, readahead.New(ctx, all, readahead.NewPool(1)))
	}
	defer in.Close()
	f, err := spool(start, o)
	if err != nil {
		return err
	}
	defer f.Close()
	return unpackImage(ctx, image.InOpenArchive(f), o, x)
}

// spool copies an image into a file without a name: what describes it may come last.
func spool(r io.Reader, o Options) (*os.File, error) {
	f, err := os.CreateTemp(o.Scratch, ".creel-image-")
	if err != nil {
		return nil, fmt.Errorf("keep the image: %w", err)
	}
	if err = os.Remove(f.Name()); err == nil {
		err = fill(f, r, o.Max)
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

func fill(f *os.File, r io.Reader, most int64) error {
	if most > 0 {
		r = io.LimitReader(r, most+1)
	}
	n, err := io.Copy(f, r)
	if err != nil {
		return fmt.Errorf("keep the image: %w", err)
	}
	if most > 0 && n > most {
		return &rootfs.LimitError{What: "bytes", Limit: most}
	}
	return nil
}

// plain reads what in holds, whatever it is compressed with.
func plain(in *bufio.Reader) (io.ReadCloser, error) {
	return compression.Reader(in, func(name string) error {
		return fmt.Errorf("it is compressed with %s: only gzip and zstd are read; pipe it through %s -dc", name, name)
	})
}
