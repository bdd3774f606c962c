// Package imagetest makes images for tests.
package imagetest

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/creel-project/creel/internal/bundle/platform"
	"github.com/creel-project/creel/internal/bundle/store"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/types"
	"github.com/klauspost/compress/zstd"
)

// Tarball packs a layer of files: names, and the text that each has, by turns. A name that ends in a slash is that of a
// directory, and a text "-> target" that of a symbolic link.
func Tarball(t testing.TB, files ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for f := range slices.Chunk(files, 2) {
		name, text := f[0], f[1]
		h := &tar.Header{Name: name, Mode: 0o644, Size: int64(len(text)), Typeflag: tar.TypeReg}
		if strings.HasSuffix(name, "/") {
			h.Typeflag, h.Mode = tar.TypeDir, 0o755
		}
		if target, ok := strings.CutPrefix(text, "-> "); ok {
			h.Typeflag, h.Linkname, h.Size, text = tar.TypeSymlink, target, 0, ""
		}
		if err := w.WriteHeader(h); err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, text); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// Gzip compresses.
func Gzip(t testing.TB, data []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// Zstd compresses.
func Zstd(t testing.TB, data []byte) []byte {
	t.Helper()
	w, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	return w.EncodeAll(data, nil)
}

// A Layout is an OCI layout in the making, of one image.
type Layout struct {
	Dir    string
	Config v1.ConfigFile // of an image for this machine, with layers as they are added
	Layers []v1.Descriptor
	Index  v1.IndexManifest

	t testing.TB
}

// New begins a layout.
func New(t testing.TB) *Layout {
	t.Helper()
	l := &Layout{t: t, Dir: filepath.Join(t.TempDir(), "layout"), Index: v1.IndexManifest{SchemaVersion: 2}}
	l.Config = v1.ConfigFile{OS: "linux", Architecture: platform.Host().Architecture, RootFS: v1.RootFS{Type: "layers"},
		Config: v1.Config{Cmd: []string{"/bin/true"}}}
	if err := os.MkdirAll(filepath.Join(l.Dir, "blobs/sha256"), 0o755); err != nil {
		t.Fatal(err)
	}
	l.Write("oci-layout", []byte(`{"imageLayoutVersion":"1.0.0"}`))
	return l
}

// Write writes a file of the layout.
func (l *Layout) Write(name string, data []byte) {
	l.t.Helper()
	if err := os.WriteFile(filepath.Join(l.Dir, name), data, 0o644); err != nil {
		l.t.Fatal(err)
	}
}

// Blob stores what nothing names yet.
func (l *Layout) Blob(mediaType types.MediaType, data []byte) v1.Descriptor {
	l.t.Helper()
	h, n, _ := v1.SHA256(bytes.NewReader(data))
	l.Write("blobs/sha256/"+h.Hex, data)
	return v1.Descriptor{MediaType: mediaType, Digest: h, Size: n}
}

// Layer adds a layer that is stored as packed.
func (l *Layout) Layer(mediaType types.MediaType, plain, packed []byte) {
	h, _, _ := v1.SHA256(bytes.NewReader(plain))
	l.Config.RootFS.DiffIDs = append(l.Config.RootFS.DiffIDs, h)
	l.Layers = append(l.Layers, l.Blob(mediaType, packed))
}

// Files adds a layer of files, see Tarball.
func (l *Layout) Files(files ...string) {
	plain := Tarball(l.t, files...)
	l.Layer(types.OCILayer, plain, Gzip(l.t, plain))
}

// Done writes the documents of an image with a name, and returns the directory.
func (l *Layout) Done(name string) string {
	l.t.Helper()
	text, err := json.Marshal(l.Config)
	if err != nil {
		l.t.Fatal(err)
	}
	m := v1.Manifest{SchemaVersion: 2, MediaType: types.OCIManifestSchema1, Config: l.Blob(types.OCIConfigJSON, text), Layers: l.Layers}
	if text, err = json.Marshal(m); err != nil {
		l.t.Fatal(err)
	}
	d := l.Blob(types.OCIManifestSchema1, text)
	d.Annotations = map[string]string{store.RefName: name}
	l.Index.Manifests = append(l.Index.Manifests, d)
	if text, err = json.Marshal(l.Index); err != nil {
		l.t.Fatal(err)
	}
	l.Write("index.json", text)
	return l.Dir
}

// Store makes an empty store.
func Store(t testing.TB) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "store"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// Tree is what regular files and links a directory holds.
func Tree(t testing.TB, dir string) map[string]string {
	t.Helper()
	m := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		name, _ := filepath.Rel(dir, path)
		if e.Type() == os.ModeSymlink {
			target, err := os.Readlink(path)
			m[name] = "-> " + target
			return err
		}
		text, err := os.ReadFile(path)
		m[name] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return m
}
