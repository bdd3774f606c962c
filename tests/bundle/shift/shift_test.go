// Package shift holds creel-bundle shift to being exact: each file once, all that it has kept, wherever it is interrupted.
package shift

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/creel-project/creel/tests/bundle/trees"
	"github.com/creel-project/creel/tests/harness"
	"golang.org/x/sys/unix"
)

func TestMain(m *testing.M) { os.Exit(harness.Main(m)) }

func program() string { return filepath.Join(filepath.Dir(harness.Program()), "creel-bundle") }

// owned are the ids of the tree: some below 1000, one that a shift by 1000 makes of another, and one outside.
var owned = []int{0, 1, 42, 999, 1000, 1042, 65535, 70000}

// tree makes a directory with each owner and each thing that a change of it endangers. to maps the ids that it has.
func tree(h *harness.H, name string, to func(id int) int) string {
	h.Helper()
	dir := h.Path(name)
	n := 0
	put := func(name string, mode os.FileMode, uid, gid int) string {
		n++
		path := filepath.Join(dir, name)
		h.WriteFile(path, fmt.Sprint(n), 0o600)
		h.Must(os.Lchown(path, to(uid), to(gid)))
		h.Must(syscall.Chmod(path, uint32(mode)))
		return path
	}
	for i, uid := range owned {
		gid := owned[(i+3)%len(owned)]
		sub := fmt.Sprintf("%d/", uid)
		put(sub+"plain", 0o640, uid, gid)
		put(sub+"suid", 0o4755, uid, gid)
		put(sub+"sgid", 0o2755, gid, uid)
		put(sub+"locking", 0o2644, gid, uid)
		h.Must(os.Link(put(sub+"many", 0o6711, uid, gid), filepath.Join(dir, sub, "names")))
		h.Must(os.Link(filepath.Join(dir, sub, "plain"), filepath.Join(dir, "plain"+sub[:len(sub)-1])))
		capable := put(sub+"capable", 0o755, uid, gid)
		h.Must(unix.Setxattr(capable, "security.capability", []byte(capability(to(0))), 0))
		listed := put(sub+"listed", 0o640, uid, gid)
		h.Must(unix.Setxattr(listed, "system.posix_acl_access", []byte(acl(to(uid), to(gid))), 0))
		h.Must(unix.Setxattr(listed, "user.note", []byte("stays"), 0))
		h.Must(os.Symlink("/etc/passwd", filepath.Join(dir, sub, "link")))
		h.Must(os.Lchown(filepath.Join(dir, sub, "link"), to(uid), to(gid)))
		h.Must(syscall.Mkfifo(filepath.Join(dir, sub, "fifo"), 0o600))
		h.Must(unix.Setxattr(filepath.Join(dir, sub), "system.posix_acl_default", []byte(acl(to(uid), to(gid))), 0))
		h.Must(os.Lchown(filepath.Join(dir, sub), to(uid), to(gid)))
		h.Must(syscall.Chmod(filepath.Join(dir, sub), 0o3750))
		h.Must(os.Lchown(filepath.Join(dir, sub, "fifo"), to(0), to(0)))
	}
	h.Must(os.Lchown(dir, to(0), to(42)))
	return settle(h, dir)
}

// settle gives all files one time.
func settle(h *harness.H, dir string) string {
	h.Must(filepath.WalkDir(dir, func(path string, _ os.DirEntry, err error) error {
		ts := unix.NsecToTimespec(1700000000_123456789)
		return unix.UtimesNanoAt(unix.AT_FDCWD, path, []unix.Timespec{ts, ts}, unix.AT_SYMLINK_NOFOLLOW)
	}))
	return dir
}

// capability is cap_net_raw+ep, of root of the user namespace in which root is that id.
func capability(root int) string {
	const words = "\x00\x20\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
	if root == 0 {
		return "\x01\x00\x00\x02" + words
	}
	return "\x01\x00\x00\x03" + words + word(root)
}

func acl(uid, gid int) string {
	return "\x02\x00\x00\x00" + "\x01\x00\x06\x00\xff\xff\xff\xff" + "\x02\x00\x04\x00" + word(uid) + "\x04\x00\x04\x00\xff\xff\xff\xff" +
		"\x08\x00\x04\x00" + word(gid) + "\x10\x00\x04\x00\xff\xff\xff\xff" + "\x20\x00\x00\x00\xff\xff\xff\xff"
}

