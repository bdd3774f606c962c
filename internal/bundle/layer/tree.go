// Package layer makes a layer of what differs between a root filesystem and the layers that it was unpacked from
// (image-spec 1.1, layer.md).
package layer

import (
	"archive/tar"
	"bufio"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"
	"time"

	"github.com/creel-project/creel/internal/bundle/bounded"
	"github.com/creel-project/creel/internal/bundle/rootfs"
)

// Tree is what layers hold when they are unpacked one onto another: names and attributes, and digests of contents.
type Tree struct {
	root  *node
	layer int
}

// node is a name in a directory. Hard links share an entry.
type node struct {
	*entry
	children map[string]*node
	layer    int // the last that made it or something in it
	emptied  int // the last that hid what lower ones have in it
}

type entry struct {
	kind     byte // a type flag of package tar; 0 for a directory that no layer describes
	mode     int64
	uid, gid int
	mtime    time.Time
	size     int64
	link     string
	dev      [2]int64
	xattrs   map[string]string
	sum      [sha256.Size]byte // of a regular file's content
}

// NewTree is an empty one.
func NewTree() *Tree { return &Tree{root: newDir()} }

func newDir() *node { return &node{entry: &entry{}, children: map[string]*node{}} }

func (n *node) isDir() bool { return n.children != nil }

const (
	whiteoutPrefix = ".wh."
	opaqueName     = ".wh..wh..opq"
	aufsPrefix     = ".wh..wh."
	paxXattr       = "SCHILY.xattr."
)

// Add adds an uncompressed layer on top, and reads it to its end.
func (t *Tree) Add(ctx context.Context, r io.Reader) error {
	t.layer++
	in := bufio.NewReaderSize(r, 64<<10)
	archive := tar.NewReader(in)
	for {
		h, err := archive.Next()
		if err == io.EOF {
			_, err = io.Copy(io.Discard, in)
			return err
		}
		if err == nil {
			err = context.Cause(ctx)
		}
		if err != nil {
			return err
		}
		if n := max(len(h.Name), len(h.Linkname)); n > rootfs.MaxName { // no such layer was unpacked
			return fmt.Errorf("a name of %d bytes; the longest has %d", n, rootfs.MaxName)
		}
		if err := t.add(h, bounded.By(ctx, archive)); err != nil {
			return fmt.Errorf("entry %q: %w", h.Name, err)
		}
	}
}

func (t *Tree) add(h *tar.Header, data io.Reader) error {
	if h.Typeflag == tar.TypeXGlobalHeader {
		return nil
	}
	name := path.Clean("/" + h.Name)
	if name == "/" {
		t.root.entry = describe(h)
		return nil
	}
	parent, base := path.Split(name)
	if base == opaqueName {
		if d := t.find(parent, false); d != nil {
			t.hide(d)
		}
		return nil
	}
	if strings.HasPrefix(base, aufsPrefix) || strings.Contains(parent, "/"+aufsPrefix) {
		return nil
	}
	if hidden, ok := strings.CutPrefix(base, whiteoutPrefix); ok {
		if d := t.find(parent, false); d != nil && d.children[hidden] != nil {
			if n := d.children[hidden]; n.layer != t.layer {
				delete(d.children, hidden)
			} else if n.isDir() {
				t.hide(n)
			}
		}
		return nil
	}
	d := t.find(parent, true)
	if d == nil || !d.isDir() {
		return errors.New("what it lies in is no directory")
	}
	return t.put(d, base, h, data)
}

// put makes an entry. A directory that is there keeps what is in it.
func (t *Tree) put(d *node, base string, h *tar.Header, data io.Reader) error {
	n := &node{layer: t.layer}
	switch h.Typeflag {
	case tar.TypeLink:
		target := t.find(path.Clean("/"+h.Linkname), false)
		if target == nil || target.isDir() {
			return fmt.Errorf("its target %q is not there", h.Linkname)
		}
		n.entry = target.entry
	case tar.TypeDir:
		n.entry, n.children = describe(h), map[string]*node{}
		if old := d.children[base]; old != nil && old.isDir() {
			n.children = old.children
		}
	default:
		n.entry = describe(h)
		if n.kind == tar.TypeReg {
			sum := sha256.New()
			if _, err := io.Copy(sum, data); err != nil {
				return err
			}
			sum.Sum(n.sum[:0])
		}
	}
	d.children[base] = n
	return nil
}

func describe(h *tar.Header) *entry {
	e := &entry{kind: h.Typeflag, mode: h.Mode & 0o7777, uid: h.Uid, gid: h.Gid, mtime: h.ModTime, size: h.Size, link: h.Linkname,
		dev: [2]int64{h.Devmajor, h.Devminor}}
	switch h.Typeflag {
	case tar.TypeGNUSparse, tar.TypeCont:
		e.kind = tar.TypeReg
	}
	for record, value := range h.PAXRecords {
		if name, ok := strings.CutPrefix(record, paxXattr); ok && kept(name) {
			if e.xattrs == nil {
				e.xattrs = map[string]string{}
			}
			e.xattrs[name] = value
		}
	}
	return e
}

// kept says whether an attribute is a part of images, and not the host's or a file system's own.
func kept(name string) bool {
	for _, p := range []string{"trusted.overlay.", "user.overlay.", "security.selinux", "security.SMACK64", "security.ima", "security.evm"} {
		if strings.HasPrefix(name, p) {
			return false
		}
	}
	return true
}

// hide removes what this layer did not make, once.
func (t *Tree) hide(d *node) {
	if d.emptied == t.layer {
		return
	}
	d.emptied = t.layer
	for name, n := range d.children {
		if n.layer != t.layer {
			delete(d.children, name)
		} else if n.isDir() {
			t.hide(n)
		}
	}
}

// maxLinks that are followed on a way, as the kernel has it (path_resolution(7)).
const maxLinks = 40

// find returns what a path leads to, through links as in a root of its own. With create missing directories are made on
// the way, and all of it counts as this layer's.
func (t *Tree) find(name string, create bool) *node {
	rest := strings.Split(strings.Trim(name, "/"), "/")
	way := []*node{t.root}
	for links := 0; len(rest) > 0; {
		word := rest[0]
		rest = rest[1:]
		at := way[len(way)-1]
		switch word {
		case "", ".":
			continue
		case "..":
			way = way[:max(len(way)-1, 1)]
			continue
		}
		if !at.isDir() {
			return nil
		}
		next := at.children[word]
		if next == nil && create {
			next = newDir()
			at.children[word] = next
		}
		if next == nil {
			return nil
		}
		if next.kind == tar.TypeSymlink && (create || len(rest) > 0) {
			if links++; links > maxLinks {
				return nil
			}
			if strings.HasPrefix(next.link, "/") {
				way = way[:1]
			}
			rest = append(strings.Split(next.link, "/"), rest...)
			continue
		}
		way = append(way, next)
	}
	if create {
		for _, n := range way {
			n.layer = t.layer
		}
	}
	return way[len(way)-1]
}
