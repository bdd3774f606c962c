// Package image reads images, of a store, an OCI layout or an archive (image-spec 1.1).
package image

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/creel-project/creel/internal/bundle/store"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// maxLayers of an image. Docker makes at most 127.
const maxLayers = 1000

// MaxDepth is how many indexes may lead to a manifest.
const MaxDepth = 4

// maxPacked is the size in bytes of the largest layer that a manifest may promise.
const maxPacked = 1 << 40

// ParseManifest reads a manifest, and refuses one that is of no image or cannot be true.
func ParseManifest(text []byte) (*v1.Manifest, error) {
	m, err := ParseAnyManifest(text)
	if err != nil {
		return nil, cmp.Or(noDigest(text), err)
	}
	if !m.Config.MediaType.IsConfig() {
		return nil, fmt.Errorf("config.mediaType: %q is no config of an image: it is something else that a registry keeps", m.Config.MediaType)
	}
	for i, l := range m.Layers {
		if !isLayer(l.MediaType) {
			return nil, fmt.Errorf("layers[%d].mediaType: %q is not known", i, l.MediaType)
		}
	}
	return m, nil
}

// ParseAnyManifest reads a manifest of an image, or of what else is kept in the form of one, as attestations are. It
// refuses one that cannot be true.
func ParseAnyManifest(text []byte) (*v1.Manifest, error) {
	m, err := v1.ParseManifest(bytes.NewReader(text))
	if err != nil {
		return nil, err
	}
	if err := judge(m.Config, store.MaxDocument); err != nil {
		return nil, fmt.Errorf("config: %w", err)
	}
	if len(m.Layers) > maxLayers {
		return nil, fmt.Errorf("layers: %d are more than the %d that are read", len(m.Layers), maxLayers)
	}
	for i, l := range m.Layers {
		if err := judge(l, maxPacked); err != nil {
			return nil, fmt.Errorf("layers[%d]: %w", i, err)
		}
	}
	return m, nil
}

// noDigest names the first layer whose digest is none, which the library does not.
func noDigest(text []byte) error {
	var m struct{ Layers []struct{ Digest string } }
	if json.Unmarshal(text, &m) != nil {
		return nil
	}
	for i, l := range m.Layers {
		if _, err := v1.NewHash(l.Digest); err != nil {
			return fmt.Errorf("layers[%d].digest: %q: want sha256: and 64 hexadecimal digits, or sha512: and 128: %w", i, l.Digest, err)
		}
	}
	return nil
}

// maxMembers of an index.
const maxMembers = 1000

// ParseIndex reads an index, and refuses one that cannot be true.
func ParseIndex(text []byte) (*v1.IndexManifest, error) {
	index, err := v1.ParseIndexManifest(bytes.NewReader(text))
	if err != nil {
		return nil, err
	}
	if len(index.Manifests) > maxMembers {
		return nil, fmt.Errorf("manifests: %d are more than the %d that are read", len(index.Manifests), maxMembers)
	}
	for i, d := range index.Manifests {
		if !d.MediaType.IsImage() && !d.MediaType.IsIndex() {
			return nil, fmt.Errorf("manifests[%d].mediaType: %q is neither that of an image nor of an index", i, d.MediaType)
		}
		if err := judge(d, store.MaxDocument); err != nil {
			return nil, fmt.Errorf("manifests[%d]: %w", i, err)
		}
	}
	return index, nil
}

func judge(d v1.Descriptor, most int64) error {
	if err := store.CheckHash(d.Digest); err != nil {
		return err
	}
	if d.Size < 0 || d.Size > most {
		return fmt.Errorf("size: %d bytes, at most %d are read", d.Size, most)
	}
	return nil
}

func isLayer(t types.MediaType) bool {
	switch t {
	case types.OCILayer, types.OCILayerZStd, types.OCIUncompressedLayer,
		types.OCIRestrictedLayer, types.OCIUncompressedRestrictedLayer, "application/vnd.oci.image.layer.nondistributable.v1.tar+zstd",
		types.DockerLayer, types.DockerUncompressedLayer, types.DockerForeignLayer, "application/vnd.docker.image.rootfs.diff.tar.zstd":
		return true
	}
	return false
}

// ParseConfig reads the config of an image with so many layers.
func ParseConfig(text []byte, layers int) (*v1.ConfigFile, error) {
	if !json.Valid(text) { // the decoder would not look beyond the first value
		return nil, errors.New("it is not JSON")
	}
	if bytes.Equal(bytes.TrimSpace(text), []byte("null")) {
		return nil, errors.New("it is null")
	}
	c, err := v1.ParseConfigFile(bytes.NewReader(text))
	if err != nil {
		return nil, err
	}
	if c.RootFS.Type != "" && c.RootFS.Type != "layers" {
		return nil, fmt.Errorf("rootfs.type: %q is not known", c.RootFS.Type)
	}
	if len(c.RootFS.DiffIDs) != layers {
		return nil, fmt.Errorf("rootfs.diff_ids: there are %d, but the manifest has %d layers", len(c.RootFS.DiffIDs), layers)
	}
	for i, h := range c.RootFS.DiffIDs {
		if err := store.CheckHash(h); err != nil {
			return nil, fmt.Errorf("rootfs.diff_ids[%d]: %w", i, err)
		}
	}
	return c, nil
}
