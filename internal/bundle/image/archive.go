package image

import (
	"archive/tar"
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/creel-project/creel/internal/bundle/compression"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// archive is a tar archive with an image, as `docker save` and `skopeo copy … oci-archive:` write it. Its files are
// read where they are.
type archive struct {
	*os.File
	files map[string]part
	made  map[v1.Hash]part // blobs that an archive of Docker's has under other names
}

// part is where the content of a file is, or text that is in no file.
type part struct {
	offset, size int64
	link         string
	text         []byte
}

const maxFiles = 100_000

// FromArchive reads the image with a name of an archive, or its only one if name is empty. It has to be uncompressed, and
// stays open.
func FromArchive(file, name string, want v1.Platform) (m *Image, err error) {
	err = inArchive(file, name, func(a *archive, named []v1.Descriptor) error {
		d, err := choose(named, want)
		if err != nil {
			return err
		}
		m, err = Read(file, a, d, want)
		return err
	})
	return m, err
}

// inArchive opens an archive and finds the entries of a name in it. It stays open unless there is an error.
func inArchive(file, name string, read func(*archive, []v1.Descriptor) error) error {
	f, err := openRegular(file)
	if err != nil {
		return err
	}
	a := &archive{File: f, files: map[string]part{}, made: map[v1.Hash]part{}}
	list, err := a.entries(name)
	if err == nil {
		err = read(a, list)
	}
	if err != nil {
		f.Close()
		return fmt.Errorf("archive %s: %w", file, err)
	}
	return nil
}

// entries lists the files, and returns the manifests with a name.
func (a *archive) entries(name string) ([]v1.Descriptor, error) {
	if err := a.list(); err != nil {
		return nil, err
	}
	if _, ok := a.files["oci-layout"]; ok {
		list, err := readLayout(a.file)
		if err != nil {
			return nil, err
		}
		return entries(list, name)
	}
	if _, ok := a.files["manifest.json"]; !ok {
		return nil, errors.New("it has neither oci-layout nor manifest.json: it holds no image")
	}
	d, err := a.docker(name)
	if err != nil {
		return nil, fmt.Errorf("manifest.json: %w", err)
	}
	return []v1.Descriptor{d}, nil
}

// list notes where each file is.
func (a *archive) list() error {
	magic := make([]byte, compression.Peek)
	if n, _ := a.ReadAt(magic, 0); n >= 2 {
		if kind := compression.Of(magic[:n]); kind != "" {
			return fmt.Errorf("it is compressed with %s, and has to be read in any order: uncompress it first", kind)
		}
	}
	r := tar.NewReader(a.File)
	for {
		h, err := r.Next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		at, err := a.Seek(0, io.SeekCurrent)
		if err != nil {
			return err
		}
		if len(a.files) == maxFiles {
			return fmt.Errorf("it has more than %d files: it is no image", maxFiles)
		}
		name := path.Clean(h.Name)
		switch h.Typeflag {
		case tar.TypeReg:
			a.files[name] = part{offset: at, size: h.Size}
		case tar.TypeSymlink, tar.TypeLink: // older dockers save a layer once
			a.files[name] = part{link: path.Join(path.Dir(name), h.Linkname)}
		}
	}
}

// file opens a file of the archive.
func (a *archive) file(name string) (io.ReadCloser, error) {
	p, ok := a.files[path.Clean(name)]
	if ok && p.link != "" {
		p, ok = a.files[p.link]
	}
	if !ok || p.link != "" {
		return nil, fmt.Errorf("%s: %w", name, os.ErrNotExist)
	}
	return a.part(p), nil
}

func (a *archive) part(p part) io.ReadCloser {
	if p.text != nil {
		return io.NopCloser(bytes.NewReader(p.text))
	}
	return io.NopCloser(io.NewSectionReader(a.File, p.offset, p.size))
}

// Open opens a blob.
func (a *archive) Open(h v1.Hash) (io.ReadCloser, error) {
	if p, ok := a.made[h]; ok {
		return a.part(p), nil
	}
	return a.file(path.Join("blobs", h.Algorithm, h.Hex))
}

// docker makes a manifest of what `docker save` wrote in manifest.json before Docker 25.
func (a *archive) docker(name string) (v1.Descriptor, error) {
	text, err := readSmall(a.file, "manifest.json")
	if err != nil {
		return v1.Descriptor{}, err
	}
	var images []dockerImage
	if err := json.Unmarshal(text, &images); err != nil {
		return v1.Descriptor{}, err
	}
	image, err := chooseDocker(images, name)
	if err != nil {
		return v1.Descriptor{}, err
	}
	raw, err := readSmall(a.file, image.Config)
	if err != nil {
		return v1.Descriptor{}, err
	}
	config, err := ParseConfig(raw, len(image.Layers))
	if err != nil {
		return v1.Descriptor{}, fmt.Errorf("%s: %w", image.Config, err)
	}
	m := v1.Manifest{SchemaVersion: 2, MediaType: types.OCIManifestSchema1, Config: a.add(raw, types.OCIConfigJSON), Layers: []v1.Descriptor{}}
	for i, file := range image.Layers {
		p, ok := a.files[path.Clean(file)]
		if ok && p.link != "" {
			p, ok = a.files[p.link]
		}
		if !ok || p.link != "" {
			return v1.Descriptor{}, fmt.Errorf("%s: %w", file, os.ErrNotExist)
		}
		// They are uncompressed: the digest of the file is that of the archive in it.
		h := config.RootFS.DiffIDs[i]
		a.made[h] = p
		m.Layers = append(m.Layers, v1.Descriptor{MediaType: types.OCIUncompressedLayer, Digest: h, Size: p.size})
	}
	if text, err = json.Marshal(m); err != nil {
		return v1.Descriptor{}, err
	}
	return a.add(text, types.OCIManifestSchema1), nil
}

// add makes a blob of text.
func (a *archive) add(text []byte, t types.MediaType) v1.Descriptor {
	hasher, _ := v1.Hasher("sha256") // it is known
	hasher.Write(text)
	h := v1.Hash{Algorithm: "sha256", Hex: hex.EncodeToString(hasher.Sum(nil))}
	a.made[h] = part{text: text}
	return v1.Descriptor{MediaType: t, Digest: h, Size: int64(len(text))}
}

// dockerImage is an element of manifest.json.
type dockerImage struct {
	Config   string
	RepoTags []string
	Layers   []string
}

func chooseDocker(images []dockerImage, name string) (*dockerImage, error) {
	if name == "" && len(images) == 1 {
		return &images[0], nil
	}
	var names []string
	for i := range images {
		if slices.Contains(images[i].RepoTags, name) {
			return &images[i], nil
		}
		names = append(names, images[i].RepoTags...)
	}
	if name == "" {
		return nil, fmt.Errorf("it has %d images, say which: %s", len(images), strings.Join(names, ", "))
	}
	return nil, fmt.Errorf("%q: %w: there are %s", name, ErrNoSuchName, strings.Join(names, ", "))
}
