package source

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"runtime"
	"strings"

	"github.com/creel-project/creel/internal/bundle/rootfs"
)

// A layer of an image, the lowest first.
type layer struct {
	file   string
	digest string // of the file, "" if nothing says it
	diffID string // of the uncompressed archive
}

// openImage finds the layers of the only image, or of the only one for this platform.
func openImage(f files) (*Source, error) {
	layers, err := layersOf(f)
	if err != nil {
		return nil, fmt.Errorf("image: %w", err)
	}
	return &Source{Kind: "image", unpack: func(ctx context.Context, x *rootfs.Extractor) error { return unpackLayers(ctx, f, layers, x) }}, nil
}

func layersOf(f files) ([]layer, error) {
	index, err := read(f, "index.json")
	if errors.Is(err, fs.ErrNotExist) {
		return savedLayers(f)
	}
	if err != nil {
		return nil, err
	}
	return indexLayers(f, "index.json", index, 4)
}

// descriptor and the documents are of image-spec: descriptor.md, image-index.md, manifest.md, config.md.
type descriptor struct {
	MediaType   string            `json:"mediaType"`
	Digest      string            `json:"digest"`
	Annotations map[string]string `json:"annotations"`
	Platform    *struct {
		OS           string `json:"os"`
		Architecture string `json:"architecture"`
	} `json:"platform"`
}

func (d *descriptor) file() string { return path.Join("blobs", strings.Replace(d.Digest, ":", "/", 1)) }

// document reads what a descriptor names, and holds it to its digest.
func (d *descriptor) document(f files, into any) error {
	if err := checkDigest(d.Digest); err != nil {
		return err
	}
	text, err := read(f, d.file())
	if err != nil {
		return err
	}
	if sum := sha256.Sum256(text); "sha256:"+hex.EncodeToString(sum[:]) != d.Digest {
		return fmt.Errorf("%s has another content than its digest says", d.Digest)
	}
	return json.Unmarshal(text, into)
}

func checkDigest(digest string) error {
	if hash, ok := strings.CutPrefix(digest, "sha256:"); !ok || !isHash(hash) {
		return fmt.Errorf("digest %q: want sha256: and 64 hexadecimal digits", digest)
	}
	return nil
}

func indexLayers(f files, name string, text []byte, depth int) ([]layer, error) {
	var index struct{ Manifests []descriptor }
	if err := json.Unmarshal(text, &index); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	d, err := choose(index.Manifests)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	var raw json.RawMessage
	if err := d.document(f, &raw); err != nil {
		return nil, err
	}
	var kind struct {
		Manifests []descriptor
		Config    descriptor
		Layers    []descriptor
	}
	if err := json.Unmarshal(raw, &kind); err != nil {
		return nil, fmt.Errorf("%s: %w", d.Digest, err)
	}
	if kind.Manifests != nil {
		if depth == 0 {
			return nil, fmt.Errorf("%s: too many indexes in each other", d.Digest)
		}
		return indexLayers(f, d.Digest, raw, depth-1)
	}
	var config config
	if err := kind.Config.document(f, &config); err != nil {
		return nil, fmt.Errorf("config: %w", err)
	}
	layers := make([]layer, len(kind.Layers))
	for i := range kind.Layers {
		l := &kind.Layers[i]
		if err := checkDigest(l.Digest); err != nil {
			return nil, fmt.Errorf("layers[%d]: %w", i, err)
		}
		layers[i] = layer{file: l.file(), digest: l.Digest}
	}
	return layers, config.fill(layers)
}

// choose takes the only manifest, or the only one for this platform. Attestations are none.
func choose(list []descriptor) (*descriptor, error) {
	var images, here []*descriptor
	for i := range list {
		d := &list[i]
		if d.Annotations["vnd.docker.reference.type"] != "" {
			continue
		}
		images = append(images, d)
		if p := d.Platform; p != nil && p.OS == runtime.GOOS && p.Architecture == runtime.GOARCH {
			here = append(here, d)
		}
	}
	switch {
	case len(images) == 1:
		return images[0], nil
	case len(here) == 1:
		return here[0], nil
	case len(images) == 0:
		return nil, errors.New("it names no image")
	}
	return nil, fmt.Errorf("it names %d images, %d of them for %s/%s: want one", len(images), len(here), runtime.GOOS, runtime.GOARCH)
}

type config struct {
	RootFS struct {
		DiffIDs []string `json:"diff_ids"`
	} `json:"rootfs"`
}

// fill adds to layers what the config knows of them.
func (c *config) fill(layers []layer) error {
	if len(c.RootFS.DiffIDs) != len(layers) {
		return fmt.Errorf("its config has %d rootfs.diff_ids for %d layers", len(c.RootFS.DiffIDs), len(layers))
	}
	for i, id := range c.RootFS.DiffIDs {
		if err := checkDigest(id); err != nil {
			return fmt.Errorf("rootfs.diff_ids[%d]: %w", i, err)
		}
		layers[i].diffID = id
	}
	return nil
}

// savedLayers is for what docker-save(1) wrote before it wrote OCI layouts, and for podman-save(1).
func savedLayers(f files) ([]layer, error) {
	text, err := read(f, "manifest.json")
	if err != nil {
		return nil, err
	}
	var images []struct {
		Config string
		Layers []string
	}
	if err := json.Unmarshal(text, &images); err != nil {
		return nil, fmt.Errorf("manifest.json: %w", err)
	}
	if len(images) != 1 {
		return nil, fmt.Errorf("manifest.json: it names %d images: want one", len(images))
	}
	if text, err = read(f, images[0].Config); err != nil {
		return nil, err
	}
	var config config
	if err := json.Unmarshal(text, &config); err != nil {
		return nil, fmt.Errorf("%s: %w", images[0].Config, err)
	}
	layers := make([]layer, len(images[0].Layers))
	for i, file := range images[0].Layers {
		layers[i] = layer{file: file}
	}
	return layers, config.fill(layers)
}
