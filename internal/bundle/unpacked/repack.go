package unpacked

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"
	"time"

	"github.com/creel-project/creel/internal/bundle/image"
	"github.com/creel-project/creel/internal/bundle/layer"
	"github.com/creel-project/creel/internal/bundle/overlay"
	"github.com/creel-project/creel/internal/bundle/rootfs"
	"github.com/creel-project/creel/internal/bundle/store"
	"github.com/creel-project/creel/internal/bundle/userns"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/types"
	"github.com/klauspost/compress/gzip"
)

// Repack stores under a name the image m, which a bundle was made of, with one layer more: of what differs in the bundle's
// root filesystem. Without a difference the name is that of the image as it is.
func Repack(ctx context.Context, m *image.Image, bundle string, s *store.Store, name string) (v1.Descriptor, *layer.Changes, error) {
	mark, err := ReadMarker(bundle)
	if err == nil && mark.Descriptor.Digest != m.Descriptor.Digest {
		err = fmt.Errorf("bundle %s was made of %s, but %s is now %s", bundle, mark.Descriptor.Digest, m.Name, m.Descriptor.Digest)
	}
	if err != nil {
		return v1.Descriptor{}, nil, err
	}
	d, changes, err := repack(ctx, m, bundle, mark, s, name)
	if err != nil {
		return d, nil, fmt.Errorf("repack %s: %w", bundle, err)
	}
	return d, changes, nil
}

func repack(ctx context.Context, m *image.Image, bundle string, mark *Marker, s *store.Store, name string) (d v1.Descriptor, c *layer.Changes, err error) {
	blob, err := s.Create()
	if err != nil {
		return d, nil, err
	}
	defer blob.Close()
	packed := gzip.NewWriter(blob)
	diff := sha256.New()
	if c, err = writeDiff(ctx, m, io.MultiWriter(packed, diff), bundle, mark); err != nil {
		return d, nil, err
	}
	if _, err := m.Import(ctx, s, ""); err != nil {
		return d, nil, err
	}
	if c.Written+c.Removed == 0 {
		d, err = m.Import(ctx, s, name)
		return d, c, err
	}
	if err := packed.Close(); err != nil {
		return d, nil, err
	}
	mediaType := types.OCILayer
	if m.Descriptor.MediaType == types.DockerManifestSchema2 {
		mediaType = types.DockerLayer
	}
	top, err := blob.Commit(mediaType)
	if err != nil {
		return d, nil, err
	}
	d, err = extend(ctx, m, s, top, "sha256:"+hex.EncodeToString(diff.Sum(nil)))
	if err == nil {
		err = s.Tag(ctx, name, d)
	}
	return d, c, err
}

// writeDiff writes the layer, uncompressed.
func writeDiff(ctx context.Context, m *image.Image, w io.Writer, bundle string, mark *Marker) (*layer.Changes, error) {
	o := layer.Options{Rootless: mark.Rootless, Unpacked: mark.Unpacked}
	if mark.Shift != "" {
		var err error
		if o.Shift, err = userns.Parse(mark.Shift); err != nil {
			return nil, fmt.Errorf("%s: userns: %w", store.Marker, err)
		}
	}
	dir := filepath.Join(bundle, rootName)
	if mark.Overlay != nil {
		if mounted, err := overlay.Mounted(dir); err != nil {
			return nil, err
		} else if !mounted {
			return nil, fmt.Errorf("its root filesystem is not mounted: `creel-bundle mount %s` does that", bundle)
		}
	}
	t := layer.NewTree()
	if err := m.EachLayer(ctx, m.Layers(), func(_ image.Layer, r io.Reader) error { return t.Add(ctx, r) }); err != nil {
		return nil, err
	}
	root, err := rootfs.Open(dir)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	return layer.Write(ctx, w, t, root.FD(), o)
}

// extend stores config and manifest with one layer more. What else is in the config stays as it is.
func extend(ctx context.Context, m *image.Image, s *store.Store, top v1.Descriptor, diffID string) (v1.Descriptor, error) {
	now := time.Now().UTC().Format(time.RFC3339)
	config, err := edit(m.RawConfig, func(c map[string]json.RawMessage) error {
		rootfs := struct {
			Type    string   `json:"type"`
			DiffIDs []string `json:"diff_ids"`
		}{Type: "layers"}
		for _, h := range m.Config.RootFS.DiffIDs {
			rootfs.DiffIDs = append(rootfs.DiffIDs, h.String())
		}
		rootfs.DiffIDs = append(rootfs.DiffIDs, diffID)
		var history []json.RawMessage
		if len(c["history"]) > 0 {
			if err := json.Unmarshal(c["history"], &history); err != nil {
				return fmt.Errorf("history: %w", err)
			}
		}
		history = append(history, json.RawMessage(`{"created":"`+now+`","created_by":"creel-bundle repack"}`))
		return set(c, map[string]any{"created": now, "rootfs": rootfs, "history": history})
	})
	if err != nil {
		return v1.Descriptor{}, fmt.Errorf("config: %w", err)
	}
	cd, err := putText(ctx, s, config, m.Manifest.Config.MediaType)
	if err != nil {
		return v1.Descriptor{}, err
	}
	manifest, err := edit(m.RawManifest, func(c map[string]json.RawMessage) error {
		delete(c, "subject") // it was said about the other image
		return set(c, map[string]any{"config": cd, "layers": append(append([]v1.Descriptor{}, m.Manifest.Layers...), top)})
	})
	if err != nil {
		return v1.Descriptor{}, fmt.Errorf("manifest: %w", err)
	}
	d, err := putText(ctx, s, manifest, m.Descriptor.MediaType)
	d.Platform = m.Config.Platform()
	return d, err
}

// edit changes members of an object, and keeps those that nobody here knows.
func edit(text []byte, change func(map[string]json.RawMessage) error) ([]byte, error) {
	var object map[string]json.RawMessage
	if err := json.Unmarshal(text, &object); err != nil {
		return nil, err
	}
	if err := change(object); err != nil {
		return nil, err
	}
	return json.Marshal(object)
}

func set(object map[string]json.RawMessage, members map[string]any) error {
	for name, value := range members {
		text, err := json.Marshal(value)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		object[name] = text
	}
	return nil
}

func putText(ctx context.Context, s *store.Store, text []byte, t types.MediaType) (v1.Descriptor, error) {
	h, size, err := v1.SHA256(bytes.NewReader(text))
	if err != nil {
		return v1.Descriptor{}, err
	}
	d := v1.Descriptor{MediaType: t, Size: size, Digest: h}
	return d, s.Put(ctx, d, text)
}
