package layer

import (
	"archive/tar"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/creel-project/creel/internal/bundle/regular"
	"github.com/creel-project/creel/internal/bundle/rootfs"
	"github.com/creel-project/creel/internal/bundle/userns"
	"github.com/creel-project/creel/internal/bundle/xattrid"
	"golang.org/x/sys/unix"
)

// Options say how a root filesystem was unpacked.
type Options struct {
	Shift    userns.Range
	Rootless bool // owners and devices are not as the layers have them
	// Unpacked is when it was. What was not touched since (ctime) has the content of the layers; other files are read.
	Unpacked time.Time
}

// Changes counts what a layer has.
type Changes struct {
	Written, Removed int
	Skipped          []string // sockets, which no archive can hold
}

// Write writes to w the layer that makes what rootFD holds of what the layers in t hold. Nothing is written, not even the
// end of an archive, if there is no difference.
func Write(ctx context.Context, w io.Writer, t *Tree, rootFD int, o Options) (*Changes, error) {
	d := &differ{ctx: ctx, o: o, w: tar.NewWriter(w), links: map[inode]*linked{}}
	// First all names of changed files with several names, so that none of them stays behind.
	for _, do := range []func(*found, *node) error{d.note, d.emit} {
		fd, err := unix.Openat2(rootFD, ".", &unix.OpenHow{Flags: unix.O_RDONLY | unix.O_DIRECTORY | unix.O_CLOEXEC, Resolve: unix.RESOLVE_IN_ROOT})
		if err != nil {
			return nil, err
		}
		if err := d.directory(fd, "", t.root, do); err != nil {
			return nil, err
		}
	}
	if d.changes.Written+d.changes.Removed == 0 {
		return &d.changes, nil
	}
	return &d.changes, d.w.Close()
}

type inode struct{ dev, ino uint64 }

// linked is a file with several names.
type linked struct {
	changed bool
	written string // under this name
}

type differ struct {
	ctx     context.Context
	o       Options
	w       *tar.Writer
	links   map[inode]*linked
	changes Changes
}

// found is a name in the root filesystem.
type found struct {
	dir  int // its directory
	base string
	path string
	st   unix.Stat_t
	e    *entry
}

// directory hands each name of an open directory, and those below, to do, and closes it. was is what the layers have
// there, if they have a directory.
func (d *differ) directory(fd int, at string, was *node, do func(f *found, was *node) error) error {
	defer unix.Close(fd)
	if err := context.Cause(d.ctx); err != nil {
		return err
	}
	names, err := list(fd)
	if err != nil {
		return fmt.Errorf("/%s: %w", at, err)
	}
	for _, base := range names {
		f := &found{dir: fd, base: base, path: path.Join(at, base)}
		if len(f.path) > rootfs.MaxName { // nothing unpacks it, and the names of a deep tree are many times as long
			return fmt.Errorf("/%.100s…: a name of %d bytes; the longest has %d", f.path, len(f.path), rootfs.MaxName)
		}
		if err := d.one(f, was, do); err != nil {
			return fmt.Errorf("/%s: %w", f.path, err)
		}
	}
	if was == nil {
		return nil
	}
	for _, base := range slices.Sorted(maps.Keys(was.children)) {
		if _, there := slices.BinarySearch(names, base); !there && !d.leftOut(was.children[base]) {
			if err := do(&found{path: path.Join(at, base)}, was.children[base]); err != nil {
				return err
			}
		}
	}
	return nil
}

