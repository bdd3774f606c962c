// Package source reads root filesystems from where people have them: containers, archives, images in files.
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
	"github.com/creel-project/creel/internal/bundle/rootfs"
	"golang.org/x/sys/unix"
)

// Options of Open.
type Options struct {
	Stdin   io.Reader
	Host    string // of Docker's API: unix:///path; "" for its usual place
	Scratch string // directory for a copy of an image that comes as a stream
	Max     int64  // bytes of such a copy; 0 for no limit
}

// A Source is one root filesystem that can be unpacked once.
type Source struct {
	Kind   string // "container", "archive", "image"
	unpack func(context.Context, *rootfs.Extractor) error
	close  []io.Closer
}

// Open finds what name stands for: docker:CONTAINER, the directory of an OCI layout, an archive of a root filesystem or of
// an image (docker save, an OCI layout in a tar), compressed or not, or - for one from Stdin.
func Open(ctx context.Context, name string, o Options) (*Source, error) {
	if container, ok := strings.CutPrefix(name, "docker:"); ok {
		return openContainer(ctx, container, o)
	}
	if name == "-" {
		s, err := openStream(ctx, o.Stdin, o)
		if err != nil {
			return nil, fmt.Errorf("standard input: %w", err)
		}
		return s, nil
	}
	// O_NONBLOCK: nobody may write to a fifo.
	f, err := os.OpenFile(name, os.O_RDONLY|unix.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	s, err := openFile(ctx, f, o)
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	s.close = append(s.close, f)
	return s, nil
}

// Unpack unpacks all of it, but for the end that Finish is.
func (s *Source) Unpack(ctx context.Context, x *rootfs.Extractor) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop() // of what reads ahead
	return s.unpack(ctx, x)
}

// Close ends what was opened for the source.
func (s *Source) Close() error {
	var errs []error
	for _, c := range s.close {
		errs = append(errs, c.Close())
	}
	s.close = nil
	return errors.Join(errs...)
}

func openFile(ctx context.Context, f *os.File, o Options) (*Source, error) {
	st, err := f.Stat()
	switch {
	case err != nil:
		return nil, err
	case st.IsDir():
		return openLayout(f.Name())
	case !st.Mode().IsRegular():
		return openStream(ctx, f, o)
	}
	files, err := listImage(f)
	if err != nil {
		return nil, err
	}
	if files != nil {
		return openImage(files)
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	return openStream(ctx, f, o)
}

// openStream tells by the first entry what an archive is: the files of an image begin with names that no root has.
func openStream(ctx context.Context, r io.Reader, o Options) (*Source, error) {
	in, err := plain(bufio.NewReaderSize(r, 64<<10))
	if err != nil {
		return nil, err
	}
	start := bufio.NewReaderSize(in, peek)
	header, err := start.Peek(peek)
	if err != nil && err != io.EOF {
		in.Close()
		return nil, err
	}
	if ofImage(header) {
		defer in.Close()
		return spool(start, o)
	}
	return &Source{Kind: "archive", unpack: func(ctx context.Context, x *rootfs.Extractor) error {
		return x.Flat(ctx, readAhead(ctx, start, func(error) { in.Close() }))
	}}, nil
}

// spool copies an image into a file without a name: what describes it may come last.
func spool(r io.Reader, o Options) (*Source, error) {
	f, err := os.CreateTemp(o.Scratch, ".creel-image-")
	if err != nil {
		return nil, fmt.Errorf("keep the image: %w", err)
	}
	s, err := spoolTo(f, r, o.Max)
	if err != nil {
		f.Close()
		return nil, err
	}
	s.close = append(s.close, f)
	return s, nil
}

func spoolTo(f *os.File, r io.Reader, most int64) (*Source, error) {
	if err := os.Remove(f.Name()); err != nil {
		return nil, err
	}
	if most > 0 {
		r = io.LimitReader(r, most+1)
	}
	n, err := io.Copy(f, r)
	if err != nil {
		return nil, fmt.Errorf("keep the image: %w", err)
	}
	if most > 0 && n > most {
		return nil, &rootfs.LimitError{What: "bytes", Limit: most}
	}
	files, err := listImage(f)
	if err != nil {
		return nil, err
	}
	if files == nil {
		return nil, errors.New("it looks like an image, but has neither index.json nor manifest.json")
	}
	return openImage(files)
}

// plain reads what in holds, whatever it is compressed with.
func plain(in *bufio.Reader) (io.ReadCloser, error) {
	return compression.Reader(in, func(name string) error {
		return fmt.Errorf("it is compressed with %s: only gzip and zstd are read; pipe it through %s -dc", name, name)
	})
}
