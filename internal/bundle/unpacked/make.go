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

// Make makes the bundle dir of an image: its root filesystem, config.json, and image.json. It appears as a whole or
// not at all.
func Make(ctx context.Context, m *image.Image, dir string, o Options, s *store.Store) (*Result, error) {
	d, err := newDraft(dir)
	if err != nil {
		return nil, err
	}
	defer d.close()
	mark := &Marker{Name: m.Name, Source: m.Source, Descriptor: m.Descriptor, Rootless: o.Rootless}
	mark.Descriptor.Platform = m.Config.Platform()
	if !o.Shift.Empty() {
		mark.Shift = o.Shift.String()
	}
	r := &Result{}
	if o.Overlay {
		mark.Overlay, err = share(ctx, m, d.temp, o, s, r)
	} else {
		err = fillRoot(ctx, m, filepath.Join(d.temp, rootName), o, r)
	}
	if err != nil {
		return nil, fmt.Errorf("unpack %s: %w", m.Name, err)
	}
	mark.Unpacked = time.Now()
	if err := finish(ctx, m, d, o, s, mark, r); err != nil {
		return nil, err
	}
	return r, nil
}

// rootName is the directory of a bundle with the root filesystem.
const rootName = "rootfs"

// finish writes the files of a bundle whose root filesystem is there, and gives it its name.
func finish(ctx context.Context, m *image.Image, d *draft, o Options, s *store.Store, mark *Marker, r *Result) error {
	if err := writeConfig(m, d, o, mark, s, r); err != nil {
		return fmt.Errorf("config of %s: %w", m.Name, err)
	}
	if s != nil {
		use := &store.Use{Path: filepath.Join(d.final, store.Marker), Image: &m.Descriptor}
		if mark.Overlay != nil {
			use.Layers = mark.Overlay.Layers
		}
		if err := s.Record(use); err != nil {
			return fmt.Errorf("store %s: %w", s.Dir(), err)
		}
		mark.ID, mark.Store = use.ID, s.Dir()
	}
	text, err := json.MarshalIndent(mark, "", "\t")
	if err != nil {
		return err
	}
	if err = os.WriteFile(filepath.Join(d.temp, store.Marker), append(text, '\n'), 0o600); err == nil {
		if err = context.Cause(ctx); err == nil {
			err = d.commit()
		}
	}
	if err == nil && mark.Overlay != nil {
		if err = Mount(d.final); err != nil {
			removeTree(d.final)
		}
	}
	if err != nil && mark.ID != "" {
		s.Forget(mark.ID)
	}
	return err
}

// fillRoot makes the root filesystem.
func fillRoot(ctx context.Context, m *image.Image, dir string, o Options, r *Result) error {
	if err := os.Mkdir(dir, 0o755); err != nil {
		return err
	}
	if !o.Shift.Empty() {
		if err := os.Chown(dir, int(o.Shift.Root), int(o.Shift.Root)); err != nil {
			return err
		}
	}
	root, err := rootfs.Open(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	x := rootfs.New(root, rootfs.Options{Shift: o.Shift, Limits: o.Limits, Rootless: o.Rootless})
	if err := m.Extract(ctx, x, o.Show); err != nil {
		return err
	}
	r.Report = *x.Report()
	return nil
}

// writeConfig writes config.json, if creel would take it.
func writeConfig(m *image.Image, d *draft, o Options, mark *Marker, store *store.Store, r *Result) error {
	root, err := openRoot(d.temp, mark, store)
	if err != nil {
		return err
	}
	defer root.Close()
	s, warnings, err := Convert(m.Config, o.Process, o.Shift, o.Rootless, root.FD())
	if err != nil {
		return err
	}
	o.Network.Apply(s, o.Shift)
	if err := network.MakeFiles(d.temp, s); err != nil {
		return err
	}
	if mark.Overlay != nil {
		if err := unmountHook(s, d.final); err != nil {
			return err
		}
	}
	more, err := spec.Validate(s, d.temp)
	if err != nil {
		return err
	}
	r.Warnings = append(warnings, more...)
	text, err := spec.Render(s)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(d.temp, spec.ConfigName), append(text, '\n'), 0o644)
}

// openRoot opens the root filesystem of a bundle in the making; an overlay where nobody else sees it.
func openRoot(bundle string, mark *Marker, s *store.Store) (*rootfs.Root, error) {
	if mark.Overlay == nil {
		return rootfs.Open(filepath.Join(bundle, rootName))
	}
	mark.Store = s.Dir()
	return openOverlay(bundle, mark.layers())
}
