package image

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/creel-project/creel/internal/bundle/platform"
	"github.com/creel-project/creel/internal/bundle/rootfs"
	"github.com/creel-project/creel/internal/bundle/store"
	"github.com/creel-project/creel/spec"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/types"
	"github.com/klauspost/compress/zstd"
	"golang.org/x/sys/unix"
)

// file is an entry of a layer: text, or a directory if its name ends in a slash, or "-> target".
type file struct{ name, text string }

func tarball(t testing.TB, files ...file) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, f := range files {
		h := &tar.Header{Name: f.name, Mode: 0o644, Size: int64(len(f.text)), Typeflag: tar.TypeReg}
		if strings.HasSuffix(f.name, "/") {
			h.Typeflag, h.Mode = tar.TypeDir, 0o755
		}
		if target, ok := strings.CutPrefix(f.text, "-> "); ok {
			h.Typeflag, h.Linkname, h.Size, f.text = tar.TypeSymlink, target, 0, ""
		}
		if err := w.WriteHeader(h); err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, f.text); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func gz(t testing.TB, data []byte) []byte {
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

func zst(t testing.TB, data []byte) []byte {
	t.Helper()
	w, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	return w.EncodeAll(data, nil)
}

// builder makes an OCI layout.
type builder struct {
	t      testing.TB
	dir    string
	config v1.ConfigFile
	layers []v1.Descriptor
	index  v1.IndexManifest
}

func newBuilder(t testing.TB) *builder {
	t.Helper()
	b := &builder{t: t, dir: filepath.Join(t.TempDir(), "layout"), index: v1.IndexManifest{SchemaVersion: 2}}
	b.config = v1.ConfigFile{OS: "linux", Architecture: platform.Host().Architecture, RootFS: v1.RootFS{Type: "layers"},
		Config: v1.Config{Cmd: []string{"/bin/true"}}}
	if err := os.MkdirAll(filepath.Join(b.dir, "blobs/sha256"), 0o755); err != nil {
		t.Fatal(err)
	}
	b.write("oci-layout", []byte(`{"imageLayoutVersion":"1.0.0"}`))
	return b
}

func (b *builder) write(name string, data []byte) {
	b.t.Helper()
	if err := os.WriteFile(filepath.Join(b.dir, name), data, 0o644); err != nil {
		b.t.Fatal(err)
	}
}

func (b *builder) blob(mediaType types.MediaType, data []byte) v1.Descriptor {
	b.t.Helper()
	h, n, _ := v1.SHA256(bytes.NewReader(data))
	b.write("blobs/sha256/"+h.Hex, data)
	return v1.Descriptor{MediaType: mediaType, Digest: h, Size: n}
}

// layer adds a layer that is stored as packed.
func (b *builder) layer(mediaType types.MediaType, plain, packed []byte) {
	h, _, _ := v1.SHA256(bytes.NewReader(plain))
	b.config.RootFS.DiffIDs = append(b.config.RootFS.DiffIDs, h)
	b.layers = append(b.layers, b.blob(mediaType, packed))
}

func (b *builder) files(files ...file) {
	plain := tarball(b.t, files...)
	b.layer(types.OCILayer, plain, gz(b.t, plain))
}

// done writes the documents, and returns the directory.
func (b *builder) done(name string) string {
	b.t.Helper()
	text, err := json.Marshal(b.config)
	if err != nil {
		b.t.Fatal(err)
	}
	m := v1.Manifest{SchemaVersion: 2, MediaType: types.OCIManifestSchema1, Config: b.blob(types.OCIConfigJSON, text), Layers: b.layers}
	if text, err = json.Marshal(m); err != nil {
		b.t.Fatal(err)
	}
	d := b.blob(types.OCIManifestSchema1, text)
	d.Annotations = map[string]string{store.RefName: name}
	b.index.Manifests = append(b.index.Manifests, d)
	if text, err = json.Marshal(b.index); err != nil {
		b.t.Fatal(err)
	}
	b.write("index.json", text)
	return b.dir
}

func options() Options { return Options{Rootless: os.Geteuid() != 0} }

// unpack unpacks the only image of a layout, and returns the bundle.
func unpack(t *testing.T, layout string, o Options) (string, error) {
	t.Helper()
	m, err := InLayout(layout).Image("", platform.Host())
	if err != nil {
		return "", err
	}
	dir := filepath.Join(t.TempDir(), "bundle")
	_, err = m.Unpack(t.Context(), dir, o, nil)
	return dir, err
}

// tree is what regular files and links a directory holds.
func tree(t *testing.T, dir string) map[string]string {
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

// nothing looks that no trace of a bundle is left.
func nothing(t *testing.T, bundle string) {
	t.Helper()
	entries, err := os.ReadDir(filepath.Dir(bundle))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		t.Errorf("%s is left", e.Name())
	}
}

func TestLayersAreAppliedInOrderWhateverTheyAreCompressedWith(t *testing.T) {
	b := newBuilder(t)
	b.files(file{"etc/", ""}, file{"etc/a", "1"}, file{"etc/b", "1"}, file{"d/", ""}, file{"d/x", "1"})
	plain := tarball(t, file{"etc/b", "2"}, file{"d/.wh..wh..opq", ""}, file{"d/y", "2"})
	b.layer(types.OCILayerZStd, plain, zst(t, plain))
	plain = tarball(t, file{"etc/.wh.a", ""}, file{"l", "-> etc/b"})
	b.layer(types.OCIUncompressedLayer, plain, plain)
	plain = tarball(t, file{"last", "4"})
	b.layer(types.OCILayer, plain, zst(t, plain)) // not what its media type says
	dir, err := unpack(t, b.done("x"), options())
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{"etc/b": "2", "d/y": "2", "l": "-> etc/b", "last": "4"}
	if got := tree(t, filepath.Join(dir, "rootfs")); !maps.Equal(got, want) {
		t.Errorf("%v", got)
	}
	s, err := spec.Load(dir)
	if err != nil || !slices.Equal(s.Process.Args, []string{"/bin/true"}) {
		t.Errorf("%v, %v", s, err)
	}
	entries, _ := os.ReadDir(filepath.Dir(dir))
	if len(entries) != 1 {
		t.Errorf("beside the bundle: %v", entries)
	}
}

func TestAnImageOfManyLargeLayersIsStreamedWhole(t *testing.T) {
	b := newBuilder(t)
	want := map[string]string{}
	for i := range 7 { // more than what is read ahead
		text := strings.Repeat(string(rune('a'+i)), 9<<20)
		name := "f" + string(rune('0'+i))
		want[name] = text
		b.files(file{name, text})
	}
	dir, err := unpack(t, b.done("x"), options())
	if err != nil {
		t.Fatal(err)
	}
	if got := tree(t, filepath.Join(dir, "rootfs")); !maps.Equal(got, want) {
		t.Errorf("%d files", len(got))
	}
}

func TestALayerThatIsDamagedLeavesNoBundle(t *testing.T) {
	plain := tarball(t, file{"a", strings.Repeat("text ", 100_000)})
	other := tarball(t, file{"b", "other"})
	for what, c := range map[string]struct {
		plain, packed []byte
		change        func(b *builder)
		want          string
	}{
		"truncated": {plain, gz(t, plain), func(b *builder) {
			path := "blobs/sha256/" + b.layers[1].Digest.Hex
			b.write(path, gz(t, plain)[:500])
		}, "it has 500 bytes, the manifest says"},
		"longer": {plain, gz(t, plain), func(b *builder) {
			b.write("blobs/sha256/"+b.layers[1].Digest.Hex, append(gz(t, plain), 0))
		}, "it has more than"},
		"another blob": {plain, gz(t, plain), func(b *builder) {
			data := gz(t, plain)
			data[len(data)/2] ^= 1
			b.write("blobs/sha256/"+b.layers[1].Digest.Hex, data)
		}, "its digest is sha256:"},
		"another archive":    {plain, gz(t, other), nil, "uncompressed, its digest is"},
		"cut before packing": {plain[:len(plain)/2], gz(t, plain[:len(plain)/2]), nil, "unexpected EOF"},
		"gzip cut off":       {plain, gz(t, plain)[:500], nil, "unexpected EOF"},
		"no header of gzip":  {plain, []byte("\x1f\x8b, and more that no header of gzip is"), nil, "gzip: invalid header"},
		"gzip's magic alone": {plain, []byte("\x1f\x8b"), nil, "unexpected EOF"},
		"zstd's magic alone": {plain, []byte("\x28\xb5\x2f\xfd"), nil, "unexpected EOF"},
		"garbage after gzip": {plain, append(gz(t, plain), "garbage, and more of it"...), nil, "gzip: invalid header"},
		"no archive":         {[]byte("hello, world"), gz(t, []byte("hello, world")), nil, "unexpected EOF"},
		"xz":                 {plain, []byte("\xfd7zXZ\x00 and more"), nil, "compressed with xz, which layers are not"},
		"a fifo": {plain, gz(t, plain), func(b *builder) {
			path := filepath.Join(b.dir, "blobs/sha256", b.layers[1].Digest.Hex)
			if err := errors.Join(os.Remove(path), unix.Mkfifo(path, 0o600)); err != nil {
				t.Fatal(err)
			}
		}, "it is not a regular file"},
		"a missing blob": {plain, gz(t, plain), func(b *builder) {
			os.Remove(filepath.Join(b.dir, "blobs/sha256", b.layers[1].Digest.Hex))
		}, "no such file"},
	} {
		b := newBuilder(t)
		b.files(file{"first", "1"})
		b.layer(types.OCILayer, c.plain, c.packed)
		if what == "another archive" {
			h, _, _ := v1.SHA256(bytes.NewReader(plain))
			b.config.RootFS.DiffIDs[1] = h
		}
		dir := b.done("x")
		if c.change != nil {
			c.change(b)
		}
		bundle, err := unpack(t, dir, options())
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "layers[1], sha256:") {
			t.Errorf("%s: %v", what, err)
		}
		nothing(t, bundle)
	}
}

