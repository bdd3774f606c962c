package store

import (
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/creel-project/creel/internal/bundle/rootfs"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"golang.org/x/sys/unix"
)

// Garbage says what was removed, or would be.
type Garbage struct {
	Blobs, Partial, Layers, Uses, Scratch int

	Bytes int64 // of files
}

// Collect removes from the store in dir what no name and no bundle that exists refers to: blobs, what was fetched of
// blobs, unpacked layers, and the records of bundles that are gone. It waits until nobody else uses the store. With
// dry it only looks. A manifest that cannot be read is an error, and nothing is removed then.
func Collect(ctx context.Context, dir string, dry bool) (*Garbage, error) {
	if _, err := os.Stat(filepath.Join(dir, "oci-layout")); err != nil {
		return nil, fmt.Errorf("store %s: %w", dir, err)
	}
	s, err := open(ctx, dir, unix.LOCK_EX)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	c := &collector{Store: s, dry: dry, keep: map[string]bool{}}
	if err := c.collect(ctx); err != nil {
		return nil, fmt.Errorf("store %s: %w", dir, err)
	}
	return &c.garbage, nil
}

type collector struct {
	*Store
	dry     bool
	keep    map[string]bool // digests, and "layer KEY"
	garbage Garbage
}

func (c *collector) collect(ctx context.Context) error {
	names, err := c.Names()
	if err != nil {
		return err
	}
	if err := c.sweepScratch(); err != nil {
		return err
	}
	live, gone, err := c.uses()
	if err != nil {
		return err
	}
	for _, u := range live {
		if u.Image != nil {
			names = append(names, *u.Image)
		}
		for _, key := range u.Layers {
			c.keep["layer "+key] = true
		}
	}
	for _, d := range names {
		if err := c.mark(d, 0); err != nil {
			return err
		}
	}
	for _, u := range gone {
		c.garbage.Uses++
		if err := c.remove(c.usePath(u.ID)); err != nil {
			return err
		}
	}
	return c.sweep(ctx)
}

// maxDepth of indexes in indexes. More is no image.
const maxDepth = 8

// mark keeps a blob and what it refers to. Parts that were never fetched, as those of other platforms, are passed over.
func (c *collector) mark(d v1.Descriptor, depth int) error {
	if c.keep[d.Digest.String()] || !c.Has(d) {
		return nil
	}
	c.keep[d.Digest.String()] = true
	if !d.MediaType.IsIndex() && !d.MediaType.IsImage() {
		return nil
	}
	if depth == maxDepth {
		return fmt.Errorf("%s: it is an index in %d others", d.Digest, maxDepth)
	}
	text, err := c.Document(d)
	if err != nil {
		return err
	}
	var m struct {
		Manifests []v1.Descriptor `json:"manifests"`
		Config    *v1.Descriptor  `json:"config"`
		Layers    []v1.Descriptor `json:"layers"`
	}
	if err := json.Unmarshal(text, &m); err != nil {
		return fmt.Errorf("%s: %w", d.Digest, err)
	}
	if m.Config != nil {
		m.Layers = append(m.Layers, *m.Config)
	}
	for _, o := range append(m.Manifests, m.Layers...) {
		if err := c.mark(o, depth+1); err != nil {
			return err
		}
	}
	return nil
}

// sweep removes what is not marked.
func (c *collector) sweep(ctx context.Context) error {
	algorithms, err := os.ReadDir(filepath.Join(c.dir, "blobs"))
	if err != nil {
		return err
	}
	for _, a := range algorithms {
		err := c.each(ctx, filepath.Join("blobs", a.Name()), &c.garbage.Blobs, func(name string) bool {
			return c.keep[a.Name()+":"+name]
		})
		if err != nil {
			return err
		}
	}
	if err := c.each(ctx, "ingest", &c.garbage.Partial, func(string) bool { return false }); err != nil {
		return err
	}
	var locks int // beside them are locks of layers, and what is half made
	return c.each(ctx, "layers", &locks, func(name string) bool {
		if c.keep["layer "+name] {
			return true
		}
		if !strings.HasPrefix(name, ".") {
			c.garbage.Layers++
		}
		return false
	})
}

// each removes the entries of a directory that are not kept, and counts them.
func (c *collector) each(ctx context.Context, dir string, n *int, kept func(name string) bool) error {
	entries, err := os.ReadDir(filepath.Join(c.dir, dir))
	if err != nil {
		return err
	}
	for _, e := range entries {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if kept(e.Name()) {
			continue
		}
		*n++
		if err := c.remove(filepath.Join(c.dir, dir, e.Name())); err != nil {
			return err
		}
	}
	return nil
}

// remove counts the bytes of a file or tree, and removes it. What no path reaches, since an image made it so deep, is not counted.
func (c *collector) remove(path string) error {
	_ = filepath.WalkDir(path, func(_ string, e fs.DirEntry, err error) error {
		if err != nil {
			return nil
		}
		if info, err := e.Info(); err == nil && info.Mode().IsRegular() {
			c.garbage.Bytes += info.Size()
		}
		return nil
	})
	if c.dry {
		return nil
	}
	// A layer of which a part was removed has lost its name before.
	if dir, base := filepath.Split(path); base[0] != '.' {
		hidden := dir + "." + base + ".new"
		if err := os.Rename(path, hidden); err != nil {
			return err
		}
		path = hidden
	}
	return rootfs.Remove(path)
}
