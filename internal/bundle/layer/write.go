package layer

import (
	"archive/tar"
	"errors"
	"io"
	"path"
	"strings"
	"time"
)

// several returns what is known of a file with several names.
func (d *differ) several(f *found) *linked {
	if f.e == nil || f.e.kind != tar.TypeReg || f.st.Nlink < 2 {
		return nil
	}
	i := inode{f.st.Dev, f.st.Ino}
	l := d.links[i]
	if l == nil {
		l = &linked{}
		d.links[i] = l
	}
	return l
}

// note notes which files with several names changed under one of them.
func (d *differ) note(f *found, was *node) error {
	l := d.several(f)
	if l == nil || l.changed {
		return nil
	}
	differs, err := d.differs(f, was)
	l.changed = differs
	return err
}

// emit writes a name that is not as the layers have it.
func (d *differ) emit(f *found, was *node) error {
	if f.e == nil {
		return d.whiteout(f.path)
	}
	if f.e.kind == 0 {
		d.changes.Skipped = append(d.changes.Skipped, "/"+f.path)
		if was != nil {
			return d.whiteout(f.path)
		}
		return nil
	}
	l := d.several(f)
	changed := l != nil && l.changed
	if l == nil {
		var err error
		if changed, err = d.differs(f, was); err != nil {
			return err
		}
	}
	if !changed {
		return nil
	}
	if strings.HasPrefix(f.base, whiteoutPrefix) {
		return errReserved
	}
	// What was a directory hides what is below it; what becomes one does so by itself.
	h := f.header()
	switch {
	case l != nil && l.written != "":
		h.Typeflag, h.Linkname, h.Size = tar.TypeLink, l.written, 0
	case l != nil:
		l.written = f.path
	}
	d.changes.Written++
	if err := d.w.WriteHeader(h); err != nil {
		return err
	}
	if h.Typeflag != tar.TypeReg {
		return nil
	}
	return d.content(f)
}

// whiteout writes that a name is no more (image-spec, layer.md, "Whiteouts").
func (d *differ) whiteout(name string) error {
	dir, base := path.Split(name)
	d.changes.Removed++
	return d.w.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: dir + whiteoutPrefix + base, Mode: 0o600, ModTime: time.Unix(0, 0), Format: tar.FormatPAX})
}

func (f *found) header() *tar.Header {
	e := f.e
	h := &tar.Header{Typeflag: e.kind, Name: f.path, Linkname: e.link, Size: e.size, Mode: e.mode, Uid: e.uid, Gid: e.gid, ModTime: e.mtime,
		Devmajor: e.dev[0], Devminor: e.dev[1], Format: tar.FormatPAX}
	if e.kind == tar.TypeDir {
		h.Name += "/"
	}
	for name, value := range e.xattrs {
		if h.PAXRecords == nil {
			h.PAXRecords = map[string]string{}
		}
		h.PAXRecords[paxXattr+name] = value
	}
	return h
}

var errReserved = errors.New("a name that begins with " + whiteoutPrefix + " means something else in a layer")

var errShrunk = errors.New("it became shorter while it was read")

func (d *differ) content(f *found) error {
	file, err := f.open()
	if err != nil {
		return err
	}
	defer file.Close()
	n, err := io.Copy(d.w, io.LimitReader(file, f.e.size))
	if err == nil && n < f.e.size {
		err = errShrunk
	}
	return err
}
