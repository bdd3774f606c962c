package lifecycle

import (
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/creel-project/creel/tests/harness"
	"github.com/opencontainers/runtime-spec/specs-go"
)

// The flags that mountinfo shows for a mount, beside ro or rw.
var allFlags = []string{"nosuid", "nodev", "noexec", "noatime", "nodiratime", "relatime", "nosymfollow"}

func flagsOf(m *mountLine) string {
	var f []string
	for _, o := range append([]string{"ro", "rw"}, allFlags...) {
		if m.has(o) {
			f = append(f, o)
		}
	}
	return strings.Join(f, " ")
}

func TestEachOptionWordOfANewMountActs(t *testing.T) {
	h := harness.New(t)
	tests := []struct{ words, want string }{
		{"", "rw relatime"}, {"defaults", "rw relatime"}, {"ro", "ro relatime"}, {"ro rw", "rw relatime"},
		{"nosuid", "rw nosuid relatime"}, {"nosuid suid", "rw relatime"},
		{"nodev", "rw nodev relatime"}, {"nodev dev", "rw relatime"},
		{"noexec", "rw noexec relatime"}, {"noexec exec", "rw relatime"},
		{"noatime", "rw noatime"}, {"noatime atime", "rw relatime"}, {"relatime", "rw relatime"},
		{"strictatime", "rw"}, {"strictatime nostrictatime", "rw relatime"}, {"noatime strictatime", "rw"},
		{"nodiratime", "rw nodiratime relatime"}, {"nodiratime diratime", "rw relatime"},
		{"nosymfollow", "rw relatime nosymfollow"}, {"nosymfollow symfollow", "rw relatime"},
		{"rro", "ro relatime"}, {"rnosuid", "rw nosuid relatime"}, {"rnoatime", "rw noatime"},
		{"ro,nosuid,nodev", "ro nosuid nodev relatime"},
		{"ro nosuid nodev noexec noatime nodiratime", "ro nosuid nodev noexec noatime nodiratime"},
	}
	var list []harness.Mutate
	for i, tt := range tests {
		list = append(list, harness.Mount(specs.Mount{Destination: "/mnt/" + string(rune('A'+i)), Type: "tmpfs", Source: "tmpfs", Options: strings.Fields(tt.words)}))
	}
	all := mountsOf(h, append(list, harness.Root(h.OwnRoot()))...)
	for i, tt := range tests {
		if got := flagsOf(at(h, all, "/mnt/"+string(rune('A'+i)))); got != tt.want {
			t.Errorf("%q: %q, want %q", tt.words, got, tt.want)
		}
	}
}

func TestWordsOfTheSuperblockReachIt(t *testing.T) {
	h := harness.New(t)
	tests := []struct{ words, want, not string }{
		{"sync", "sync", ""}, {"sync async", "", "sync"}, {"dirsync", "dirsync", ""},
		{"lazytime", "lazytime", ""}, {"lazytime nolazytime", "", "lazytime"},
		{"silent", "", ""}, {"loud", "", ""}, {"acl", "", ""}, {"noacl", "", ""}, {"iversion", "", ""}, {"noiversion", "", ""}, {"nomand", "", ""},
		{"size=64k", "size=64k", ""}, {"nr_inodes=100", "nr_inodes=100", ""},
	}
	var list []harness.Mutate
	for i, tt := range tests {
		list = append(list, harness.Mount(specs.Mount{Destination: "/mnt/" + string(rune('A'+i)), Type: "tmpfs", Source: "tmpfs", Options: strings.Fields(tt.words)}))
	}
	all := mountsOf(h, append(list, harness.Root(h.OwnRoot()))...)
	for i, tt := range tests {
		m := at(h, all, "/mnt/"+string(rune('A'+i)))
		if tt.want != "" && !slices.Contains(m.super, tt.want) || tt.not != "" && slices.Contains(m.super, tt.not) {
			t.Errorf("%q: %v", tt.words, m.super)
		}
	}
}

// sourceTree mounts one tmpfs below another and returns the upper one's path.
func sourceTree(h *harness.H, flags uintptr) string {
	h.Helper()
	dir := h.Path("tree")
	h.Must(os.Mkdir(dir, 0o755))
	h.MountTmpfs(dir)
	h.Must(os.Mkdir(dir+"/sub", 0o755))
	h.MountTmpfs(dir + "/sub")
	for _, d := range []string{dir + "/sub", dir} {
		h.Must(syscall.Mount("", d, "", syscall.MS_REMOUNT|syscall.MS_BIND|flags, ""))
	}
	return dir
}

