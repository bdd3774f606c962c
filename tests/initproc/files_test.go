package initproc_test

import (
	"errors"
	"os"
	"testing"

	"github.com/creel-project/creel/libcontainer/plan"
	"golang.org/x/sys/unix"
)

func mknod(path string, mode uint32, major, minor uint64) plan.Op {
	return op(plan.Mknod, func(o *plan.Op) {
		o.Path, o.N = path, [4]uint64{uint64(mode), major<<32 | minor}
	})
}

// TestMknodRefusesADeviceNumberThatTheKernelWouldCut: 4097:3 must not become
// 1:3, nor 1:1048579.
func TestMknodRefusesADeviceNumberThatTheKernelWouldCut(t *testing.T) {
	for _, dev := range [][2]uint64{{4097, 3}, {1, 1<<20 + 3}} {
		root := tree(t)
		s := start(t, []plan.Op{opened(root), mknod("/d", unix.S_IFCHR|0o600, dev[0], dev[1])})
		if err := s.failure(); !errors.Is(err, unix.EINVAL) {
			t.Errorf("device %d:%d: %v, want %v", dev[0], dev[1], err, unix.EINVAL)
		}
		if _, err := os.Lstat(root + "/d"); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("device %d:%d was made as something else", dev[0], dev[1])
		}
	}
}

func TestMknodMakesTheLargestDeviceNumber(t *testing.T) {
	root := tree(t)
	start(t, []plan.Op{opened(root), mknod("/d", unix.S_IFBLK|0o640, 4095, 1<<20-1)}).end()
	var st unix.Stat_t
	must(t, unix.Lstat(root+"/d", &st))
	if st.Mode != unix.S_IFBLK|0o640 || unix.Major(st.Rdev) != 4095 || unix.Minor(st.Rdev) != 1<<20-1 {
		t.Errorf("mode %o, device %d:%d", st.Mode, unix.Major(st.Rdev), unix.Minor(st.Rdev))
	}
}

// TestMknodReplacesWhatAnImageCarries: empty files and links lie where devices
// are to be; what a link points at stays as it is (CVE-2026-88265).
func TestMknodReplacesWhatAnImageCarries(t *testing.T) {
	for _, entry := range []string{"null", "null -> secret", "null -> ../secret"} {
		t.Run(entry, func(t *testing.T) {
			root := tree(t, "secret", entry)
			start(t, []plan.Op{opened(root), mknod("/null", unix.S_IFCHR|0o666, 1, 3)}).end()
			var st unix.Stat_t
			must(t, unix.Lstat(root+"/null", &st))
			if st.Mode != unix.S_IFCHR|0o666 || st.Rdev != unix.Mkdev(1, 3) {
				t.Errorf("mode %o, device %#x", st.Mode, st.Rdev)
			}
			must(t, unix.Lstat(root+"/secret", &st))
			if st.Mode != unix.S_IFREG|0o644 {
				t.Errorf("what the link pointed at has mode %o", st.Mode)
			}
		})
	}
}

// TestMknodWithKeepTouchesNothingElse: what the config lists must not take the
// place of something else (runtime-spec, config-linux.md, "Devices").
func TestMknodWithKeepTouchesNothingElse(t *testing.T) {
	for _, entry := range []string{"null", "null -> secret", "null -> ../secret", "null/"} {
		t.Run(entry, func(t *testing.T) {
			root := tree(t, "secret", entry)
			var before, after unix.Stat_t
			must(t, unix.Lstat(root+"/null", &before))
			keep := mknod("/null", unix.S_IFCHR|0o666, 1, 3)
			keep.Flags = plan.Keep
			if err := start(t, []plan.Op{opened(root), keep}).failure(); !errors.Is(err, unix.EEXIST) {
				t.Errorf("%v, want %v", err, unix.EEXIST)
			}
			must(t, unix.Lstat(root+"/null", &after))
			if before.Ino != after.Ino || before.Mode != after.Mode || before.Uid != after.Uid {
				t.Errorf("%+v became %+v", before, after)
			}
		})
	}
}

func TestMknodKeepsTheNodeThatIsThere(t *testing.T) {
	root := tree(t)
	must(t, unix.Mknod(root+"/null", unix.S_IFCHR|0o600, int(unix.Mkdev(1, 3))))
	start(t, []plan.Op{opened(root), mknod("/null", unix.S_IFCHR|0o666, 1, 3)}).end()
	var st unix.Stat_t
	must(t, unix.Lstat(root+"/null", &st))
	if st.Mode != unix.S_IFCHR|0o600 {
		t.Errorf("the image's node has mode %o now", st.Mode)
	}
}

