package unpacked

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/creel-project/creel/internal/bundle/image"
	"github.com/creel-project/creel/internal/bundle/store"
	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// Marker is the content of the file image.json of a bundle: what it was made of.
type Marker struct {
	ID         string        `json:"id,omitempty"` // of the store's record, if there is one
	Store      string        `json:"store,omitempty"`
	Name       string        `json:"name"`
	Source     string        `json:"source"` // of the image, see image.Image
	Descriptor v1.Descriptor `json:"descriptor"`
	Shift      string        `json:"userns,omitempty"`
	Rootless   bool          `json:"rootless,omitempty"`
	Unpacked   time.Time     `json:"unpacked"` // no earlier than the last change of the unpacking
	Overlay    *Overlay      `json:"overlay,omitempty"`
}

// Overlay says what the root filesystem of a bundle is mounted of.
type Overlay struct {
	Layers []string `json:"layers"` // of the store, the lowest first
}

// ReadMarker reads what a bundle was made of.
func ReadMarker(bundle string) (*Marker, error) {
	path := filepath.Join(bundle, store.Marker)
	root, err := os.OpenRoot(bundle)
	if err != nil {
		return nil, fmt.Errorf("bundle: %w", err)
	}
	defer root.Close()
	f, _, err := image.OpenRegular(root, store.Marker)
	if err != nil {
		return nil, fmt.Errorf("bundle %s: it was not made of an image: %w", bundle, err)
	}
	defer f.Close()
	m := new(Marker)
	if err := json.NewDecoder(f).Decode(m); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return m, nil
}

// layers are the directories of the store that a bundle mounts, the topmost first.
func (m *Marker) layers() (lower []string) {
	for _, key := range slices.Backward(m.Overlay.Layers) {
		lower = append(lower, filepath.Join(m.Store, "layers", filepath.Base(key), upperName))
	}
	return lower
}
