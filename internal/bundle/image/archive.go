package image

import (
	"archive/tar"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"strconv"
	"strings"

	"github.com/creel-project/creel/internal/bundle/compression"
)

// archive is a tar archive with an image, as `docker save` and `skopeo copy … oci-archive:` write it. Its files are
// read where they are.
type archive struct {
	*os.File
	parts map[string]part // nil until the first is opened
}

// lent is an archive that its owner closes.
type lent struct{ *archive }

func (lent) Close() error { return nil }

// part is where the content of a file is.
type part struct {
	offset, size int64
	link         string
}

// maxFiles is far more than an image has.
const maxFiles = 100_000

// list notes where each file is.
func (a *archive) list() error {
	magic := make([]byte, compression.Peek)
	if n, _ := a.ReadAt(magic, 0); n >= 2 {
		if kind := compression.Of(magic[:n]); kind != "" {
			return fmt.Errorf("it is compressed with %s, and has to be read in any order: uncompress it first", kind)
		}
	}
	if _, err := a.Seek(0, io.SeekStart); err != nil {
		return err
	}
	a.parts = map[string]part{}
	r := tar.NewReader(a.File)
	for {
		h, err := r.Next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return fmt.Errorf("after %d files: %w", len(a.parts), err)
		}
		at, err := a.Seek(0, io.SeekCurrent)
		if err != nil {
			return err
		}
		if len(a.parts) == maxFiles {
			return fmt.Errorf("it has more than %d files: it is no image", maxFiles)
		}
		name := path.Clean(h.Name)
		switch h.Typeflag {
		case tar.TypeReg:
			a.parts[name] = part{offset: at, size: h.Size}
		case tar.TypeSymlink: // older dockers save a layer once
			a.parts[name] = part{link: path.Join(path.Dir(name), h.Linkname)}
		case tar.TypeLink:
			a.parts[name] = part{link: path.Clean(h.Linkname)}
		}
	}
}

func (a *archive) open(name string) (io.ReadCloser, int64, error) {
	if a.parts == nil {
		if err := a.list(); err != nil {
			return nil, 0, err
		}
	}
	p, ok := a.parts[path.Clean(name)]
	if ok && p.link != "" {
		p, ok = a.parts[p.link]
	}
	if !ok || p.link != "" {
		return nil, 0, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	return io.NopCloser(io.NewSectionReader(a.File, p.offset, p.size)), p.size, nil
}

const block = 512 // bytes of a tar header

// Peek is how many bytes of an archive Begins wants.
const Peek = 16 * block

// Begins says whether an archive begins with a file that docker-save(1) or an OCI layout begins with, which no root filesystem does.
// The directory itself, which tar(1) puts first, tells nothing.
func Begins(start []byte) bool {
	for len(start) >= block {
		name, _, _ := strings.Cut(string(start[:100]), "\x00")
		skip := int64(block)
		switch kind := start[156]; {
		case strings.IndexByte("xgLK", kind) >= 0: // what these say of the next entry are no names of an image
			size, err := strconv.ParseInt(strings.Trim(string(start[124:136]), " \x00"), 8, 32)
			if err != nil || size < 0 {
				return false
			}
			skip += (size + block - 1) / block * block
		case kind == tar.TypeDir && (name == "./" || name == "."):
		default:
			return ofImage(strings.TrimPrefix(name, "./"))
		}
		start = start[min(skip, int64(len(start))):]
	}
	return false
}

func ofImage(name string) bool {
	switch name {
	case "oci-layout", "index.json", "manifest.json", "repositories", "blobs", "blobs/":
		return true
	}
	top, rest, _ := strings.Cut(name, "/")
	if top == "blobs" {
		return strings.HasPrefix(rest, "sha")
	}
	id := strings.TrimPrefix(top, "sha256:") // as crane and kaniko call a config
	for _, end := range []string{".gz", ".tar", ".json"} {
		id = strings.TrimSuffix(id, end)
	}
	return len(id) == 64 && strings.Trim(id, "0123456789abcdef") == ""
}