func TestNodesAndLinksNeedANameOfTheirOwn(t *testing.T) {
	for _, path := range []string{"/", "/..", "/d/.", "/d/..", "/d/"} {
		link := op(plan.Symlink, func(o *plan.Op) { o.Path, o.Text = path, []byte("x") })
		for _, o := range []plan.Op{mknod(path, unix.S_IFCHR, 1, 3), link} {
			root := tree(t, "d/")
			if err := start(t, []plan.Op{opened(root), o}).failure(); !errors.Is(err, unix.EINVAL) {
				t.Errorf("%s %q: %v, want %v", o.Code, path, err, unix.EINVAL)
			}
		}
	}
}

func TestSymlinkStaysUnlessItIsToBeVerified(t *testing.T) {
	for _, c := range []struct {
		flags plan.Flags
		want  string
	}{{0, "old"}, {plan.Verify, "new"}} {
		root := tree(t, "ptmx -> old")
		start(t, []plan.Op{opened(root), op(plan.Symlink, func(o *plan.Op) {
			o.Path, o.Text, o.Flags = "/ptmx", []byte("new"), c.flags
		})}).end()
		if got, err := os.Readlink(root + "/ptmx"); err != nil || got != c.want {
			t.Errorf("flags %v: link to %q, %v; want %q", c.flags, got, err, c.want)
		}
	}
}

// TestWriteLeadsThroughNoLink: a sysctl must not be written elsewhere because
// of what lies in its way (CVE-2025-52881).
func TestWriteLeadsThroughNoLink(t *testing.T) {
	for _, c := range []struct {
		path string
		want unix.Errno
	}{{"l", unix.ELOOP}, {"d/f", unix.ELOOP}, {"../root/f", unix.EXDEV}, {"/f", unix.EXDEV}} {
		root := tree(t, "f", "e/", "e/f", "l -> f", "d -> e")
		s := start(t, []plan.Op{opened(root), op(plan.Write, func(o *plan.Op) { o.Path, o.Text = c.path, []byte("x") })})
		if err := s.failure(); !errors.Is(err, c.want) {
			t.Errorf("%q: %v, want %v", c.path, err, c.want)
		}
		if data, err := os.ReadFile(root + "/f"); err != nil || len(data) > 0 {
			t.Errorf("%q: the file holds %q, %v", c.path, data, err)
		}
	}
}

// TestOnlyAFileThatIsNotThereIsOptional: what is there and cannot be opened must
// not pass for a missing one.
func TestOnlyAFileThatIsNotThereIsOptional(t *testing.T) {
	root := tree(t, "file", "dir/", "loop -> loop", "lost -> nowhere", "out -> ../secret", "magic -> proc/self/exe")
	must(t, unix.Mkfifo(root+"/fifo", 0o600))
	must(t, unix.Mknod(root+"/socket", unix.S_IFSOCK|0o600, 0))
	for _, c := range []struct {
		path    string
		flags   plan.Flags
		access  uint64
		resolve uint64
		want    error
	}{
		{path: "missing"}, {path: "missing/file"}, {path: "file/below"}, {path: "loop"}, {path: "lost"}, {path: "out"},
		{path: "socket"}, {path: "dir", flags: plan.Regular}, {path: "fifo", flags: plan.Regular},
		{path: "file", resolve: unix.RESOLVE_NO_SYMLINKS},
		{path: "dir", access: unix.O_WRONLY, want: unix.EISDIR},
		{path: "..", resolve: unix.RESOLVE_BENEATH, want: unix.EXDEV},
		{path: "file", flags: plan.NullDevice, want: unix.ENODEV},
		{path: "file", access: unix.O_DIRECTORY | unix.O_CREAT, want: unix.EINVAL},
	} {
		o := op(plan.Open, func(o *plan.Op) {
			o.Dst, o.Path, o.Flags = 1, c.path, c.flags|plan.Optional
			o.N[0], o.N[2] = c.access|unix.O_NONBLOCK, c.resolve
			if c.resolve == 0 {
				o.N[2] = unix.RESOLVE_IN_ROOT
			}
		})
		s := start(t, []plan.Op{opened(root), o})
		if c.want == nil {
			s.end()
		} else if err := s.failure(); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.path, err, c.want)
		}
	}
}