func TestAnImageThatUnpacksToMoreThanIsAllowedLeavesNoBundle(t *testing.T) {
	b := newBuilder(t)
	b.files(file{"bomb", strings.Repeat("\x00", 50<<20)})
	b.files(file{"a", ""}, file{"b", ""}, file{"c", ""})
	dir := b.done("x")
	for _, l := range []rootfs.Limits{{Bytes: 1 << 20}, {Entries: 3}} {
		o := options()
		o.Limits = l
		bundle, err := unpack(t, dir, o)
		var limit *rootfs.LimitError
		if !errors.As(err, &limit) {
			t.Errorf("%+v: %v", l, err)
		}
		nothing(t, bundle)
	}
}

func TestABundleThatIsThereIsNotTouched(t *testing.T) {
	b := newBuilder(t)
	b.files(file{"a", ""})
	layout := b.done("x")
	m, err := InLayout(layout).Image("", platform.Host())
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "bundle")
	if err := os.MkdirAll(filepath.Join(dir, "mine"), 0o755); err != nil {
		t.Fatal(err)
	}
	if _, err := m.Unpack(t.Context(), dir, options(), nil); err == nil {
		t.Error("it was unpacked there")
	}
	if err := os.Remove(filepath.Join(dir, "mine")); err != nil {
		t.Error(err)
	}
	if _, err := m.Unpack(t.Context(), dir, options(), nil); err != nil {
		t.Errorf("into an empty directory: %v", err)
	}
}