func (d *differ) one(f *found, parent *node, do func(*found, *node) error) error {
	if err := unix.Fstatat(f.dir, f.base, &f.st, unix.AT_SYMLINK_NOFOLLOW); err != nil {
		return err
	}
	var was *node
	if parent != nil {
		was = parent.children[f.base]
	}
	var err error
	if f.e, err = d.describe(f); err != nil {
		return err
	}
	if err := do(f, was); err != nil || f.e.kind != tar.TypeDir {
		return err
	}
	fd, err := unix.Openat(f.dir, f.base, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
	if err != nil {
		return err
	}
	if was != nil && !was.isDir() {
		was = nil
	}
	return d.directory(fd, f.path, was, do)
}

// leftOut says whether unpacking left an entry out.
func (d *differ) leftOut(n *node) bool {
	return d.o.Rootless && (n.kind == tar.TypeChar || n.kind == tar.TypeBlock)
}

func list(fd int) ([]string, error) {
	dup, err := unix.Openat(fd, ".", unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	f := os.NewFile(uintptr(dup), "")
	defer f.Close()
	names, err := f.Readdirnames(-1)
	slices.Sort(names)
	return names, err
}

// describe reads what a layer would say of a name, but not the content.
func (d *differ) describe(f *found) (*entry, error) {
	st := &f.st
	e := &entry{mode: int64(st.Mode & 0o7777), mtime: time.Unix(st.Mtim.Unix())}
	uid, ok1 := d.o.Shift.Container(st.Uid)
	gid, ok2 := d.o.Shift.Container(st.Gid)
	if !ok1 || !ok2 {
		return nil, fmt.Errorf("its owner %d:%d is none of the user namespace %v", st.Uid, st.Gid, d.o.Shift)
	}
	if !d.o.Rootless {
		e.uid, e.gid = int(uid), int(gid)
	}
	switch st.Mode & unix.S_IFMT {
	case unix.S_IFREG:
		e.kind, e.size = tar.TypeReg, st.Size
	case unix.S_IFDIR:
		e.kind = tar.TypeDir
	case unix.S_IFIFO:
		e.kind = tar.TypeFifo
	case unix.S_IFCHR, unix.S_IFBLK:
		e.kind = tar.TypeChar
		if st.Mode&unix.S_IFMT == unix.S_IFBLK {
			e.kind = tar.TypeBlock
		}
		e.dev = [2]int64{int64(unix.Major(st.Rdev)), int64(unix.Minor(st.Rdev))}
	case unix.S_IFLNK:
		e.kind, e.mode = tar.TypeSymlink, 0o777
		buf := make([]byte, unix.PathMax)
		n, err := unix.Readlinkat(f.dir, f.base, buf)
		if err != nil {
			return nil, err
		}
		e.link = string(buf[:n])
	default:
		return e, nil // a socket: no archive has a type for it
	}
	var err error
	e.xattrs, err = d.xattrs(f)
	return e, err
}

// xattrs reads the attributes of a name, with the ids of the container.
func (d *differ) xattrs(f *found) (map[string]string, error) {
	if f.st.Mode&unix.S_IFMT == unix.S_IFLNK {
		return nil, nil // user attributes are not for links, and others no image has
	}
	// No call takes a directory and a name for them and follows no link (before Linux 6.13).
	fd, err := unix.Openat(f.dir, f.base, unix.O_PATH|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	defer unix.Close(fd)
	at := fmt.Sprintf("/proc/self/fd/%d", fd)
	buf := make([]byte, 64<<10) // XATTR_LIST_MAX, XATTR_SIZE_MAX
	n, err := unix.Listxattr(at, buf)
	if err != nil || n == 0 {
		if err == unix.EOPNOTSUPP {
			err = nil
		}
		return nil, err
	}
	m := map[string]string{}
	for _, name := range strings.Split(strings.TrimSuffix(string(buf[:n]), "\x00"), "\x00") {
		if !kept(name) {
			continue
		}
		value := make([]byte, 64<<10)
		n, err := unix.Getxattr(at, name, value)
		if err != nil {
			return nil, fmt.Errorf("attribute %s: %w", name, err)
		}
		if value, err = d.unshift(name, value[:n]); err != nil {
			return nil, fmt.Errorf("attribute %s: %w", name, err)
		}
		m[name] = string(value)
	}
	return m, nil
}

func (d *differ) unshift(name string, value []byte) ([]byte, error) {
	if d.o.Shift.Empty() {
		return value, nil
	}
	back := func(id uint32) (uint32, error) {
		inside, ok := d.o.Shift.Container(id)
		if !ok {
			return 0, fmt.Errorf("id %d is none of the user namespace %v", id, d.o.Shift)
		}
		return inside, nil
	}
	switch name {
	case xattrid.AccessACL, xattrid.DefaultACL:
		return xattrid.ACL(value, back, back)
	case xattrid.Capability:
		return xattrid.Capabilities(value, back)
	}
	return value, nil
}

// differs says whether a name is not what the layers have there.
func (d *differ) differs(f *found, was *node) (bool, error) {
	if was == nil {
		return true, nil
	}
	e, o := f.e, was.entry
	if e.kind == tar.TypeDir && was.isDir() && o.kind == 0 {
		return e.mode != 0o755 || e.uid != 0 || e.gid != 0 || len(e.xattrs) > 0, nil
	}
	same := e.kind == o.kind && e.link == o.link && e.dev == o.dev && e.size == o.size && maps.Equal(e.xattrs, o.xattrs) &&
		(e.mode == o.mode || e.kind == tar.TypeSymlink) && (d.o.Rootless || e.uid == o.uid && e.gid == o.gid) &&
		(e.mtime.Equal(o.mtime) || e.kind == tar.TypeDir || e.mtime.Unix() == 0 && o.mtime.IsZero())
	if !same || e.kind != tar.TypeReg || d.untouched(f) {
		return !same, nil
	}
	sum, err := f.sum()
	return sum != o.sum, err
}

// untouched says that nothing was written since it was unpacked. Clocks of file systems tick slower than ours.
func (d *differ) untouched(f *found) bool {
	return time.Unix(f.st.Ctim.Unix()).Before(d.o.Unpacked.Add(-time.Second))
}

var errReplaced = errors.New("it was replaced while it was read")

func (f *found) open() (*os.File, error) {
	fd, err := unix.Openat(f.dir, f.base, regular.Flags|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	file, err := regular.Only(os.NewFile(uintptr(fd), f.path), nil)
	if err == regular.ErrNot { // any more
		err = errReplaced
	}
	return file, err
}

func (f *found) sum() (sum [sha256.Size]byte, err error) {
	file, err := f.open()
	if err != nil {
		return sum, err
	}
	defer file.Close()
	h := sha256.New()
	_, err = io.Copy(h, file)
	h.Sum(sum[:0])
	return sum, err
}
