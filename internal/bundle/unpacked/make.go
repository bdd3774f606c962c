// Package unpacked makes bundles of images (image-spec 1.1), mounts those that share their layers, and makes a layer of
// what changed in one.
package unpacked

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/creel-project/creel/internal/bundle/image"
	"github.com/creel-project/creel/internal/bundle/network"
	"github.com/creel-project/creel/internal/bundle/progress"
	"github.com/creel-project/creel/internal/bundle/rootfs"
	"github.com/creel-project/creel/internal/bundle/store"
	"github.com/creel-project/creel/internal/bundle/userns"
	"github.com/creel-project/creel/spec"
)

// Options say what bundle is made of an image.
type Options struct {
	Process
	Shift    userns.Range
	Rootless bool
	Overlay  bool // mount unpacked layers of the store instead of copying them
	Network  network.Choice
	Limits   rootfs.Limits
	Show     *progress.Display
}

// Result is what there is to say about a bundle that was made.
type Result struct {
	Warnings []string
	Report   rootfs.Report
}

// making is a bundle that is being made.
type making struct {
	*draft
	Options
	from  *image.Image
	store *store.Store // nil for none
	mark  Marker
	Result
}

// Make makes the bundle dir of an image: its root filesystem, config.json, and image.json. It appears as a whole or
// not at all. The store has the layers of an overlay, and records who uses it; without one s is nil.
func Make(ctx context.Context, m *image.Image, dir string, o Options, s *store.Store) (*Result, error) {
	d, err := newDraft(dir)
	if err != nil {
		return nil, err
	}
	defer d.close()
	k := &making{draft: d, Options: o, from: m, store: s,
		mark: Marker{Name: m.Name, Source: m.Source, Descriptor: m.Descriptor, Rootless: o.Rootless}}
	k.mark.Descriptor.Platform = m.Config.Platform()
	if !o.Shift.Empty() {
		k.mark.Shift = o.Shift.String()
	}
	if o.Overlay {
		err = k.share(ctx)
	} else {
		err = k.fillRoot(ctx)
	}
	if err != nil {
		return nil, fmt.Errorf("unpack %s: %w", m.Name, err)
	}
	k.mark.Unpacked = time.Now()
	if err := k.finish(ctx); err != nil {
		return nil, err
	}
	return &k.Result, nil
}

// rootName is the directory of a bundle with the root filesystem.
const rootName = "rootfs"

// finish writes the files of a bundle whose root filesystem is there, and gives it its name.
func (k *making) finish(ctx context.Context) error {
	if err := k.writeConfig(); err != nil {
		return fmt.Errorf("config of %s: %w", k.from.Name, err)
	}
	if err := k.record(); err != nil {
		return err
	}
	err := k.writeMarker()
	if err == nil {
		err = context.Cause(ctx)
	}
	if err == nil {
		err = k.commit()
	}
	if err == nil && k.mark.Overlay != nil {
		if err = Mount(k.final); err != nil {
			rootfs.Remove(k.final)
		}
	}
	if err != nil && k.mark.ID != "" {
		k.store.Forget(k.mark.ID)
	}
	return err
}

// record makes the store keep what the bundle is made of.
func (k *making) record() error {
	if k.store == nil {
		return nil
	}
	use := &store.Use{Path: filepath.Join(k.final, store.Marker), Image: &k.from.Descriptor}
	if k.mark.Overlay != nil {
		use.Layers = k.mark.Overlay.Layers
	}
	if err := k.store.Record(use); err != nil {
		return fmt.Errorf("store %s: %w", k.store.Dir(), err)
	}
	k.mark.ID, k.mark.Store = use.ID, k.store.Dir()
	return nil
}

func (k *making) writeMarker() error {
	text, err := json.MarshalIndent(&k.mark, "", "\t")
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(k.temp, store.Marker), append(text, '\n'), 0o600)
}

// fillRoot makes the root filesystem.
func (k *making) fillRoot(ctx context.Context) error {
	dir := filepath.Join(k.temp, rootName)
	if err := os.Mkdir(dir, 0o755); err != nil {
		return err
	}
	if !k.Shift.Empty() {
		if err := os.Chown(dir, int(k.Shift.Root), int(k.Shift.Root)); err != nil {
			return err
		}
	}
	root, err := rootfs.Open(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	x := rootfs.New(root, rootfs.Options{Shift: k.Shift, Limits: k.Limits, Rootless: k.Rootless})
	if err := k.from.Extract(ctx, x, k.Show); err != nil {
		return err
	}
	k.Report.Add(x.Report())
	return nil
}

// writeConfig writes config.json, if creel would take it.
func (k *making) writeConfig() error {
	root, err := k.openRoot()
	if err != nil {
		return err
	}
	defer root.Close()
	s, warnings, err := Convert(k.from.Config, k.Process, k.Shift, k.Rootless, root.FD())
	if err != nil {
		return err
	}
	k.Network.Apply(s, k.Shift)
	if err := network.MakeFiles(k.temp, s); err != nil {
		return err
	}
	if k.mark.Overlay != nil {
		if err := unmountHook(s, k.final); err != nil {
			return err
		}
	}
	more, err := spec.Validate(s, k.temp)
	if err != nil {
		return err
	}
	k.Warnings = append(warnings, more...)
	text, err := spec.Render(s)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(k.temp, spec.ConfigName), append(text, '\n'), 0o644)
}

// openRoot opens the root filesystem of a bundle in the making; an overlay where nobody else sees it.
func (k *making) openRoot() (*rootfs.Root, error) {
	if k.mark.Overlay == nil {
		return rootfs.Open(filepath.Join(k.temp, rootName))
	}
	return openOverlay(k.temp, k.mark.layers())
}