func TestEachOptionWordOfABindMountActs(t *testing.T) {
	const noFlags = uintptr(0)
	const someFlags = syscall.MS_RDONLY | syscall.MS_NOSUID | syscall.MS_NODEV | syscall.MS_NOEXEC | syscall.MS_NOATIME | syscall.MS_NODIRATIME
	const strict = "ro nosuid nodev noexec noatime nodiratime"
	for _, tt := range []struct {
		source         uintptr
		words, top, at string // flags of the mount and of the one below
	}{
		{noFlags, "rbind", "rw relatime", "rw relatime"},
		{noFlags, "rbind ro", "ro relatime", "rw relatime"},
		{noFlags, "rbind nosuid nodev noexec", "rw nosuid nodev noexec relatime", "rw relatime"},
		{noFlags, "rbind rro", "ro relatime", "ro relatime"},
		{noFlags, "rbind rnosuid rnodev rnoexec rnosymfollow", "rw nosuid nodev noexec relatime nosymfollow", "rw nosuid nodev noexec relatime nosymfollow"},
		{noFlags, "rbind rnoatime", "rw noatime", "rw noatime"},
		{noFlags, "rbind rstrictatime rnodiratime", "rw nodiratime", "rw nodiratime"},
		{noFlags, "rbind rro rw", "ro relatime", "ro relatime"},
		{someFlags, "rbind", strict, strict},
		{someFlags, "rbind rw", "rw nosuid nodev noexec noatime nodiratime", strict},
		{someFlags, "rbind suid dev exec atime diratime rw", "rw relatime", strict},
		{someFlags, "rbind rrw", "rw nosuid nodev noexec noatime nodiratime", "rw nosuid nodev noexec noatime nodiratime"},
		{someFlags, "rbind rrw rsuid rdev rexec rrelatime rdiratime rsymfollow", "rw relatime", "rw relatime"},
		{someFlags, "rbind ratime", "ro nosuid nodev noexec nodiratime relatime", "ro nosuid nodev noexec nodiratime relatime"},
		{someFlags, "rbind strictatime", "ro nosuid nodev noexec nodiratime", strict},
		{noFlags, "rbind rnorelatime", "rw relatime", "rw relatime"},
		{noFlags, "rbind rnostrictatime", "rw relatime", "rw relatime"},
	} {
		t.Run(tt.words, func(t *testing.T) {
			h := harness.New(t)
			all := mountsOf(h, harness.Root(h.OwnRoot()), harness.Mount(specs.Mount{Destination: "/mnt", Source: sourceTree(h, tt.source), Options: strings.Fields(tt.words)}))
			if got := flagsOf(at(h, all, "/mnt")); got != tt.top {
				t.Errorf("the mount: %q, want %q", got, tt.top)
			}
			if got := flagsOf(at(h, all, "/mnt/sub")); got != tt.at {
				t.Errorf("the mount below: %q, want %q", got, tt.at)
			}
		})
	}
}

func TestAReadOnlyBindLeavesItsSourceWritable(t *testing.T) {
	h := harness.New(t)
	h.Must(os.Mkdir(h.Path("dir"), 0o755))
	got := h.Sh("touch /mnt/a/x 2>&1; touch /mnt/b/y; ls /mnt/a", harness.Root(h.OwnRoot()), harness.Bind(h.Path("dir"), "/mnt/a", "ro"), harness.Bind(h.Path("dir"), "/mnt/b"))
	expect(t, got, "touch: /mnt/a/x: Read-only file system\ny")
	h.WriteFile(h.Path("dir/z"), "", 0o644)
}

func TestTheKernelEnforcesTheFlagsOfAMount(t *testing.T) {
	h := harness.New(t)
	dir := h.Path("dir")
	h.WriteFile(dir+"/program", "#!/bin/sh\necho ran", 0o755)
	h.Must(os.Symlink("program", dir+"/link"))
	h.Must(syscall.Mknod(dir+"/null", syscall.S_IFCHR|0o666, 1<<8|3))
	got := h.Sh(`/mnt/program 2>&1; cat /mnt/link 2>&1; echo > /mnt/null 2>&1`+"; true", harness.Root(h.OwnRoot()),
		harness.Bind(dir, "/mnt", "noexec", "nosymfollow", "nodev"))
	has(t, got, "/mnt/program: Permission denied", "/mnt/link': Too many levels of symbolic links")
	if strings.Contains(got, "ran") {
		t.Error(got)
	}
}
