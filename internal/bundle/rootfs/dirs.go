package rootfs

import (
	"errors"
	"fmt"
	"path"
	"strings"

	"golang.org/x/sys/unix"
)

// maxOpen is how many directories stay open. Archives have them in order, so that few are enough.
const maxOpen = 128

// A dir is an open directory in the root.
type dir struct {
	fd   int
	real string // its place in the root, without links; "" for the root itself
}

// parent opens the directory of an entry. Links in its name are followed as in a container, and what is not there is
// made, with mode 0755 and root as its owner.
func (x *Extractor) parent(name string) (*dir, error) { return x.directory(name, 0) }

// links is how many dangling links may lead to one name, as in path_resolution(7).
const links = 40

func (x *Extractor) directory(name string, depth int) (*dir, error) {
	if d := x.open[name]; d != nil {
		return d, nil
	}
	d, err := x.lookUp(name)
	if err == unix.ENOENT || err == unix.ENOTDIR || err == unix.ELOOP {
		if err = x.makeAll(name, depth); err == nil {
			d, err = x.lookUp(name)
		}
	}
	if err != nil {
		var made *dirError
		if errors.As(err, &made) {
			return nil, err
		}
		return nil, &dirError{name, err}
	}
	return d, nil
}

// A dirError names the directory that an entry could not have.
type dirError struct {
	name string
	err  error
}

func (e *dirError) Error() string { return fmt.Sprintf("directory %q: %v", e.name, e.err) }
func (e *dirError) Unwrap() error { return e.err }

// lookUp opens a directory that is there.
func (x *Extractor) lookUp(name string) (*dir, error) {
	if d := x.open[name]; d != nil {
		return d, nil
	}
	at := name
	if at == "" {
		at = "."
	}
	const flags = unix.O_RDONLY | unix.O_DIRECTORY
	d := &dir{real: name}
	var err error
	if d.fd, err = open2(x.root.fd, at, flags, inRoot|unix.RESOLVE_NO_SYMLINKS); err == unix.ELOOP {
		if d.fd, err = open2(x.root.fd, at, flags, inRoot); err == nil {
			d.real = x.realName(d.fd, name)
		}
	}
	if err != nil {
		return nil, err
	}
	if err := x.keepTimes(d); err != nil {
		unix.Close(d.fd)
		return nil, err
	}
	x.open[name] = d
	return d, nil
}

// realName is where a directory lies in the root, as the kernel names it. It is used as a key, never to open anything
// but what is looked up in the root again.
func (x *Extractor) realName(fd int, name string) string {
	top, err := readlink(fdPath(x.root.fd))
	if err != nil {
		return name
	}
	full, err := readlink(fdPath(fd))
	if err != nil {
		return name
	}
	if full == top {
		return ""
	}
	real, ok := strings.CutPrefix(full, strings.TrimSuffix(top, "/")+"/")
	if !ok {
		return name
	}
	return real
}

func readlink(name string) (string, error) {
	buf := make([]byte, unix.PathMax)
	n, err := unix.Readlink(name, buf)
	return string(buf[:max(n, 0)]), err
}

// makeAll makes a directory that is not there, and the one that it lies in. A file in its place belongs to a lower layer,
// or the archive contradicts itself: what comes last counts.
func (x *Extractor) makeAll(name string, depth int) error {
	if depth == links {
		return &dirError{name, unix.ELOOP}
	}
	up, base, err := split(name)
	if err != nil {
		return err
	}
	if base == "" {
		return unix.ENOENT
	}
	d, err := x.directory(up, depth)
	if err != nil {
		return err
	}
	if target, ok := linkAt(d.fd, base); ok {
		return x.makeTarget(d, target, depth)
	}
	return x.makeImplied(d, base)
}

// makeTarget makes what a dangling link points to, so that it dangles no more.
func (x *Extractor) makeTarget(d *dir, target string, depth int) error {
	if !strings.HasPrefix(target, "/") {
		target = "/" + join(d.real, target)
	}
	_, err := x.directory(strings.TrimPrefix(path.Clean(target), "/"), depth+1)
	return err
}

// linkAt reads a symbolic link.
func linkAt(fd int, name string) (target string, ok bool) {
	buf := make([]byte, unix.PathMax)
	n, err := unix.Readlinkat(fd, name, buf)
	return string(buf[:max(n, 0)]), err == nil
}

// closeDirs forgets all open directories: there are too many, or what their names lead to has changed.
func (x *Extractor) closeDirs() {
	for _, d := range x.open {
		unix.Close(d.fd)
	}
	clear(x.open)
}
