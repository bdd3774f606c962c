package image

import (
	"archive/tar"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/creel-project/creel/internal/bundle/image/imagetest"
	"github.com/creel-project/creel/internal/bundle/platform"
	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// pack writes a directory as an archive, its names sorted.
func pack(t testing.TB, dir string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "image.tar")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	w := tar.NewWriter(f)
	if err := w.AddFS(os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestAnArchiveOfALayoutIsUnpackedAsTheLayoutIs(t *testing.T) {
	b := imagetest.New(t)
	b.Files("a", "1", "b", "1")
	b.Files(".wh.a", "")
	archive := pack(t, b.Done("x"))
	got, err := extract(t, InArchive(archive), "x")
	if err != nil || !maps.Equal(got, map[string]string{"b": "1"}) {
		t.Errorf("%v, %v", got, err)
	}
	if _, err := extract(t, InArchive(archive), "y"); err == nil || !strings.Contains(err.Error(), `"y": there is no image of that name: there are x`) {
		t.Error(err)
	}
}

// dockerArchive writes what `docker save` of Docker 24 and before does, with a link for a layer that is there twice.
func dockerArchive(t testing.TB, change func(files map[string]string, links map[string]string)) string {
	t.Helper()
	one, two := imagetest.Tarball(t, "a", "1"), imagetest.Tarball(t, "b", "2")
	c := v1.ConfigFile{OS: "linux", Architecture: platform.Host().Architecture, Config: v1.Config{Cmd: []string{"/b"}}}
	for _, l := range [][]byte{one, two, one} {
		h, _, _ := v1.SHA256(strings.NewReader(string(l)))
		c.RootFS.DiffIDs = append(c.RootFS.DiffIDs, h)
	}
	config, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{"config.json": string(config), "1/layer.tar": string(one), "2/layer.tar": string(two),
		"manifest.json": `[{"Config":"config.json","RepoTags":["x:1"],"Layers":["1/layer.tar","2/layer.tar","3/layer.tar"]},
			{"Config":"none","RepoTags":["y:1"],"Layers":null}]`}
	links := map[string]string{"3/layer.tar": "../1/layer.tar"}
	if change != nil {
		change(files, links)
	}
	path := filepath.Join(t.TempDir(), "docker.tar")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	w := tar.NewWriter(f)
	for name, text := range files {
		if err := w.WriteHeader(&tar.Header{Name: name, Size: int64(len(text)), Typeflag: tar.TypeReg}); err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, text); err != nil {
			t.Fatal(err)
		}
	}
	for name, target := range links {
		h := &tar.Header{Name: name, Linkname: target, Typeflag: tar.TypeSymlink}
		if !strings.HasPrefix(target, ".") {
			h.Typeflag = tar.TypeLink
		}
		if err := w.WriteHeader(h); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestAnArchiveOfAnOldDockerIsUnpacked(t *testing.T) {
	got, err := extract(t, InArchive(dockerArchive(t, nil)), "x:1")
	if err != nil || !maps.Equal(got, map[string]string{"a": "1", "b": "2"}) {
		t.Errorf("%v, %v", got, err)
	}
	if _, err := extract(t, InArchive(dockerArchive(t, nil)), ""); err == nil || !strings.Contains(err.Error(), "it has 2 images, say which: x:1, y:1") {
		t.Error(err)
	}
}

func TestLayersOfASavedImageMayBeCompressedAndHardLinks(t *testing.T) {
	archive := dockerArchive(t, func(files, links map[string]string) {
		files["1/layer.tar"] = string(imagetest.Gzip(t, []byte(files["1/layer.tar"])))
		files["2/layer.tar"] = string(imagetest.Zstd(t, []byte(files["2/layer.tar"])))
		links["3/layer.tar"] = "1/layer.tar"
	})
	got, err := extract(t, InArchive(archive), "x:1")
	if err != nil || !maps.Equal(got, map[string]string{"a": "1", "b": "2"}) {
		t.Errorf("%v, %v", got, err)
	}
}

func TestASavedImageMayBeADirectory(t *testing.T) {
	f, err := os.Open(dockerArchive(t, nil))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	dir := t.TempDir()
	for r := tar.NewReader(f); ; {
		h, err := r.Next()
		if err == io.EOF {
			break
		}
		path := filepath.Join(dir, h.Name)
		e1 := os.MkdirAll(filepath.Dir(path), 0o755)
		text, e2 := io.ReadAll(r)
		if h.Typeflag == tar.TypeSymlink {
			err = os.Symlink(h.Linkname, path)
		} else if err == nil {
			err = os.WriteFile(path, text, 0o644)
		}
		if err := errors.Join(err, e1, e2); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := extract(t, InLayout(dir), "x:1"); err != nil {
		t.Error(err)
	}
}

func TestAnArchiveThatIsDamagedIsRefused(t *testing.T) {
	for what, c := range map[string]struct {
		change func(files, links map[string]string)
		want   string
	}{
		"a missing layer":  {func(f, l map[string]string) { delete(f, "2/layer.tar") }, "2/layer.tar: file does not exist"},
		"a link to itself": {func(f, l map[string]string) { l["3/layer.tar"] = "./layer.tar" }, "3/layer.tar: file does not exist"},
		"a link outside":   {func(f, l map[string]string) { l["3/layer.tar"] = "../../etc/passwd" }, "3/layer.tar: file does not exist"},
		"another layer":    {func(f, l map[string]string) { f["2/layer.tar"] = f["1/layer.tar"] }, "its digest is"},
		"no config":        {func(f, l map[string]string) { delete(f, "config.json") }, "config.json: file does not exist"},
		"no manifest":      {func(f, l map[string]string) { delete(f, "manifest.json") }, "it holds no image"},
		"no JSON":          {func(f, l map[string]string) { f["manifest.json"] = "x" }, "invalid character"},
	} {
		if _, err := extract(t, InArchive(dockerArchive(t, c.change)), "x:1"); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", what, err)
		}
	}
	path := filepath.Join(t.TempDir(), "a.tar.gz")
	if err := os.WriteFile(path, imagetest.Gzip(t, imagetest.Tarball(t, "a", "")), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := InArchive(path).Image("", platform.Host()); err == nil || !strings.Contains(err.Error(), "compressed with gzip") {
		t.Error(err)
	}
}

func TestTheFirstNameOfAnImageIsKnown(t *testing.T) {
	hash := strings.Repeat("0123abcd", 8)
	for name, want := range map[string]bool{
		"oci-layout": true, "index.json": true, "manifest.json": true, "blobs/": true, "blobs/sha256/": true, "./blobs/sha256/" + hash: true, hash + "/": true,
		hash + ".json": true, hash + ".tar": true, hash + ".tar.gz": true, "sha256:" + hash: true, "repositories": true,
		"bin/": false, ".dockerenv": false, "blobs/mine": false, "etc/index.json": false, hash[1:] + "/": false, "": false,
	} {
		for _, before := range [][]tar.Header{nil, {{Typeflag: tar.TypeDir, Name: "./"}}} {
			var buf bytes.Buffer
			w := tar.NewWriter(&buf)
			kind := byte(tar.TypeReg)
			if strings.HasSuffix(name, "/") {
				kind = tar.TypeDir
			}
			for _, h := range append(before, tar.Header{Typeflag: kind, Name: name, PAXRecords: map[string]string{"comment": "x"}}) {
				if err := w.WriteHeader(&h); err != nil {
					t.Fatal(err)
				}
			}
			if got := Begins(buf.Bytes()); got != want {
				t.Errorf("%q after %d: %v", name, len(before), got)
			}
		}
	}
}

func TestAFirstHeaderWithAnImpossibleSizeIsNoImages(t *testing.T) {
	for _, size := range []string{"-0000000513", "-7777777777", "77777777777", "none"} {
		start := make([]byte, Peek)
		copy(start, "comment")
		copy(start[124:136], size)
		start[156] = tar.TypeXHeader
		copy(start[2*block:], "oci-layout")
		if Begins(start) {
			t.Errorf("%q leads to an image's first name", size)
		}
	}
	large := make([]byte, block)
	copy(large, "blobs/sha256/")
	copy(large[124:136], "77777777777") // 8 GiB, as a layer may have
	large[156] = tar.TypeReg
	if !Begins(large) {
		t.Error("a large layer is not seen")
	}
}
