package lifecycle

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/creel-project/creel/tests/harness"
	"github.com/opencontainers/runtime-spec/specs-go"
)

func TestTheContainerSeesTheMountsOfItsConfigAndNoOther(t *testing.T) {
	for _, flags := range [][]string{nil, {"--no-pivot"}} {
		t.Run(strings.Join(append([]string{"run"}, flags...), " "), func(t *testing.T) {
			h := harness.New(t)
			b := h.Bundle(harness.Script("cut -d' ' -f5 /proc/self/mountinfo | sort -u"), func(s *specs.Spec) {
				s.Linux.MaskedPaths, s.Linux.ReadonlyPaths = nil, nil
				s.Mounts = withoutMount(s.Mounts, "/sys/fs/cgroup")
			})
			r := h.Ok(h.Run(b, flags...))
			expect(t, r.Stdout, "/\n/dev\n/dev/mqueue\n/dev/pts\n/dev/shm\n/proc\n/sys\n")
		})
	}
}

func TestEachKindOfFileSystemIsMounted(t *testing.T) {
	h := harness.New(t)
	all := mountsOf(h,
		harness.Mount(specs.Mount{Destination: "/mnt/tmpfs", Type: "tmpfs", Source: "name", Options: []string{"size=128k", "mode=1711", "uid=5", "gid=6", "nosuid"}}),
		harness.Mount(specs.Mount{Destination: "/mnt/proc", Type: "proc", Source: "proc", Options: []string{"hidepid=invisible"}}),
		harness.Mount(specs.Mount{Destination: "/mnt/ramfs", Type: "ramfs", Source: "none"}),
		harness.Mount(specs.Mount{Destination: "/mnt/sysfs", Type: "sysfs", Source: "sysfs", Options: []string{"ro"}}),
		harness.Mount(specs.Mount{Destination: "/mnt/devpts", Type: "devpts", Source: "devpts", Options: []string{"newinstance", "mode=0600"}}),
		harness.Mount(specs.Mount{Destination: "/mnt/mqueue", Type: "mqueue", Source: "mqueue"}),
		harness.Root(h.OwnRoot()),
	)
	for point, fstype := range map[string]string{
		"/proc": "proc", "/dev": "tmpfs", "/dev/pts": "devpts", "/dev/shm": "tmpfs", "/dev/mqueue": "mqueue", "/sys": "sysfs",
		"/mnt/tmpfs": "tmpfs", "/mnt/proc": "proc", "/mnt/ramfs": "ramfs", "/mnt/sysfs": "sysfs", "/mnt/devpts": "devpts", "/mnt/mqueue": "mqueue",
	} {
		if m := at(h, all, point); m.fstype != fstype {
			t.Errorf("%s is a %s", point, m.fstype)
		}
	}
	m := at(h, all, "/mnt/tmpfs")
	if m.source != "name" || !m.has("nosuid") {
		t.Errorf("%+v", m)
	}
	for _, o := range []string{"size=128k", "mode=1711", "uid=5", "gid=6"} {
		if !slices.Contains(m.super, o) {
			t.Errorf("%s is missing in %v", o, m.super)
		}
	}
	if m := at(h, all, "/mnt/proc"); !slices.Contains(m.super, "hidepid=invisible") {
		t.Errorf("%+v", m)
	}
}

func TestATmpfsTakesOverTheModeOfItsMountPoint(t *testing.T) {
	h := harness.New(t)
	root := h.OwnRoot()
	h.Must(os.Mkdir(filepath.Join(root, "scratch"), 0o700))
	h.Must(os.Chmod(filepath.Join(root, "scratch"), 0o1770|os.ModeSticky))
	tmpfs := harness.Mount(specs.Mount{Destination: "/scratch", Type: "tmpfs", Source: "tmpfs"})
	expect(t, h.Sh("stat -c %a /scratch", harness.Root(root), tmpfs), "1770")
	given := harness.Mount(specs.Mount{Destination: "/scratch", Type: "tmpfs", Source: "tmpfs", Options: []string{"mode=705"}})
	expect(t, h.Sh("stat -c %a /scratch", harness.Root(root), given), "705")
}

func TestAnOverlayIsMountedFromItsLayers(t *testing.T) {
	h := harness.New(t)
	for _, d := range []string{"lower one", "lower2", "upper", "work"} {
		h.Must(os.Mkdir(h.Path(d), 0o755))
	}
	h.WriteFile(h.Path("lower one/a"), "one ", 0o644)
	h.WriteFile(h.Path("lower2/a"), "hidden ", 0o644)
	h.WriteFile(h.Path("lower2/b"), "two ", 0o644)
	got := h.Sh("cat /mnt/a /mnt/b; echo new > /mnt/c; cat /mnt/c", harness.Root(h.OwnRoot()), harness.Mount(specs.Mount{
		Destination: "/mnt", Type: "overlay", Source: "overlay",
		Options: []string{"lowerdir=" + h.Path("lower one") + ":" + h.Path("lower2"), "upperdir=" + h.Path("upper"), "workdir=" + h.Path("work")},
	}))
	expect(t, got, "one two new")
	text, err := os.ReadFile(h.Path("upper/c"))
	h.Must(err)
	expect(t, string(text), "new\n")
}

