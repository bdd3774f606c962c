package lifecycle

import (
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"unsafe"

	"github.com/creel-project/creel/tests/harness"
	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

// A lack is a way in which newer system calls are not there.
type lack struct {
	setattr    unix.Errno // of mount_setattr(2)
	closeRange unix.Errno // of close_range(2)
	onlyFlags  bool       // with flags, not without
}

// lacks are the oldest kernel that creel runs on, and one in a sandbox whose
// filter knows neither call.
var lacks = map[string]lack{
	"Linux 5.10": {unix.ENOSYS, unix.EINVAL, true},
	"a filter":   {unix.EPERM, unix.EPERM, false},
}

// onAll runs a test with each lack, in threads of its own: their filter, which
// every program started from them inherits, ends with them.
func onAll(t *testing.T, test func(*testing.T)) {
	for name, l := range lacks {
		t.Run(name, func(t *testing.T) {
			runtime.LockOSThread() // for ever: the thread ends with the test
			l.load(t)
			test(t)
		})
	}
}

func (l lack) load(t *testing.T) {
	t.Helper()
	answer := func(e unix.Errno) unix.SockFilter {
		return unix.SockFilter{Code: unix.BPF_RET | unix.BPF_K, K: unix.SECCOMP_RET_ERRNO | uint32(e)}
	}
	load := func(at uint32) unix.SockFilter {
		return unix.SockFilter{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, K: at}
	}
	unless := func(value uint32, skip uint8) unix.SockFilter {
		return unix.SockFilter{Code: unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, K: value, Jf: skip}
	}
	allow := unix.SockFilter{Code: unix.BPF_RET | unix.BPF_K, K: unix.SECCOMP_RET_ALLOW}
	plain := answer(l.closeRange)
	if l.onlyFlags {
		plain = allow
	}
	const nr, flags = 0, 32 // in struct seccomp_data
	filter := []unix.SockFilter{
		load(nr), unless(unix.SYS_MOUNT_SETATTR, 1), answer(l.setattr),
		unless(unix.SYS_CLOSE_RANGE, 4), load(flags), unless(0, 1), plain, answer(l.closeRange),
		allow,
	}
	prog := unix.SockFprog{Len: uint16(len(filter)), Filter: &filter[0]}
	_, _, e := unix.RawSyscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, 0, uintptr(unsafe.Pointer(&prog)))
	runtime.KeepAlive(filter)
	if e != 0 {
		t.Fatalf("load a filter: %v", e)
	}
	if _, _, e := unix.RawSyscall6(unix.SYS_MOUNT_SETATTR, ^uintptr(0), 0, 0, 0, 0, 0); e != l.setattr {
		t.Fatalf("mount_setattr with the filter: %v", e)
	}
}

func TestContainersRunOnTheOldestKernel(t *testing.T) {
	variants := map[string]func(h *harness.H) []harness.Mutate{
		"default": func(*harness.H) []harness.Mutate { return nil },
		"shared":  func(*harness.H) []harness.Mutate { return propagate("shared") },
		"user":    func(h *harness.H) []harness.Mutate { return []harness.Mutate{shifted(h)} },
	}
	for name, mutate := range variants {
		t.Run(name, func(t *testing.T) {
			onAll(t, func(t *testing.T) {
				h := harness.New(t)
				got := h.Sh("touch /proc/sys/kernel/x 2>&1; ls /sys/firmware; touch /x 2>&1; echo end", append(mutate(h), func(s *specs.Spec) { s.Root.Readonly = true })...)
				has(t, got, "touch: /x: Read-only file system\nend", "touch: /proc/sys/kernel/x: ")
			})
		})
	}
}

func propagate(word string) []harness.Mutate {
	return []harness.Mutate{func(s *specs.Spec) { s.Linux.RootfsPropagation = word }}
}