func word(id int) string {
	return string([]byte{byte(id), byte(id >> 8), byte(id >> 16), byte(id >> 24)})
}

func itself(id int) int { return id }

// by is the mapping FROM:TO:LEN.
func by(from, to, length int) func(int) int {
	return func(id int) int {
		if id >= from && id < from+length {
			return id - from + to
		}
		return id
	}
}

// without drops the mark, which trees.Describe shows with the root.
func without(tree map[string]string) map[string]string {
	tree["."], _, _ = strings.Cut(tree["."], " trusted.creel.shift=")
	return tree
}

var mappings = [][3]int{{0, 100000, 65536}, {0, 1000, 65536}, {0, 1, 65536}, {1000, 0, 64536}, {0, 200000, 1}, {42, 300000, 1000}}

func TestEachFileIsShiftedOnceAndKeepsAllElse(t *testing.T) {
	for _, m := range mappings {
		text := fmt.Sprintf("%d:%d:%d", m[0], m[1], m[2])
		t.Run(text, func(t *testing.T) {
			h := harness.New(t)
			dir := tree(h, "root", itself)
			before := trees.Describe(h, dir)
			want := trees.Describe(h, tree(h, "want", by(m[0], m[1], m[2])))
			h.Ok(h.Program(program(), "shift", dir, text))
			trees.Same(h, without(trees.Describe(h, dir)), want)
			again := h.Ok(h.Program(program(), "shift", dir, text))
			if !strings.Contains(again.Stdout, "already") {
				t.Errorf("the second time: %s", again.Stdout)
			}
			trees.Same(h, without(trees.Describe(h, dir)), want)
			h.Fails(h.Program(program(), "shift", dir, "7:8:9"), "undo that first (--undo "+text+")")
			nothingBeside(h)
			if m[0] == 1000 { // what becomes 0 … is not told from what was there
				return
			}
			h.Ok(h.Program(program(), "shift", "--undo", dir, text))
			trees.Same(h, trees.Describe(h, dir), before)
			nothingBeside(h)
		})
	}
}

// nothingBeside fails the test if a journal is left.
func nothingBeside(h *harness.H) {
	h.Helper()
	if found, _ := filepath.Glob(h.Path(".*")); len(found) > 0 {
		h.Errorf("left behind: %q", found)
	}
}

func TestAShiftThatIsKilledAnywhereIsFinishedByTheNext(t *testing.T) {
	for _, m := range mappings[:2] {
		text := fmt.Sprintf("%d:%d:%d", m[0], m[1], m[2])
		t.Run(text, func(t *testing.T) {
			h := harness.New(t)
			want := trees.Describe(h, tree(h, "want", by(m[0], m[1], m[2])))
			midway := 0
			for i := range 60 {
				dir := tree(h, fmt.Sprint("root", i), itself)
				for try := time.Duration(1); ; try++ {
					p := h.GoProgram(nil, program(), "shift", dir, text)
					time.Sleep(time.Duration(i)*100*time.Microsecond + try*2*time.Millisecond)
					h.Must(p.Process.Kill())
					if r := p.Result(); r.Status == 0 || try > 20 {
						h.Ok(h.Program(program(), "shift", dir, text))
						break
					}
					if mark := trees.Xattrs(h, dir); strings.Contains(strings.Join(mark, ""), "trusted.creel.shift=72756e6e696e67") { // "running"
						midway++
					}
				}
				trees.Same(h, without(trees.Describe(h, dir)), want)
				nothingBeside(h)
				h.Must(os.RemoveAll(dir))
			}
			if midway == 0 {
				t.Error("none was killed on its way: this test has not tested")
			}
			t.Logf("%d were killed on their way", midway)
		})
	}
}

