package rootfs

import (
	"archive/tar"
	"errors"
	"io"
	"strings"

	"golang.org/x/sys/unix"
)

// Names of image-spec, layer.md, "Whiteouts" and "Opaque Whiteout".
const (
	whiteoutPrefix = ".wh."
	opaqueName     = ".wh..wh..opq"
	aufsPrefix     = ".wh..wh." // what AUFS kept for itself, in old images
)

// layerEntry unpacks an entry, or does what a whiteout says.
func (x *Extractor) layerEntry(h *tar.Header, data io.Reader) error {
	if h.Typeflag == tar.TypeXGlobalHeader {
		return nil
	}
	parent, base, err := split(h.Name)
	if err != nil {
		return err
	}
	if !strings.Contains(h.Name, whiteoutPrefix) {
		return x.unpack(h, parent, base, data)
	}
	switch {
	case base == opaqueName:
		return x.opaque(parent)
	case ofAUFS(parent) || strings.HasPrefix(base, aufsPrefix):
		x.report.leaveOut(h.Name, "metadata of AUFS", "it is no part of the root")
		return nil
	case !strings.HasPrefix(base, whiteoutPrefix):
		return x.unpack(h, parent, base, data)
	}
	hidden := base[len(whiteoutPrefix):]
	if hidden == "" || hidden == "." || hidden == ".." {
		return errors.New("a whiteout of no name")
	}
	return x.whiteout(parent, hidden)
}

func ofAUFS(parent string) bool {
	return strings.HasPrefix(parent, aufsPrefix) || strings.Contains(parent, "/"+aufsPrefix)
}

// whiteout hides what lower layers have under a name, and nothing of this layer.
func (x *Extractor) whiteout(parent, base string) error {
	if x.o.Whiteouts == Overlay {
		d, err := x.parent(parent)
		if err != nil {
			return err
		}
		return x.overlayWhiteout(d, base)
	}
	if x.made == nil {
		return nil // there is nothing below
	}
	d, err := x.lookUp(parent)
	if err != nil {
		return gone(err) // then the name is not there either
	}
	if x.made.have(join(d.real, base)) {
		if _, link := linkAt(d.fd, base); link {
			return nil
		}
		return x.opaque(join(parent, base))
	}
	x.closeOthers(d)
	return removeAt(d.fd, base)
}

// opaque hides all that lower layers have in a directory.
func (x *Extractor) opaque(name string) error {
	if x.o.Whiteouts == Overlay {
		d, err := x.parent(name)
		if err != nil {
			return err
		}
		return x.setOpaque(d.fd, ".")
	}
	if x.made == nil {
		return nil
	}
	d, err := x.lookUp(name)
	if err != nil {
		return gone(err)
	}
	x.closeOthers(d)
	return x.empty(d.fd, d.real)
}

// empty removes what this layer did not make. A directory that it made can hold more of lower layers. What is empty of them
// stays so until the next layer: each is looked through once, however often a layer says so.
func (x *Extractor) empty(fd int, real string) error {
	if !x.emptied.add(real) {
		return nil
	}
	names, err := readNames(fd)
	if err != nil {
		return err
	}
	for _, name := range names {
		at := join(real, name)
		if !x.made.have(at) {
			if err := removeAt(fd, name); err != nil {
				return err
			}
			continue
		}
		sub, err := unix.Openat(fd, name, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
		if err == unix.ENOTDIR || err == unix.ELOOP {
			continue
		}
		if err == nil {
			err = x.empty(sub, at)
			unix.Close(sub)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// gone takes an error of looking up for the answer that there is no such directory.
func gone(err error) error {
	if err == unix.ENOENT || err == unix.ENOTDIR || err == unix.ELOOP {
		return nil
	}
	return err
}

// remember notes what this layer makes, with the directories that it lies in: a whiteout may come after it.
func (x *Extractor) remember(d *dir, base string) {
	if x.made == nil {
		return
	}
	x.made.add(join(d.real, base))
	for up := d.real; up != "" && x.made.add(up); {
		i := strings.LastIndexByte(up, '/')
		up = up[:max(i, 0)]
	}
}

// overlayWhiteout makes what overlayfs reads as a whiteout. mknod(2) lets everybody make it (Linux 5.8). A directory of this
// layer hides those below by being opaque, any other file by itself.
func (x *Extractor) overlayWhiteout(d *dir, base string) error {
	err := unix.Mknodat(d.fd, base, unix.S_IFCHR, 0)
	if err != unix.EEXIST {
		return err
	}
	err = x.setOpaque(d.fd, base)
	if err == unix.ENOTDIR || err == unix.ELOOP {
		return nil
	}
	return err
}

// setOpaque tells overlayfs not to look below a directory.
func (x *Extractor) setOpaque(fd int, name string) error {
	own, err := unix.Openat(fd, name, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(own)
	if !x.o.Rootless {
		if err := unix.Fsetxattr(own, "trusted.overlay.opaque", []byte("y"), 0); err != unix.EPERM {
			return err
		}
	}
	return unix.Fsetxattr(own, "user.overlay.opaque", []byte("y"), 0)
}
