// Package proof runs a whole Debian with shifted ids: over a root filesystem
// whose files were shifted on disk, and over one that is shifted by an id-mapped
// mount.
package proof

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/creel-project/creel/tests/harness"
	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

func TestMain(m *testing.M) { os.Exit(harness.Main(m)) }

const first, size = 100000, 65536

// debian returns a Debian root filesystem, made once and kept beside the build.
func debian(t *testing.T) string {
	t.Helper()
	dir, err := filepath.Abs("../../build/debian")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(dir, "bin/bash")); err == nil {
		return dir
	}
	tmp := dir + ".new"
	for _, cmd := range [][]string{{"rm", "-rf", tmp}, {"debootstrap", "--variant=minbase", "bookworm", tmp}, {"mv", tmp, dir}} {
		if out, err := exec.Command(cmd[0], cmd[1:]...).CombinedOutput(); err != nil {
			t.Fatalf("%q: %v\n%s", cmd, err, out)
		}
	}
	return dir
}

// idMapped mounts a copy of the tree from at the directory to with ids shifted
// to first, as a host's administrator would (mount_setattr(2), Linux 5.12).
func idMapped(h *harness.H, from, to string) {
	h.Helper()
	holder := exec.Command("sleep", "60")
	maps := []syscall.SysProcIDMap{{ContainerID: 0, HostID: first, Size: size}}
	holder.SysProcAttr = &syscall.SysProcAttr{Cloneflags: unix.CLONE_NEWUSER, UidMappings: maps, GidMappings: maps}
	h.Must(holder.Start())
	defer func() {
		h.Must(holder.Process.Kill())
		_ = holder.Wait()
	}()
	ns, err := os.Open(fmt.Sprintf("/proc/%d/ns/user", holder.Process.Pid))
	h.Must(err)
	defer ns.Close()
	tree, err := unix.OpenTree(unix.AT_FDCWD, from, unix.OPEN_TREE_CLONE|unix.OPEN_TREE_CLOEXEC)
	h.Must(err)
	defer unix.Close(tree)
	attr := unix.MountAttr{Attr_set: unix.MOUNT_ATTR_IDMAP, Userns_fd: uint64(ns.Fd())}
	h.Must(unix.MountSetattr(tree, "", unix.AT_EMPTY_PATH, &attr))
	h.Must(unix.MoveMount(tree, "", unix.AT_FDCWD, to, unix.MOVE_MOUNT_F_EMPTY_PATH))
	h.Cleanup(func() { h.Must(unix.Unmount(to, unix.MNT_DETACH)) })
}

// runs runs bash in the root filesystem with a user namespace and looks at what
// it says.
func runs(h *harness.H, root string) {
	h.Helper()
	got := h.Sh("", harness.Root(root), harness.UserNS(first, size), func(s *specs.Spec) {
		s.Process.Args = []string{"/bin/bash", "-c", "id; cat /proc/self/uid_map; ls /proc; mount; stat -c 'owner %u:%g' / /bin/bash /etc/shadow; touch /root/made && stat -c 'made %u:%g' /root/made && rm /root/made"}
	})
	for _, want := range []string{
		"uid=0(root) gid=0(root)", fmt.Sprintf("%10d %10d %10d", 0, first, size), "\n1\n", "proc on /proc type proc",
		"owner 0:0\nowner 0:0\nowner 0:42", "made 0:0",
	} {
		if !strings.Contains(got, want) {
			h.Errorf("bash does not say %q, but:\n%s", want, got)
		}
	}
}

func TestDebianRunsOverAnIDMappedMountOfAnUnshiftedRoot(t *testing.T) {
	root := debian(t)
	h := harness.New(t)
	mounted := h.Path("mounted")
	h.Must(os.Mkdir(mounted, 0o755))
	idMapped(h, root, mounted)
	runs(h, mounted)
	var st unix.Stat_t
	h.Must(unix.Stat(filepath.Join(root, "bin/bash"), &st))
	if st.Uid != 0 {
		t.Errorf("the files on disk belong to %d by now", st.Uid)
	}
}

func TestDebianRunsOverAShiftedRoot(t *testing.T) {
	root := debian(t)
	h := harness.New(t)
	shifted := h.Path("shifted")
	if out, err := exec.Command("cp", "-a", root, shifted).CombinedOutput(); err != nil {
		t.Fatalf("copy: %v\n%s", err, out)
	}
	shift(h, shifted)
	runs(h, shifted)
}

// shift adds first to every owner and group below dir.
func shift(h *harness.H, dir string) {
	h.Helper()
	h.Must(filepath.WalkDir(dir, func(path string, _ os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		var st unix.Stat_t
		if err := unix.Lstat(path, &st); err != nil {
			return err
		}
		mode := st.Mode & 0o7777 // chown(2) clears the set-id bits
		if err := os.Lchown(path, int(st.Uid)+first, int(st.Gid)+first); err != nil || st.Mode&unix.S_IFMT == unix.S_IFLNK {
			return err
		}
		return unix.Chmod(path, mode)
	}))
}