func TestWhatIsNotShiftedIsNamed(t *testing.T) {
	h := harness.New(t)
	dir := tree(h, "root", by(0, 100000, 70001))
	h.Ok(h.Program(program(), "shift", "--verify", dir, "0:100000:70001"))
	h.Must(os.Lchown(filepath.Join(dir, "42/link"), 7, 100000))
	h.Must(os.Chown(filepath.Join(dir, "0/plain"), 100000, 8))
	h.Must(unix.Setxattr(filepath.Join(dir, "1/listed"), "system.posix_acl_access", []byte(acl(9, 100000)), 0))
	h.Must(unix.Setxattr(filepath.Join(dir, "1/capable"), "security.capability", []byte(capability(0)), 0))
	before := trees.Describe(h, dir)
	r := h.Fails(h.Program(program(), "shift", "--verify", dir, "0:100000:70001"), "5 ids are wrong") // a link is two names of one file
	if r.Status != 1 {
		t.Errorf("status %d", r.Status)
	}
	for _, want := range []string{"42/link: uid 7 is not one of 100000 to 170000", "0/plain: gid 8 is", "plain0: gid 8 is",
		"1/listed: system.posix_acl_access: id 9 is", "1/capable: security.capability: id 0 is"} {
		if !strings.Contains(r.Stdout, want) {
			t.Errorf("not named: %q in\n%s", want, r.Stdout)
		}
	}
	trees.Same(h, trees.Describe(h, dir), before)
	h.Fails(h.Program(program(), "shift", "--verify", "--undo", dir, "0:100000:70001"), "ids are wrong")
}

func TestNothingOutsideOfTheDirectoryIsShifted(t *testing.T) {
	h := harness.New(t)
	host := tree(h, "host", itself)
	before := trees.Describe(h, host)
	dir := tree(h, "root", itself)
	h.Must(os.Symlink(host, filepath.Join(dir, "absolute")))
	h.Must(os.Symlink("../host/0/plain", filepath.Join(dir, "relative")))
	h.Must(os.Mkdir(filepath.Join(dir, "mounted"), 0o755))
	h.Must(os.Mkdir(filepath.Join(dir, "other"), 0o755))
	h.WriteFile(filepath.Join(dir, "file"), "", 0o644)
	h.MountBind(host, filepath.Join(dir, "mounted"))
	h.MountTmpfs(filepath.Join(dir, "other"))
	h.MountBind(filepath.Join(host, "0/plain"), filepath.Join(dir, "file"))
	r := h.Ok(h.Program(program(), "shift", dir, "0:100000:65536"))
	for _, name := range []string{"mounted", "other", "file"} {
		if !strings.Contains(r.Stdout, fmt.Sprintf("%q is a mount point", name)) {
			t.Errorf("not named: %s in\n%s", name, r.Stdout)
		}
	}
	trees.Same(h, trees.Describe(h, host), before)
	var st unix.Stat_t
	h.Must(unix.Lstat(filepath.Join(dir, "absolute"), &st))
	if st.Uid != 100000 {
		t.Errorf("the link itself belongs to %d", st.Uid)
	}
	h.Must(unix.Lstat(filepath.Join(dir, "other"), &st))
	if st.Uid != 0 {
		t.Errorf("the other file system's root belongs to %d", st.Uid)
	}
	h.Ok(h.Program(program(), "shift", "--undo", dir, "0:100000:65536"))
}

func TestAShiftThatCannotBeRightIsRefused(t *testing.T) {
	h := harness.New(t)
	dir := tree(h, "root", itself)
	before := trees.Describe(h, dir)
	h.Fails(h.Program(program(), "shift", "--undo", dir, "0:1000:65536"), "the ids do not tell")
	h.Fails(h.Program(program(), "shift", "/", "0:1000:65536"), "it is the root of this system")
	h.Fails(h.Program(program(), "shift", filepath.Join(dir, "0/plain"), "0:1000:65536"), "not a directory")
	h.Fails(h.Program(program(), "shift", h.Path("none"), "0:1000:65536"), "no such file")
	h.Fails(h.Program(program(), "shift", dir, "0:0:65536"), "FROM and TO are the same")
	h.Fails(h.Program(program(), "shift", dir, "0:4294967290:6"), "LEN is to be 1 to 5")
	h.Fails(h.Program(program(), "shift", dir), "want DIR and FROM:TO:LEN")
	h.WriteFile(h.Path(".root.creel-shift"), "creel-bundle shift 1: shift 0:5:6 of inode 1\n", 0o600)
	h.Fails(h.Program(program(), "shift", dir, "0:1000:65536"), "a shift was not finished", "0:5:6")
	trees.Same(h, trees.Describe(h, dir), before)
	h.Must(os.Remove(h.Path(".root.creel-shift")))
	h.Must(unix.Setxattr(dir, "trusted.creel.shift", []byte("running creel-bundle shift 1: shift 0:5:6 of inode 1"), 0))
	h.Fails(h.Program(program(), "shift", dir, "0:1000:65536"), "a shift was not finished: ", "shift 0:5:6 of inode 1; finish it first")
}
