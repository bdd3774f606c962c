package initproc_test

import (
	"errors"
	"testing"

	"github.com/creel-project/creel/libcontainer/plan"
	"golang.org/x/sys/unix"
)

func target(path string, flags plan.Flags) plan.Op {
	return op(plan.Target, func(o *plan.Op) {
		o.Dst, o.Path, o.Flags, o.N[1] = 1, path, flags, 0o755
	})
}

// mounted puts a new tmpfs with these attributes over /tmp of root.
func mounted(root string, attrs uint64) []plan.Op {
	return []plan.Op{
		op(plan.SetAttr, func(o *plan.Op) { o.Src, o.Path, o.N[2], o.Flags = plan.None, "/", unix.MS_PRIVATE, plan.Recursive }),
		opened(root),
		target("/tmp", 0),
		op(plan.FSMount, func(o *plan.Op) {
			o.Src, o.Dst, o.Aux, o.Path, o.N[0] = plan.None, 2, 1, "tmpfs", attrs
		}),
		op(plan.Move, func(o *plan.Op) { o.Src, o.Dst = 2, 1 }),
		op(plan.Open, func(o *plan.Op) { o.Dst, o.Path, o.N[0] = 3, "tmp", unix.O_PATH|unix.O_DIRECTORY }),
		op(plan.Sync, func(o *plan.Op) { o.Src = 3 }),
	}
}

// TestATmpfsTakesTheModeOfTheDirectoryThatItHides, whatever its own attributes
// are, and has its own mode where there was none.
func TestATmpfsTakesTheModeOfTheDirectoryThatItHides(t *testing.T) {
	for _, c := range []struct {
		name  string
		there bool
		attrs uint64
		want  uint32
	}{
		{"writable", true, 0, 0o1750},
		{"read-only", true, unix.MOUNT_ATTR_RDONLY, 0o1750},
		{"missing directory", false, 0, 0o1777},
	} {
		t.Run(c.name, func(t *testing.T) {
			root := tree(t)
			if c.there {
				must(t, unix.Mkdir(root+"/tmp", 0o700))
				must(t, unix.Chmod(root+"/tmp", 0o1750))
			}
			s := start(t, mounted(root, c.attrs))
			fd := s.taken()
			var st unix.Stat_t
			must(t, unix.Fstat(fd, &st))
			var fs unix.Statfs_t
			must(t, unix.Fstatfs(fd, &fs))
			if fs.Type != unix.TMPFS_MAGIC || st.Mode&0o7777 != c.want {
				t.Errorf("file system %#x, mode %o; want a tmpfs, mode %o", fs.Type, st.Mode&0o7777, c.want)
			}
			if got := fs.Flags & unix.ST_RDONLY; uint64(got) != c.attrs {
				t.Errorf("read-only %d, want %d", got, c.attrs)
			}
			s.end()
		})
	}
}

// TestTargetOfProcIsNoLink: /proc or /sys that is a link makes every later look
// below it lead elsewhere (CVE-2023-27561).
func TestTargetOfProcIsNoLink(t *testing.T) {
	for _, c := range []struct {
		entries []string
		path    string
		want    unix.Errno
	}{
		{[]string{"d/", "proc -> d"}, "/proc", unix.ELOOP},
		{[]string{"proc -> missing"}, "/proc", unix.ELOOP},
		{[]string{"d/proc/", "l -> d"}, "/l/proc", unix.ELOOP},
		{[]string{"d/", "l -> d"}, "/l/proc", unix.ELOOP},
		{[]string{"proc"}, "/proc", unix.ENOTDIR},
	} {
		root := tree(t, c.entries...)
		if err := start(t, []plan.Op{opened(root), target(c.path, plan.NoLinks)}).failure(); !errors.Is(err, c.want) {
			t.Errorf("%v: %v, want %v", c.entries, err, c.want)
		}
	}
}

func TestTargetOfProcIsMadeWhereItIsMissing(t *testing.T) {
	root := tree(t)
	start(t, []plan.Op{opened(root), target("/proc", plan.NoLinks)}).end()
	var st unix.Stat_t
	must(t, unix.Lstat(root+"/proc", &st))
	if st.Mode != unix.S_IFDIR|0o755 {
		t.Errorf("/proc has mode %o", st.Mode)
	}
}

