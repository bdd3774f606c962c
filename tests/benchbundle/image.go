package main

import (
	"fmt"
	"os"
	"path/filepath"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// packages are what each layer above debootstrap's holds.
var packages = [][]string{
	{"python3.11", "python3.11-minimal", "libpython3.11-minimal", "libpython3.11-stdlib"},
	{"git", "perl", "perl-modules-5.36", "libperl5.36"},
	{"gcc-12", "cpp-12", "libgcc-12-dev", "binutils-x86-64-linux-gnu"},
	{"vim-runtime", "locales", "libicu72"},
	{"linux-libc-dev", "libc6-dev"},
}

// image is what is unpacked.
type image struct {
	layout        string
	layers        []string // paths of the packed layers
	packed, plain int64
}

// prepare makes the image in work, unless it is there.
func prepare(work string) (*image, error) {
	dir := filepath.Join(work, "layout")
	if _, err := os.Stat(filepath.Join(work, "done")); err != nil {
		if err := os.RemoveAll(work); err != nil {
			return nil, err
		}
		if err := makeImage(work, dir); err != nil {
			return nil, err
		}
		if err := os.WriteFile(filepath.Join(work, "done"), nil, 0o644); err != nil {
			return nil, err
		}
	}
	return readImage(dir)
}

func makeImage(work, dir string) error {
	base := filepath.Join(work, "base")
	if err := os.MkdirAll(work, 0o755); err != nil {
		return err
	}
	if err := command("debootstrap", "--variant=minbase", "bookworm", base); err != nil {
		return err
	}
	sources := []string{base}
	for i, names := range packages {
		source := filepath.Join(work, fmt.Sprint("layer", i))
		if err := os.Mkdir(source, 0o755); err != nil {
			return err
		}
		script := `cd "$1" && shift && apt-get -qq download "$@" && for d in *.deb; do dpkg -x "$d" . && rm "$d" || exit 1; done`
		if err := command("sh", append([]string{"-c", script, "sh", source}, names...)...); err != nil {
			return err
		}
		sources = append(sources, source)
	}
	var layers []v1.Layer
	for _, source := range sources {
		file := source + ".tar"
		if err := command("tar", "--numeric-owner", "-C", source, "-cf", file, "."); err != nil {
			return err
		}
		l, err := tarball.LayerFromFile(file, tarball.WithMediaType(types.OCILayer))
		if err != nil {
			return err
		}
		layers = append(layers, l)
	}
	oci := mutate.ConfigMediaType(mutate.MediaType(empty.Image, types.OCIManifestSchema1), types.OCIConfigJSON)
	img, err := mutate.AppendLayers(oci, layers...)
	if err == nil {
		img, err = mutate.ConfigFile(img, platformed(img))
	}
	if err != nil {
		return err
	}
	l, err := layout.Write(dir, empty.Index)
	if err != nil {
		return err
	}
	return l.AppendImage(img, layout.WithAnnotations(map[string]string{"org.opencontainers.image.ref.name": "debian"}))
}

// platformed is the config of an image, for this machine.
func platformed(img v1.Image) *v1.ConfigFile {
	c, err := img.ConfigFile()
	if err != nil {
		return nil
	}
	c = c.DeepCopy()
	c.OS, c.Architecture, c.Config.Cmd = "linux", "amd64", []string{"/bin/bash"}
	return c
}

func readImage(dir string) (*image, error) {
	index, err := layout.ImageIndexFromPath(dir)
	if err != nil {
		return nil, err
	}
	m, err := index.IndexManifest()
	if err != nil {
		return nil, err
	}
	img, err := index.Image(m.Manifests[0].Digest)
	if err != nil {
		return nil, err
	}
	manifest, err := img.Manifest()
	if err != nil {
		return nil, err
	}
	i := &image{layout: dir}
	for _, l := range manifest.Layers {
		i.layers = append(i.layers, filepath.Join(dir, "blobs", l.Digest.Algorithm, l.Digest.Hex))
		i.packed += l.Size
	}
	sources, err := filepath.Glob(filepath.Join(filepath.Dir(dir), "*.tar"))
	for _, s := range sources {
		st, err := os.Stat(s)
		if err != nil {
			return nil, err
		}
		i.plain += st.Size()
	}
	return i, err
}
