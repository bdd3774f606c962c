package rootfs

import (
	"fmt"
	"slices"

	"golang.org/x/sys/unix"
)

// A final is what a directory gets at the end. Until then its owner may write in it, its time changes with each name in
// it, and what is made in it would inherit its default ACL.
type final struct {
	times [2]unix.Timespec
	mode  uint32
	chmod bool
	acl   []byte // default ACL
	entry string // whose it is
}

func (f *final) size() int64 { return int64(len(f.acl) + len(f.entry)) }

// dirEntry makes a directory, or takes one that is there with all that is in it.
func (x *Extractor) dirEntry(d *dir, base, name string, at *attrs) error {
	isNew, err := x.mkdir(d, base, at.mode&0o777|0o700)
	if err != nil {
		return err
	}
	own := &dir{real: join(d.real, base)}
	if own.fd, err = unix.Openat(d.fd, base, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0); err != nil {
		return err
	}
	if old := x.open[name]; old != nil {
		unix.Close(old.fd)
	}
	x.open[name] = own
	return x.finishDir(own, at, !isNew)
}

// mkdir says whether it made the directory.
func (x *Extractor) mkdir(d *dir, base string, mode uint32) (isNew bool, err error) {
	err = unix.Mkdirat(d.fd, base, mode)
	if err != unix.EEXIST {
		return err == nil, err
	}
	var st unix.Stat_t
	if err := unix.Fstatat(d.fd, base, &st, unix.AT_SYMLINK_NOFOLLOW); err != nil {
		return false, err
	}
	if st.Mode&unix.S_IFMT == unix.S_IFDIR {
		return false, nil
	}
	err = x.create(d, base, func() error { return unix.Mkdirat(d.fd, base, mode) })
	if err == nil && x.o.Whiteouts == Overlay && st.Mode&unix.S_IFMT == unix.S_IFCHR && st.Rdev == 0 {
		// The whiteout hid a directory below, which overlayfs would join with this one.
		err = x.setOpaque(d.fd, base)
	}
	return true, err
}

// finishDir sets what can be set at once of an open directory. One that was there loses what the entry does not have.
func (x *Extractor) finishDir(d *dir, at *attrs, wasThere bool) error {
	if wasThere {
		if err := dropXattrs(d.fd, at.xattrs); err != nil {
			return err
		}
	}
	f := &final{times: at.times, mode: at.mode}
	if at.uid >= 0 {
		if err := unix.Fchown(d.fd, at.uid, at.gid); err != nil {
			return fmt.Errorf("set owner %d:%d: %w", at.uid, at.gid, err)
		}
	}
	// A directory inherits S_ISGID, and one that was there has other bits.
	if err := unix.Fchmod(d.fd, at.mode|0o700); err != nil {
		return fmt.Errorf("set mode %04o: %w", at.mode, err)
	}
	f.chmod = at.mode&0o700 != 0o700
	for i := range at.xattrs {
		a := &at.xattrs[i]
		if a.name == defaultACL {
			f.acl, f.entry = a.value, x.entry
			continue
		}
		if err := x.setXattr(a, unix.Fsetxattr(d.fd, a.name, a.value, 0)); err != nil {
			return err
		}
	}
	return x.keep(d, f)
}

// maxKept is far more than the names of the directories of a root filesystem need. Those of a hostile one, and their ACLs, are as
// large as it wants, and compress well.
const maxKept = 256 << 20

// keep remembers what a directory gets at the end.
func (x *Extractor) keep(d *dir, f *final) error {
	if old := x.finals[d.real]; old == nil {
		x.kept += int64(len(d.real))
	} else {
		x.kept -= old.size()
	}
	if x.kept += f.size(); x.kept > maxKept {
		return &LimitError{What: "bytes of the names and ACLs of directories", Limit: maxKept}
	}
	x.finals[d.real] = f
	return nil
}

// makeImplied makes a directory that an archive only names as a part of other names.
func (x *Extractor) makeImplied(d *dir, base string) error {
	x.remember(d, base)
	isNew, err := x.mkdir(d, base, 0o755)
	if err != nil || !isNew {
		return err
	}
	fd, err := unix.Openat(d.fd, base, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	if !x.o.Rootless {
		root, _ := x.o.Shift.Host(0)
		if err := unix.Fchown(fd, int(root), int(root)); err != nil {
			return err
		}
	}
	return unix.Fchmod(fd, 0o755)
}

// keepTimes notes the time of a directory of a lower layer, which is no other one because a name in it is.
func (x *Extractor) keepTimes(d *dir) error {
	if x.finals[d.real] != nil {
		return nil
	}
	var st unix.Stat_t
	if err := unix.Fstat(d.fd, &st); err != nil {
		return err
	}
	return x.keep(d, &final{times: [2]unix.Timespec{st.Atim, st.Mtim}})
}

// Finish sets what directories get at the end: their times, modes that keep their owner out, default ACLs. It is called
// once, after the last archive.
func (x *Extractor) Finish() error {
	x.closeDirs()
	if err := x.finishRoot(); err != nil {
		return fmt.Errorf("root: %w", err)
	}
	names := make([]string, 0, len(x.finals))
	for name := range x.finals {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int { return len(b) - len(a) }) // what is in a directory comes before it
	for _, name := range names {
		if err := x.finish(name, x.finals[name]); err != nil {
			return fmt.Errorf("directory %q: %w", name, err)
		}
	}
	clear(x.finals)
	x.kept = 0
	return nil
}

// finishRoot is for archives that say nothing of the root that was made for them.
func (x *Extractor) finishRoot() error {
	if x.rootSet || x.root.temp == "" {
		return nil
	}
	if !x.o.Rootless {
		id, _ := x.o.Shift.Host(0)
		if err := unix.Fchown(x.root.fd, int(id), int(id)); err != nil {
			return err
		}
	}
	return unix.Fchmod(x.root.fd, 0o755)
}

func (x *Extractor) finish(name string, f *final) error {
	if name == "" {
		name = "."
	}
	fd, err := open2(x.root.fd, name, unix.O_PATH|unix.O_DIRECTORY, inRoot|unix.RESOLVE_NO_SYMLINKS)
	if err == unix.ENOENT || err == unix.ENOTDIR || err == unix.ELOOP {
		return nil // something took its place
	}
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	if f.acl != nil {
		x.entry = f.entry
		err := unix.Setxattr(fdPath(fd), defaultACL, f.acl, 0)
		if err := x.setXattr(&xattr{name: defaultACL}, err); err != nil {
			return err
		}
	}
	if f.chmod {
		if err := unix.Chmod(fdPath(fd), f.mode); err != nil {
			return err
		}
	}
	return setTimes(fd, &f.times)
}