// TestTargetIsNotOnProcfs: a link that leads into procfs puts a volume over
// what labels are written to (CVE-2019-16884).
func TestTargetIsNotOnProcfs(t *testing.T) {
	s := start(t, []plan.Op{opened("/"), target("/proc/sys", plan.NotProc)})
	if err := s.failure(); !errors.Is(err, unix.EPERM) {
		t.Errorf("a target on procfs: %v, want %v", err, unix.EPERM)
	}
	start(t, []plan.Op{opened("/"), target("/proc/sys", 0)}).end()
}

// TestAnEmptySlotIsNeverSomethingElse: an op on a slot that holds nothing says
// EBADF, also where the kernel wants a path.
func TestAnEmptySlotIsNeverSomethingElse(t *testing.T) {
	for _, flags := range []plan.Flags{0, plan.Legacy} {
		o := op(plan.SetAttr, func(o *plan.Op) { o.Src, o.N[0], o.Flags = 9, unix.MOUNT_ATTR_RDONLY, flags })
		if err := start(t, []plan.Op{o}).failure(); !errors.Is(err, unix.EBADF) {
			t.Errorf("setattr, flags %v: %v, want %v", flags, err, unix.EBADF)
		}
	}
}

// TestMountDoesWhatMountSetattrDoes: on kernels that lack the newer call, every
// change of flags ends with the same flags, access times among them, whatever
// the mount had before.
func TestMountDoesWhatMountSetattrDoes(t *testing.T) {
	const (
		ro, nosuid, nodev, noexec = unix.MOUNT_ATTR_RDONLY, unix.MOUNT_ATTR_NOSUID, unix.MOUNT_ATTR_NODEV, unix.MOUNT_ATTR_NOEXEC
		noatime, strict, atime    = unix.MOUNT_ATTR_NOATIME, unix.MOUNT_ATTR_STRICTATIME, unix.MOUNT_ATTR__ATIME
		nodir, nolink             = unix.MOUNT_ATTR_NODIRATIME, unix.MOUNT_ATTR_NOSYMFOLLOW
	)
	changes := [][2]uint64{ // set, clear
		{ro, 0}, {0, ro}, {nosuid, ro | nodev}, {nolink, 0}, {0, nolink | noexec}, {nodir, 0}, {0, nodir},
		{0, atime}, {noatime, atime}, {strict, atime}, {noatime | nodir, atime}, {strict | ro, atime | nodir}, {0, atime | nodir | ro},
	}
	root := tree(t, "tmp/")
	for _, times := range []uint64{0, noatime, strict} {
		for _, rest := range []uint64{0, nodir, ro | nosuid, nodev | noexec | nodir | nolink} {
			ops := mounted(root, 0)[:2]
			for _, c := range changes {
				ops = append(ops, changed(times|rest, c, 0)...)
				ops = append(ops, changed(times|rest, c, plan.Legacy)...)
			}
			s := start(t, ops)
			for _, c := range changes {
				if want, got := s.flags(), s.flags(); got != want {
					t.Errorf("a mount with %#x, set %#x, clear %#x: flags %#x, want %#x", times|rest, c[0], c[1], got, want)
				}
			}
			s.end()
		}
	}
}

// changed mounts a tmpfs with these attributes on /tmp, changes them, and sends it.
func changed(attrs uint64, change [2]uint64, f plan.Flags) []plan.Op {
	return []plan.Op{
		target("/tmp", 0),
		op(plan.FSMount, func(o *plan.Op) { o.Src, o.Dst, o.Path, o.N[0] = plan.None, 2, "tmpfs", attrs }),
		op(plan.Move, func(o *plan.Op) { o.Src, o.Dst = 2, 1 }),
		op(plan.SetAttr, func(o *plan.Op) { o.Src, o.N[0], o.N[1], o.Flags = 2, change[0], change[1], f }),
		op(plan.Sync, func(o *plan.Op) { o.Src = 2 }),
	}
}

// flags are those of the mount that init sends next (statfs(2)).
func (s *session) flags() int64 {
	s.t.Helper()
	var fs unix.Statfs_t
	must(s.t, unix.Fstatfs(s.taken(), &fs))
	return fs.Flags
}