func TestWhatAKilledUnpackLeftIsRemoved(t *testing.T) {
	b := newBuilder(t)
	b.files(file{"a", ""})
	m, err := InLayout(b.done("x")).Image("", platform.Host())
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "bundle")
	p, err := newDraft(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(p.temp, "rootfs/half/made"), 0o755); err != nil {
		t.Fatal(err)
	}
	if _, err := m.Unpack(t.Context(), dir, options(), nil); err == nil || !strings.Contains(err.Error(), "another process unpacks there") {
		t.Errorf("while it is alive: %v", err)
	}
	p.lock.Close() // as the end of its process does
	if _, err := m.Unpack(t.Context(), dir, options(), nil); err != nil {
		t.Error(err)
	}
	if entries, _ := os.ReadDir(filepath.Dir(dir)); len(entries) != 1 {
		t.Errorf("left: %v", entries)
	}
}

func TestAnUnpackThatIsInterruptedLeavesNothing(t *testing.T) {
	b := newBuilder(t)
	b.files(file{"a", ""})
	m, err := InLayout(b.done("x")).Image("", platform.Host())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	dir := filepath.Join(t.TempDir(), "bundle")
	if _, err := m.Unpack(ctx, dir, options(), nil); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	nothing(t, dir)
}

func TestAnImageForAnotherMachineIsTakenWhereAnyWillDo(t *testing.T) {
	b := newBuilder(t)
	b.config.Architecture = "s390x"
	b.files(file{"a", ""})
	layout := b.done("x")
	if _, err := InLayout(layout).Image("", platform.Host()); !errors.Is(err, platform.ErrNone) {
		t.Error(err)
	}
	m, err := InLayout(layout).Image("", platform.Any)
	if err != nil {
		t.Fatal(err)
	}
	m.Close()
}

