package rootfs

import (
	"archive/tar"
	"fmt"
	"math"
	"time"

	"golang.org/x/sys/unix"
)

// attrs are what an entry says beside its data, as they are to be on the host.
type attrs struct {
	uid, gid int
	mode     uint32 // the twelve bits of chmod(2)
	times    [2]unix.Timespec
	xattrs   []xattr
}

func (x *Extractor) attributes(h *tar.Header) (*attrs, error) {
	at := &attrs{mode: uint32(h.Mode) & 0o7777, xattrs: nil}
	uid, err := x.owner("uid", h.Uid)
	if err != nil {
		return nil, err
	}
	gid, err := x.owner("gid", h.Gid)
	if err != nil {
		return nil, err
	}
	at.uid, at.gid = uid, gid
	if x.o.Rootless && h.Uid|h.Gid != 0 {
		x.report.leaveOut(h.Name, fmt.Sprintf("owner %d:%d", h.Uid, h.Gid), "an ordinary user may not give files away")
	}
	mtime := timespec(h.ModTime)
	at.times = [2]unix.Timespec{mtime, mtime}
	if !h.AccessTime.IsZero() {
		at.times[0] = timespec(h.AccessTime)
	}
	at.xattrs, err = x.xattrs(h)
	return at, err
}

// owner is an id of the archive on the host, -1 for what the caller may not set.
func (x *Extractor) owner(what string, id int) (int, error) {
	if id < 0 || id >= math.MaxUint32 {
		return 0, fmt.Errorf("%s %d: no such id can be", what, id)
	}
	host, mapped := x.o.Shift.Host(uint32(id))
	if !mapped {
		return 0, fmt.Errorf("%s %d: the user namespace %v has ids up to %d only", what, id, x.o.Shift, x.o.Shift.Length-1)
	}
	if x.o.Rootless {
		return -1, nil
	}
	return int(host), nil
}

func timespec(t time.Time) unix.Timespec {
	if t.IsZero() {
		return unix.Timespec{}
	}
	return unix.Timespec{Sec: t.Unix(), Nsec: int64(t.Nanosecond())}
}

// setFile sets all attributes of an open file. The owner comes first: to change it clears setuid bits and capabilities.
func (x *Extractor) setFile(fd int, at *attrs) error {
	if at.uid >= 0 {
		if err := unix.Fchown(fd, at.uid, at.gid); err != nil {
			return fmt.Errorf("set owner %d:%d: %w", at.uid, at.gid, err)
		}
	}
	if at.mode&(0o7000|x.umask) != 0 {
		if err := unix.Fchmod(fd, at.mode); err != nil {
			return fmt.Errorf("set mode %04o: %w", at.mode, err)
		}
	}
	for i := range at.xattrs {
		a := &at.xattrs[i]
		if err := x.setXattr(a, unix.Fsetxattr(fd, a.name, a.value, 0)); err != nil {
			return err
		}
	}
	return setTimes(fd, &at.times)
}

// make makes what is no file and no directory, and sets its attributes.
func (x *Extractor) make(d *dir, base string, at *attrs, make func() error) error {
	if err := x.create(d, base, make); err != nil {
		return err
	}
	// What is set goes to the inode that this finds, even if another one has the name in the next moment.
	fd, err := unix.Openat(d.fd, base, unix.O_PATH|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		return err
	}
	if st.Nlink != 1 {
		return fmt.Errorf("it has %d names as soon as it is made: something else writes to this directory", st.Nlink)
	}
	return x.setNode(fd, at, st.Mode&unix.S_IFMT == unix.S_IFLNK)
}

// setNode sets all attributes of what is open with O_PATH.
func (x *Extractor) setNode(fd int, at *attrs, link bool) error {
	if at.uid >= 0 {
		if err := unix.Fchownat(fd, "", at.uid, at.gid, unix.AT_EMPTY_PATH); err != nil {
			return fmt.Errorf("set owner %d:%d: %w", at.uid, at.gid, err)
		}
	}
	if !link && at.mode&(0o7000|x.umask) != 0 {
		if err := unix.Chmod(fdPath(fd), at.mode); err != nil {
			return fmt.Errorf("set mode %04o: %w", at.mode, err)
		}
	}
	for i := range at.xattrs {
		a := &at.xattrs[i]
		if err := x.setXattr(a, unix.Setxattr(fdPath(fd), a.name, a.value, 0)); err != nil {
			return err
		}
	}
	return setTimes(fd, &at.times)
}