func TestTheFlagsOfAMountAreRightOnTheOldestKernel(t *testing.T) {
	const some = syscall.MS_RDONLY | syscall.MS_NOSUID | syscall.MS_NOEXEC | syscall.MS_NOATIME | syscall.MS_NODIRATIME
	const strict, relative = syscall.MS_STRICTATIME, syscall.MS_RELATIME | syscall.MS_NODIRATIME
	onAll(t, func(t *testing.T) {
		for _, tt := range []struct {
			source      uintptr
			words, want string
		}{
			{0, "ro", "ro relatime"}, {0, "noatime", "rw noatime"}, {0, "strictatime", "rw"}, {0, "nosymfollow", "rw relatime nosymfollow"},
			{some, "rw", "rw nosuid noexec noatime nodiratime"}, {some, "relatime", "ro nosuid noexec nodiratime relatime"},
			{some, "diratime,suid,exec", "ro noatime"}, {some, "atime,diratime", "ro nosuid noexec relatime"},
			{some, "strictatime", "ro nosuid noexec nodiratime"}, {strict, "ro", "ro"}, {strict, "nodiratime", "rw nodiratime"},
			{relative, "diratime", "rw relatime"}, {relative, "nodev", "rw nodev nodiratime relatime"}, {unix.MS_NOSYMFOLLOW, "nodev", "rw nodev relatime nosymfollow"},
		} {
			h := harness.New(t)
			all := mountsOf(h, harness.Root(h.OwnRoot()), harness.Bind(sourceTree(h, tt.source), "/mnt", tt.words))
			if got := flagsOf(at(h, all, "/mnt")); got != tt.want {
				t.Errorf("source %#x, %q: %q, want %q", tt.source, tt.words, got, tt.want)
			}
		}
	})
}

func TestPropagationActsOnTheOldestKernel(t *testing.T) {
	onAll(t, func(t *testing.T) {
		h := harness.New(t)
		tmpfs := func(dest, word string) harness.Mutate {
			return harness.Mount(specs.Mount{Destination: dest, Type: "tmpfs", Source: "tmpfs", Options: []string{word}})
		}
		all := mountsOf(h, harness.Root(h.OwnRoot()), tmpfs("/mnt/a", "shared"), tmpfs("/mnt/b", "unbindable"), tmpfs("/mnt/c", "rprivate"))
		if !at(h, all, "/mnt/a").peer("shared:") || !at(h, all, "/mnt/b").peer("unbindable") || len(at(h, all, "/mnt/c").peers) != 0 {
			t.Errorf("shared: %v, unbindable: %v, private: %v", at(h, all, "/mnt/a").peers, at(h, all, "/mnt/b").peers, at(h, all, "/mnt/c").peers)
		}
	})
}

func TestNoFileOfTheCallerIsOpenInTheProcessOnTheOldestKernel(t *testing.T) {
	onAll(t, func(t *testing.T) {
		h := harness.New(t)
		far := func(c *exec.Cmd) { // up to the highest number that there may be
			extra(h, 3)(c)
			c.Args = append([]string{"bash", "-c", `n=$(ulimit -Hn); ulimit -Sn $n && eval "exec 700<&0 $((n-1))>&1" && exec "$0" "$@"; exit 99`, c.Path}, c.Args[1:]...)
			c.Path = bash(h)
		}
		r := h.Ok(h.Go(far, "run", "--bundle", h.Bundle(listFDs), h.ID()).Result())
		expect(t, r.Stdout, onlyStdio)
		r = h.Ok(h.Go(far, "run", "--preserve-fds", "2", "--bundle", h.Bundle(listFDs), h.ID()).Result())
		expect(t, r.Stdout, "0\n1\n2\n3\n4\n5\n")
	})
}

// bash knows redirections of more than one digit.
func bash(h *harness.H) string {
	h.Helper()
	path, err := exec.LookPath("bash")
	h.Must(err)
	return path
}

// TestAHookHasNoFileButItsStreams, whatever is kept for the process.
func TestAHookHasNoFileButItsStreams(t *testing.T) {
	check := func(t *testing.T) {
		h := harness.New(t)
		hook := h.Script("hook", "ls -1 /proc/self/fd > "+h.Path("fds"))
		h.Ok(h.Go(extra(h, 3), "run", "--preserve-fds", "3", "--bundle", h.Bundle(func(s *specs.Spec) {
			s.Hooks = &specs.Hooks{CreateContainer: []specs.Hook{{Path: hook}}}
		}), h.ID()).Result())
		text, err := os.ReadFile(h.Path("fds"))
		h.Must(err)
		expect(t, strings.ReplaceAll(string(text), "10\n", ""), onlyStdio) // the shell may keep its script as 10
	}
	t.Run("this kernel", check)
	onAll(t, check)
}