func TestMissingMountPointsAreMadeLikeTheirSource(t *testing.T) {
	h := harness.New(t)
	root := h.OwnRoot()
	h.WriteFile(h.Path("source/file"), "content\n", 0o644)
	got := h.Sh("cat /a/b/dir/file /c/d/file; stat -c %F:%a /a /a/b /a/b/dir /c/d /c/d/file", harness.Root(root),
		harness.Bind(h.Path("source"), "/a/b/dir"), harness.Bind(h.Path("source/file"), "/c/d/file"))
	expect(t, got, "content\ncontent\ndirectory:755\ndirectory:755\ndirectory:755\ndirectory:755\nregular file:644")
	info, err := os.Stat(filepath.Join(root, "c/d/file"))
	h.Must(err)
	if !info.Mode().IsRegular() || info.Size() != 0 {
		t.Errorf("the mount point in the root filesystem: %v, %d bytes", info.Mode(), info.Size())
	}
}

func TestLinksInAMountPointStayInTheRoot(t *testing.T) {
	h := harness.New(t)
	root := h.OwnRoot()
	h.Must(os.MkdirAll(filepath.Join(root, "real"), 0o755))
	h.Must(os.Symlink("/real", filepath.Join(root, "absolute")))
	h.Must(os.Symlink("../../../../real", filepath.Join(root, "relative")))
	h.WriteFile(h.Path("source/file"), "content", 0o644)
	for _, dest := range []string{"/absolute/x", "/relative/y", "/absolute", "/real/../absolute/./z", "/../../../real/q"} {
		expect(t, h.Sh("cat "+dest+"/file", harness.Root(root), harness.Bind(h.Path("source"), dest)), "content")
	}
}

func TestABindMountIsRecursiveOnlyWhenAsked(t *testing.T) {
	h := harness.New(t)
	h.WriteFile(h.Path("source/sub/below"), "", 0o644)
	h.MountTmpfs(h.Path("source/sub"))
	h.WriteFile(h.Path("source/sub/mounted"), "", 0o644)
	for want, m := range map[string]specs.Mount{
		"mounted": {Destination: "/mnt", Source: h.Path("source"), Options: []string{"rbind"}},
		"below":   {Destination: "/mnt", Source: h.Path("source"), Options: []string{"bind"}},
	} {
		root := harness.Root(h.OwnRootAt(want))
		for _, kind := range []string{"", "none", "bind"} {
			m.Type = kind
			expect(t, h.Sh("ls /mnt/sub", harness.Mount(m), root), want)
		}
	}
}

func TestALaterMountCoversAnEarlierOne(t *testing.T) {
	h := harness.New(t)
	h.WriteFile(h.Path("one/file"), "one", 0o644)
	h.WriteFile(h.Path("two/file"), "two", 0o644)
	root := harness.Root(h.OwnRoot())
	expect(t, h.Sh("cat /mnt/file", root, harness.Bind(h.Path("one"), "/mnt"), harness.Bind(h.Path("two"), "/mnt")), "two")
	got := h.Sh("cat /mnt/in/file; echo; ls /mnt", root, harness.Mount(specs.Mount{Destination: "/mnt", Type: "tmpfs", Source: "tmpfs"}), harness.Bind(h.Path("two"), "/mnt/in"))
	expect(t, got, "two\nin")
}

func TestAThousandMountsArePossible(t *testing.T) {
	h := harness.New(t)
	root := h.OwnRoot()
	got := h.Sh("grep -c /mnt/ /proc/self/mountinfo", harness.Root(root), func(s *specs.Spec) {
		for i := range 1000 {
			dest := "/mnt/" + strings.Repeat("d", i%50+1) + string(rune('a'+i%26)) + "/" + string(rune('a'+i/26%26)) + string(rune('a'+i/676))
			harness.Bind("/etc", dest, "ro")(s)
		}
	})
	expect(t, got, "1000")
}

func TestMountsMayFollowOneAnotherIntoProc(t *testing.T) {
	h := harness.New(t)
	h.WriteFile(h.Path("cpuinfo"), "one processor\n", 0o644)
	expect(t, h.Sh("cat /proc/cpuinfo", harness.Bind(h.Path("cpuinfo"), "/proc/cpuinfo", "ro")), "one processor")
}

func TestNothingThatTheContainerMountsReachesTheHost(t *testing.T) {
	h := harness.New(t)
	h.Must(os.Mkdir(h.Path("vol"), 0o755))
	h.MountTmpfs(h.Path("vol"))
	h.Must(syscall.Mount("", h.Path("vol"), "", syscall.MS_SHARED, ""))
	h.Must(os.Mkdir(h.Path("vol/sub"), 0o755))
	h.Sh("mount -t tmpfs none /mnt/sub && touch /mnt/sub/inside", harness.Root(h.OwnRoot()), harness.Caps("CAP_SYS_ADMIN"), harness.Bind(h.Path("vol"), "/mnt"))
	if _, err := os.Stat(h.Path("vol/sub/inside")); err == nil {
		t.Error("the mount reached the host")
	}
}
