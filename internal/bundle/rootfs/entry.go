package rootfs

import (
	"archive/tar"
	"fmt"
	"io"

	"golang.org/x/sys/unix"
)

// unpack makes what an entry describes under the name base in the directory parent, in the place of what is there.
func (x *Extractor) unpack(h *tar.Header, parent, base string, data io.Reader) error {
	if base == "" {
		return x.rootEntry(h)
	}
	at, err := x.attributes(h)
	if err != nil {
		return err
	}
	d, err := x.parent(parent)
	if err != nil {
		return err
	}
	x.remember(d, base)
	switch h.Typeflag {
	case tar.TypeReg, tar.TypeGNUSparse, tar.TypeCont:
		return x.file(d, base, h, at, data)
	case tar.TypeDir:
		return x.dirEntry(d, base, join(parent, base), at)
	case tar.TypeSymlink:
		return x.make(d, base, at, func() error { return unix.Symlinkat(h.Linkname, d.fd, base) })
	case tar.TypeLink:
		return x.hardLink(d, base, h.Linkname)
	case tar.TypeFifo:
		return x.make(d, base, at, func() error { return unix.Mknodat(d.fd, base, unix.S_IFIFO|at.mode, 0) })
	case tar.TypeChar:
		return x.device(d, base, h, at, unix.S_IFCHR)
	case tar.TypeBlock:
		return x.device(d, base, h, at, unix.S_IFBLK)
	}
	return fmt.Errorf("it is of the type %q, which is unknown", h.Typeflag)
}

// rootEntry gives the root itself what the archive says of it.
func (x *Extractor) rootEntry(h *tar.Header) error {
	if h.Typeflag != tar.TypeDir {
		return fmt.Errorf("the root as an entry of the type %q: it is a directory", h.Typeflag)
	}
	at, err := x.attributes(h)
	if err != nil {
		return err
	}
	d, err := x.parent("")
	if err != nil {
		return err
	}
	x.rootSet = true
	return x.finishDir(d, at, true)
}

// create runs make, which makes a name that must not be there, and again when what was there is removed.
func (x *Extractor) create(d *dir, base string, make func() error) error {
	err := make()
	for try := 0; err == unix.EEXIST && try < 10; try++ { // who else writes here may make it again
		if err := x.clear(d, base); err != nil {
			return err
		}
		err = make()
	}
	return err
}

// clear removes what has a name that is needed.
func (x *Extractor) clear(d *dir, base string) error {
	err := unix.Unlinkat(d.fd, base, 0)
	if err == nil { // perhaps a link, through which a directory was found
		x.closeOthers(d)
		return nil
	}
	if err != unix.EISDIR {
		return ignore(err, unix.ENOENT)
	}
	x.closeOthers(d)
	return removeAt(d.fd, base)
}

// closeOthers forgets all open directories but one, which is in use.
func (x *Extractor) closeOthers(d *dir) {
	for name, other := range x.open {
		if other != d {
			unix.Close(other.fd)
			delete(x.open, name)
		}
	}
}

// hardLink makes a second name of what is in the root. A link is not followed, as in tar(1).
func (x *Extractor) hardLink(d *dir, base, target string) error {
	up, name, err := splitLink(target)
	if err != nil {
		return err
	}
	from, err := x.lookUp(up)
	if err != nil {
		return fmt.Errorf("hard link to %q: %w", target, err)
	}
	var old, now unix.Stat_t
	if err := unix.Fstatat(from.fd, name, &old, unix.AT_SYMLINK_NOFOLLOW); err != nil {
		return fmt.Errorf("hard link to %q: %w", target, err)
	}
	if old.Mode&unix.S_IFMT == unix.S_IFDIR {
		return fmt.Errorf("hard link to %q: %w", target, unix.EISDIR)
	}
	err = unix.Fstatat(d.fd, base, &now, unix.AT_SYMLINK_NOFOLLOW)
	if err == nil && now.Dev == old.Dev && now.Ino == old.Ino {
		return nil // to remove it could remove what it is linked to
	}
	// The target may lie in the directory that base is: then it goes with it, and linkat tells.
	fd, err := unix.FcntlInt(uintptr(from.fd), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	err = x.create(d, base, func() error { return unix.Linkat(fd, name, d.fd, base, 0) })
	if err != nil {
		return fmt.Errorf("hard link to %q: %w", target, err)
	}
	return nil
}

// device makes a device node, where the caller may do that.
func (x *Extractor) device(d *dir, base string, h *tar.Header, at *attrs, kind uint32) error {
	dev := unix.Mkdev(uint32(h.Devmajor), uint32(h.Devminor))
	err := x.make(d, base, at, func() error { return unix.Mknodat(d.fd, base, kind|at.mode, int(dev)) })
	if err == unix.EPERM {
		x.report.leaveOut(h.Name, fmt.Sprintf("device node %d:%d", h.Devmajor, h.Devminor), "it may not be made here: mknod(2) wants the capability CAP_MKNOD of the host")
		return nil
	}
	return err
}