func TestOfImagesWithSeveralNamesTheOnlyOneThatRunsIsTaken(t *testing.T) {
	b := newBuilder(t)
	b.files(file{"a", ""})
	layout := b.done("x")
	other := b.index.Manifests[0]
	other.Annotations = map[string]string{store.RefName: "y"}
	here := platform.Host()
	b.index.Manifests[0].Platform = &here
	for arch, want := range map[string]string{"s390x": "", here.Architecture: "it has 2 images, say which: x, y"} {
		other.Platform = &v1.Platform{OS: "linux", Architecture: arch}
		text, err := json.Marshal(v1.IndexManifest{SchemaVersion: 2, Manifests: append(b.index.Manifests, other)})
		if err != nil {
			t.Fatal(err)
		}
		b.write("index.json", text)
		for _, p := range []v1.Platform{here, platform.Any} {
			m, err := InLayout(layout).Image("", p)
			if err == nil {
				m.Close()
			}
			if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
				t.Errorf("%s for %s: %v", arch, p, err)
			}
		}
	}
}

func TestAConfigThatDoesNotMatchItsManifestIsRefused(t *testing.T) {
	for what, change := range map[string]func(*builder){
		"too few diff ids": func(b *builder) { b.config.RootFS.DiffIDs = nil },
		"another rootfs":   func(b *builder) { b.config.RootFS.Type = "snapshots" },
		"an unknown user":  func(b *builder) { b.config.Config.User = "nobody-here" },
		"another platform": func(b *builder) { b.config.Architecture = "m68k" },
		"bad environment":  func(b *builder) { b.config.Config.Env = []string{"A=\x00"} },
	} {
		b := newBuilder(t)
		b.files(file{"etc/passwd", "root:x:0:0:::\n"})
		change(b)
		dir, err := unpack(t, b.done("x"), options())
		if err == nil {
			t.Errorf("%s was taken", what)
		}
		if dir != "" {
			nothing(t, dir)
		}
	}
}

func TestABundleIsRecordedInTheStore(t *testing.T) {
	b := newBuilder(t)
	b.files(file{"a", ""})
	m, err := InLayout(b.done("x")).Image("", platform.Host())
	if err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "store"))
	if err != nil {
		t.Fatal(err)
	}
	d, err := m.Import(t.Context(), s, "name")
	if err != nil {
		t.Fatal(err)
	}
	stored, err := InStore(s).Image("name", platform.Host())
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "bundle")
	if _, err := stored.Unpack(t.Context(), dir, options(), s); err != nil {
		t.Fatal(err)
	}
	if n, err := s.Untag(t.Context(), "name"); n != 1 || err != nil {
		t.Fatal(n, err)
	}
	s.Close()
	if g, err := store.Collect(t.Context(), s.Dir(), false); err != nil || g.Blobs != 0 {
		t.Errorf("while the bundle is there: %+v, %v", g, err)
	}
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	if g, err := store.Collect(t.Context(), s.Dir(), false); err != nil || g.Blobs != 3 || s.Has(d) {
		t.Errorf("when it is gone: %+v, %v", g, err)
	}
}
