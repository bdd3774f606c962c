package source

import (
	"archive/tar"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"strconv"
	"strings"
)

const block = 512 // bytes of a tar header

// files are those of an image: of a directory or of an archive.
type files interface {
	open(name string) (io.ReadCloser, error)
}

// archived are files in a tar, read where they are.
type archived struct {
	file  io.ReaderAt
	parts map[string]part
}

type part struct {
	offset, size int64
	link         string
}

func (a *archived) open(name string) (io.ReadCloser, error) {
	p, ok := a.parts[path.Clean(name)]
	if ok && p.link != "" { // older dockers save a layer once
		p, ok = a.parts[p.link]
	}
	if !ok || p.link != "" {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	return io.NopCloser(io.NewSectionReader(a.file, p.offset, p.size)), nil
}

// maxFiles is far more than an image has.
const maxFiles = 100_000

// listImage finds the files of an uncompressed archive, and returns nil if it is none of an image.
func listImage(f *os.File) (files, error) {
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	start := make([]byte, peek)
	if n, err := io.ReadFull(io.NewSectionReader(f, 0, peek), start); err != nil && err != io.ErrUnexpectedEOF || !ofImage(start[:n]) {
		return nil, nil
	}
	a := &archived{file: f, parts: map[string]part{}}
	r := tar.NewReader(f)
	for {
		h, err := r.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("image, after %d files: %w", len(a.parts), err)
		}
		if len(a.parts) == maxFiles {
			return nil, fmt.Errorf("image: more than %d files", maxFiles)
		}
		at, err := f.Seek(0, io.SeekCurrent)
		if err != nil {
			return nil, err
		}
		name := path.Clean(h.Name)
		switch h.Typeflag {
		case tar.TypeReg:
			a.parts[name] = part{offset: at, size: h.Size}
		case tar.TypeSymlink:
			a.parts[name] = part{link: path.Join(path.Dir(name), h.Linkname)}
		case tar.TypeLink:
			a.parts[name] = part{link: path.Clean(h.Linkname)}
		}
	}
	if _, ok := a.parts["index.json"]; !ok {
		if _, ok := a.parts["manifest.json"]; !ok {
			return nil, nil
		}
	}
	return a, nil
}

// peek is how much of an archive tells what it is.
const peek = 16 * block

// ofImage says whether an archive begins with a file that docker-save(1) or an OCI layout begins with. The directory itself,
// which tar(1) puts first, tells nothing.
func ofImage(start []byte) bool {
	for len(start) >= block {
		name, _, _ := strings.Cut(string(start[:100]), "\x00")
		size, _ := strconv.ParseInt(strings.Trim(string(start[124:136]), " \x00"), 8, 32)
		skip := block + (size+block-1)/block*block
		kind := start[156]
		switch {
		case strings.IndexByte("xgLK", kind) >= 0: // what these say of the next entry are no names of an image
		case kind == tar.TypeDir && (name == "./" || name == "."):
			skip = block
		default:
			return imageName(strings.TrimPrefix(name, "./"))
		}
		start = start[min(skip, int64(len(start))):]
	}
	return false
}

func imageName(name string) bool {
	switch name {
	case "oci-layout", "index.json", "manifest.json", "repositories", "blobs", "blobs/":
		return true
	}
	top, rest, _ := strings.Cut(name, "/")
	if top == "blobs" {
		return strings.HasPrefix(rest, "sha")
	}
	return isHash(strings.TrimSuffix(strings.TrimSuffix(top, ".json"), ".tar"))
}

func isHash(s string) bool {
	return len(s) == 64 && strings.Trim(s, "0123456789abcdef") == ""
}

// inDirectory are files of a layout; no link in it leads out.
type inDirectory struct{ *os.Root }

func (d inDirectory) open(name string) (io.ReadCloser, error) {
	f, err := d.Open(name)
	if err != nil {
		return nil, err
	}
	st, err := f.Stat()
	if err == nil && !st.Mode().IsRegular() {
		err = errors.New(name + " is not a regular file")
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// openLayout takes an OCI layout (image-spec, image-layout.md).
func openLayout(dir string) (*Source, error) {
	d, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	s, err := openImage(inDirectory{d})
	if err != nil {
		d.Close()
		return nil, err
	}
	s.close = append(s.close, d)
	return s, nil
}

// maxDocument bounds what is read into memory.
const maxDocument = 8 << 20

func read(f files, name string) ([]byte, error) {
	r, err := f.open(name)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	text, err := io.ReadAll(io.LimitReader(r, maxDocument+1))
	if err == nil && len(text) > maxDocument {
		err = fmt.Errorf("%s: more than %d bytes", name, maxDocument)
	}
	return text, err
}
