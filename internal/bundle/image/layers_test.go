package image

import (
	"bytes"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/creel-project/creel/internal/bundle/image/imagetest"
	"github.com/creel-project/creel/internal/bundle/platform"
	"github.com/creel-project/creel/internal/bundle/rootfs"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/types"
	"golang.org/x/sys/unix"
)

// extract unpacks the image with a name for this machine, and returns what files there are.
func extract(t *testing.T, p Place, name string) (map[string]string, error) {
	t.Helper()
	m, err := p.Image(name, platform.Host())
	if err != nil {
		return nil, err
	}
	defer m.Close()
	dir := t.TempDir()
	root, err := rootfs.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	err = m.Extract(t.Context(), rootfs.New(root, rootfs.Options{Rootless: os.Geteuid() != 0}), nil)
	return imagetest.Tree(t, dir), err
}

func TestLayersAreAppliedInOrderWhateverTheyAreCompressedWith(t *testing.T) {
	b := imagetest.New(t)
	b.Files("etc/", "", "etc/a", "1", "etc/b", "1", "d/", "", "d/x", "1")
	plain := imagetest.Tarball(t, "etc/b", "2", "d/.wh..wh..opq", "", "d/y", "2")
	b.Layer(types.OCILayerZStd, plain, imagetest.Zstd(t, plain))
	plain = imagetest.Tarball(t, "etc/.wh.a", "", "l", "-> etc/b")
	b.Layer(types.OCIUncompressedLayer, plain, plain)
	plain = imagetest.Tarball(t, "last", "4")
	b.Layer(types.OCILayer, plain, imagetest.Zstd(t, plain)) // not what its media type says
	want := map[string]string{"etc/b": "2", "d/y": "2", "l": "-> etc/b", "last": "4"}
	if got, err := extract(t, InLayout(b.Done("x")), ""); err != nil || !maps.Equal(got, want) {
		t.Errorf("%v, %v", got, err)
	}
}

func TestAnImageOfManyLargeLayersIsStreamedWhole(t *testing.T) {
	b := imagetest.New(t)
	want := map[string]string{}
	for i := range 7 { // more than what is read ahead
		text := strings.Repeat(string(rune('a'+i)), 9<<20)
		name := "f" + string(rune('0'+i))
		want[name] = text
		b.Files(name, text)
	}
	if got, err := extract(t, InLayout(b.Done("x")), ""); err != nil || !maps.Equal(got, want) {
		t.Errorf("%d files, %v", len(got), err)
	}
}

func TestALayerThatIsDamagedIsRefused(t *testing.T) {
	plain := imagetest.Tarball(t, "a", strings.Repeat("text ", 100_000))
	other := imagetest.Tarball(t, "b", "other")
	for what, c := range map[string]struct {
		plain, packed []byte
		change        func(b *imagetest.Layout)
		want          string
	}{
		"truncated": {plain, imagetest.Gzip(t, plain), func(b *imagetest.Layout) {
			path := "blobs/sha256/" + b.Layers[1].Digest.Hex
			b.Write(path, imagetest.Gzip(t, plain)[:500])
		}, "it has 500 bytes, the manifest says"},
		"longer": {plain, imagetest.Gzip(t, plain), func(b *imagetest.Layout) {
			b.Write("blobs/sha256/"+b.Layers[1].Digest.Hex, append(imagetest.Gzip(t, plain), 0))
		}, "it has more than"},
		"another blob": {plain, imagetest.Gzip(t, plain), func(b *imagetest.Layout) {
			data := imagetest.Gzip(t, plain)
			data[len(data)/2] ^= 1
			b.Write("blobs/sha256/"+b.Layers[1].Digest.Hex, data)
		}, "its digest is sha256:"},
		"another archive":    {plain, imagetest.Gzip(t, other), nil, "uncompressed, its digest is"},
		"cut before packing": {plain[:len(plain)/2], imagetest.Gzip(t, plain[:len(plain)/2]), nil, "unexpected EOF"},
		"gzip cut off":       {plain, imagetest.Gzip(t, plain)[:500], nil, "unexpected EOF"},
		"no header of gzip":  {plain, []byte("\x1f\x8b, and more that no header of gzip is"), nil, "gzip: invalid header"},
		"gzip's magic alone": {plain, []byte("\x1f\x8b"), nil, "unexpected EOF"},
		"zstd's magic alone": {plain, []byte("\x28\xb5\x2f\xfd"), nil, "unexpected EOF"},
		"garbage after gzip": {plain, append(imagetest.Gzip(t, plain), "garbage, and more of it"...), nil, "gzip: invalid header"},
		"no archive":         {[]byte("hello, world"), imagetest.Gzip(t, []byte("hello, world")), nil, "unexpected EOF"},
		"xz":                 {plain, []byte("\xfd7zXZ\x00 and more"), nil, "compressed with xz, which layers are not"},
		"a fifo": {plain, imagetest.Gzip(t, plain), func(b *imagetest.Layout) {
			path := filepath.Join(b.Dir, "blobs/sha256", b.Layers[1].Digest.Hex)
			if err := errors.Join(os.Remove(path), unix.Mkfifo(path, 0o600)); err != nil {
				t.Fatal(err)
			}
		}, "it is not a regular file"},
		"a missing blob": {plain, imagetest.Gzip(t, plain), func(b *imagetest.Layout) {
			os.Remove(filepath.Join(b.Dir, "blobs/sha256", b.Layers[1].Digest.Hex))
		}, "no such file"},
	} {
		b := imagetest.New(t)
		b.Files("first", "1")
		b.Layer(types.OCILayer, c.plain, c.packed)
		if what == "another archive" {
			h, _, _ := v1.SHA256(bytes.NewReader(plain))
			b.Config.RootFS.DiffIDs[1] = h
		}
		dir := b.Done("x")
		if c.change != nil {
			c.change(b)
		}
		if _, err := extract(t, InLayout(dir), ""); err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "layers[1], sha256:") {
			t.Errorf("%s: %v", what, err)
		}
	}
}
