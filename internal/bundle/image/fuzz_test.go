package image

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/creel-project/creel/internal/bundle/image/imagetest"
	"github.com/creel-project/creel/internal/bundle/platform"
)

// FuzzLayersAreWhatTheirDigestsSay reads the archive of an image: one of three files, as Docker saves it, or of any bytes. A
// layer that is read to its end has the content that the config promises, whatever the manifest leads to.
func FuzzLayersAreWhatTheirDigestsSay(f *testing.F) {
	layer := imagetest.Tarball(f, "a", "1")
	sum := sha256.Sum256(layer)
	config := []byte(`{"os":"linux","rootfs":{"type":"layers","diff_ids":["sha256:` + hex.EncodeToString(sum[:]) + `"]}}`)
	manifest := []byte(`[{"Config":"config","RepoTags":["x:1"],"Layers":["layer"]}]`)
	f.Add(manifest, config, layer, []byte(nil))
	f.Add(manifest, config, imagetest.Gzip(f, layer), []byte(nil))
	f.Add(manifest, config, imagetest.Zstd(f, layer), []byte(nil))
	f.Add([]byte(`[{"Config":"config","Layers":["./layer","../layer"]}]`), config, []byte("not tar"), []byte(nil))
	b := imagetest.New(f)
	b.Files("a", "1")
	f.Add([]byte(nil), []byte(nil), []byte(nil), read(f, pack(f, b.Done("x"))))
	f.Add([]byte(nil), []byte(nil), []byte(nil), read(f, dockerArchive(f, nil)))
	f.Fuzz(func(t *testing.T, manifest, config, layer, raw []byte) {
		if len(raw) == 0 {
			raw = saved(t, manifest, config, layer)
		}
		Begins(raw[:min(len(raw), Peek)])
		path := filepath.Join(t.TempDir(), "image.tar")
		if err := os.WriteFile(path, raw, 0o600); err != nil {
			t.Fatal(err)
		}
		m, err := InArchive(path).Image("", platform.Any)
		if err != nil {
			return
		}
		defer m.Close()
		_ = m.EachLayer(t.Context(), m.Layers(), func(l Layer, r io.Reader) error {
			hash := sha256.New()
			_, err := io.Copy(hash, io.LimitReader(r, 1<<24))
			if err == nil && l.DiffID.Algorithm == "sha256" && hex.EncodeToString(hash.Sum(nil)) != l.DiffID.Hex {
				if n, _ := r.Read(make([]byte, 1)); n == 0 { // that was all of it
					t.Errorf("%s was read as %x", l.DiffID, hash.Sum(nil))
				}
			}
			return err
		})
	})
}

func read(t testing.TB, path string) []byte {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func saved(t testing.TB, manifest, config, layer []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for name, data := range map[string][]byte{"manifest.json": manifest, "config": config, "layer": layer} {
		if err := w.WriteHeader(&tar.Header{Name: name, Mode: 0o644, Size: int64(len(data)), Typeflag: tar.TypeReg}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(data); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
