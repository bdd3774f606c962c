package initproc_test

import (
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/creel-project/creel/libcontainer/plan"
	"golang.org/x/sys/unix"
)

// mountPoints lists what is mounted for this thread.
func mountPoints(t *testing.T) (points []string) {
	data, err := os.ReadFile("/proc/thread-self/mountinfo")
	if err != nil {
		t.Error(err)
	}
	for line := range strings.Lines(string(data)) {
		if f := strings.Fields(line); len(f) > 4 {
			points = append(points, f[4])
		}
	}
	slices.Sort(points)
	return points
}

// TestChrootTakesNothingFromTheHost: without pivot_root the host's proc and sys
// are unmounted, which must not reach a host that the mounts are shared with.
// The host is a mount namespace of this test.
func TestChrootTakesNothingFromTheHost(t *testing.T) {
	dir := t.TempDir()
	root := dir + "/root"
	done := make(chan struct{})
	go func() { // its thread ends with it
		defer close(done)
		runtime.LockOSThread()
		for _, err := range []error{
			unix.Unshare(unix.CLONE_NEWNS | unix.CLONE_FS),
			unix.Mount("", "/", "", unix.MS_PRIVATE|unix.MS_REC, ""),
			unix.Mount("proc", "/sys", "proc", 0, ""),
			unix.Mount("tmpfs", "/sys/sys", "tmpfs", 0, ""),
			unix.Mount("tmpfs", dir, "tmpfs", 0, ""),
			unix.Mkdir(root, 0o755),
			unix.Mount("", "/", "", unix.MS_SHARED|unix.MS_REC, ""),
		} {
			if err != nil {
				t.Errorf("prepare the mount namespace: %v", err)
				return
			}
		}
		before := mountPoints(t)
		s := start(t, []plan.Op{
			op(plan.SetAttr, func(o *plan.Op) { o.Src, o.Path, o.N[2], o.Flags = plan.None, "/", unix.MS_SHARED, plan.Recursive }),
			op(plan.ParentPrivate, func(o *plan.Op) { o.Path = root }),
			op(plan.Tree, func(o *plan.Op) { o.Src, o.Dst, o.Path, o.N[0] = plan.None, 0, root, unix.OPEN_TREE_CLONE }),
			op(plan.Move, func(o *plan.Op) { o.Path = root }),
			op(plan.Chroot, func(o *plan.Op) {
				o.N[0], o.N[1], o.Text = 1, 1, []byte("/sys\x00")
			}),
			op(plan.Open, func(o *plan.Op) { o.Src, o.Dst, o.Path, o.N[0] = plan.None, 1, "/", unix.O_PATH }),
			op(plan.Sync, func(o *plan.Op) { o.Src = 1 }),
		})
		var entered, want unix.Stat_t
		if err := unix.Fstat(s.taken(), &entered); err != nil {
			t.Error(err)
		}
		s.end()
		if err := unix.Stat(root, &want); err != nil || entered.Ino != want.Ino || entered.Dev != want.Dev {
			t.Errorf("init's root is inode %d of device %d, want %d of %d, %v", entered.Ino, entered.Dev, want.Ino, want.Dev, err)
		}
		if after := mountPoints(t); !slices.Equal(before, after) {
			t.Errorf("the host's mounts were\n%v\nand are\n%v", before, after)
		}
	}()
	<-done
}
