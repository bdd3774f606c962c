package image

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"

	"github.com/creel-project/creel/internal/bundle/compression"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// savedImage is an element of manifest.json.
type savedImage struct {
	Config   string
	RepoTags []string
	Layers   []string
}

// saved makes a manifest of what `docker save` wrote in manifest.json before Docker 25, and podman-save(1) still does.
func (b *blobs) saved(name string) (v1.Descriptor, error) {
	text, err := b.small("manifest.json")
	if errors.Is(err, fs.ErrNotExist) {
		return v1.Descriptor{}, ErrNoImage
	}
	var images []savedImage
	if err == nil {
		err = json.Unmarshal(text, &images)
	}
	var d v1.Descriptor
	if err == nil {
		d, err = b.manifest(images, name)
	}
	if err != nil {
		return d, fmt.Errorf("manifest.json: %w", err)
	}
	return d, nil
}

func (b *blobs) manifest(images []savedImage, name string) (d v1.Descriptor, err error) {
	image, err := chooseSaved(images, name)
	if err != nil {
		return d, err
	}
	if len(image.Layers) > maxLayers {
		return d, fmt.Errorf("layers: %d are more than the %d that are read", len(image.Layers), maxLayers)
	}
	raw, err := b.small(image.Config)
	if err != nil {
		return d, err
	}
	config, err := ParseConfig(raw, len(image.Layers))
	if err != nil {
		return d, fmt.Errorf("%s: %w", image.Config, err)
	}
	m := v1.Manifest{SchemaVersion: 2, MediaType: types.OCIManifestSchema1, Config: b.add(raw, types.OCIConfigJSON),
		Layers: make([]v1.Descriptor, len(image.Layers))}
	for i, file := range image.Layers {
		if m.Layers[i], err = b.layer(file, config.RootFS.DiffIDs[i]); err != nil {
			return d, err
		}
	}
	text, err := json.Marshal(m)
	return b.add(text, types.OCIManifestSchema1), err
}

// layer describes a layer that is in a file. Docker's are uncompressed: the digest of the file is that of the archive in it.
// Others compress them.
func (b *blobs) layer(file string, diffID v1.Hash) (d v1.Descriptor, err error) {
	r, size, err := b.open(file)
	if err != nil {
		return d, err
	}
	defer r.Close()
	start := make([]byte, compression.Peek)
	n, err := io.ReadFull(r, start)
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		return d, fmt.Errorf("%s: %w", file, err)
	}
	d = v1.Descriptor{MediaType: types.OCIUncompressedLayer, Digest: diffID, Size: size}
	if kind := compression.Of(start[:n]); kind != "" {
		d.MediaType = types.OCILayer
		if kind == "zstd" {
			d.MediaType = types.OCILayerZStd
		}
		if d.Digest, _, err = v1.SHA256(io.MultiReader(bytes.NewReader(start[:n]), r)); err != nil {
			return d, fmt.Errorf("%s: %w", file, err)
		}
	}
	b.made[d.Digest] = madeBlob{file: file}
	return d, nil
}

// add makes a blob of text.
func (b *blobs) add(text []byte, t types.MediaType) v1.Descriptor {
	h, n, _ := v1.SHA256(bytes.NewReader(text)) // memory can be read
	b.made[h] = madeBlob{text: text}
	return v1.Descriptor{MediaType: t, Digest: h, Size: n}
}

func chooseSaved(images []savedImage, name string) (*savedImage, error) {
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
		return nil, fmt.Errorf("it has %d images, say which: %s", len(images), firstOf(names))
	}
	return nil, fmt.Errorf("%q: %w: there are %s", name, ErrNoSuchName, firstOf(names))
}
