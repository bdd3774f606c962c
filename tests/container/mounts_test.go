package container

import (
	"os"
	"strings"
	"testing"

	"github.com/creel-project/creel/tests/harness"
	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

func tmpfs(dest string, options ...string) harness.Mutate {
	return harness.Mount(specs.Mount{Destination: dest, Type: "tmpfs", Source: "tmpfs", Options: options})
}

func TestOptionWordsBecomeFlagsOfTheMount(t *testing.T) {
	for words, want := range map[string]string{
		"ro": "ro", "nosuid": "nosuid", "nodev": "nodev", "noexec": "noexec", "noatime": "noatime", "nodiratime": "nodiratime",
		"relatime": "relatime", "ro,rw": "rw", "nosymfollow": "nosymfollow", "size=1m": "size=1024k", "mode=700": "mode=700",
	} {
		h := harness.New(t)
		got := h.Sh("grep ' /mnt ' /proc/self/mounts | cut -d' ' -f4", writable(h), tmpfs("/mnt", strings.Split(words, ",")...))
		if !strings.Contains(","+got+",", ","+want+",") {
			t.Errorf("with %s the mount is %s", words, got)
		}
	}
}

func TestRecursiveWordsReachTheWholeTree(t *testing.T) {
	h := harness.New(t)
	source := h.Path("source")
	h.Must(os.MkdirAll(source+"/sub", 0o755))
	h.Must(unix.Mount("tmpfs", source+"/sub", "tmpfs", 0, ""))
	t.Cleanup(func() { h.Must(unix.Unmount(source+"/sub", unix.MNT_DETACH)) })
	script := "for d in /mnt /mnt/sub; do touch $d/x 2>/dev/null && echo $d is writable; rm -f $d/x; done; true"
	if got := h.Sh(script, writable(h), harness.Bind(source, "/mnt", "rbind", "rro")); got != "" {
		t.Errorf("with rro: %s", got)
	}
	if got := h.Sh(script, harness.Root(h.Path("rootfs")), harness.Bind(source, "/mnt", "rbind", "ro")); got != "/mnt/sub is writable" {
		t.Errorf("with ro: %s", got)
	}
	if got := h.Sh("ls -A /mnt/sub | wc -l; grep -c ' /mnt/sub ' /proc/self/mounts || true", harness.Root(h.Path("rootfs")), harness.Bind(source, "/mnt")); got != "0\n0" {
		t.Errorf("a bind that is not recursive brings the mounts below: %s", got)
	}
}

func TestAFileIsMountedOverAFileThatIsMade(t *testing.T) {
	h := harness.New(t)
	h.WriteFile(h.Path("file"), "content", 0o644)
	if got := h.Sh("cat /new/dir/file", writable(h), harness.Bind(h.Path("file"), "/new/dir/file", "ro")); got != "content" {
		t.Errorf("got %q", got)
	}
}

func TestTmpcopyupFillsTheTmpfsFromWhatItHides(t *testing.T) {
	h := harness.New(t)
	root := h.OwnRoot()
	h.WriteFile(root+"/data/sub/file", "content", 0o640)
	h.Must(os.Chown(root+"/data/sub/file", 12, 34))
	h.Must(os.Symlink("sub/file", root+"/data/link"))
	h.Must(os.Chmod(root+"/data", 0o711))
	got := h.Sh("cat /data/link; echo; stat -c '%a %u:%g' /data/sub/file; readlink /data/link; stat -c %a /data; grep -c '^tmpfs /data ' /proc/self/mounts; echo new > /data/sub/file",
		harness.Root(root), tmpfs("/data", "tmpcopyup"), harness.Caps("CAP_DAC_OVERRIDE"))
	if got != "content\n640 12:34\nsub/file\n711\n1" {
		t.Errorf("got %q", got)
	}
	if text, _ := os.ReadFile(root + "/data/sub/file"); string(text) != "content" {
		t.Errorf("the hidden file says %q", text)
	}
}

func TestIDMappedMountsShiftOwners(t *testing.T) {
	h := harness.New(t)
	h.WriteFile(h.Path("source", "file"), "", 0o644)
	h.Must(os.Chown(h.Path("source", "file"), 1000, 1000))
	own := harness.Mount(specs.Mount{
		Destination: "/mnt", Type: "bind", Source: h.Path("source"), Options: []string{"bind", "idmap"},
		UIDMappings: []specs.LinuxIDMapping{{ContainerID: 1000, HostID: 2000, Size: 1}},
		GIDMappings: []specs.LinuxIDMapping{{ContainerID: 1000, HostID: 3000, Size: 1}},
	})
	if got := h.Sh("stat -c %u:%g /mnt/file", writable(h), own); got != "2000:3000" {
		t.Errorf("with maps of its own: %s", got)
	}
	h.Must(os.RemoveAll(h.Path("rootfs")))
	if got := h.Sh("stat -c %u:%g /mnt/file; touch /mnt/new", shifted(h), harness.Bind(h.Path("source"), "/mnt", "idmap"), func(s *S) {
		h.Must(os.Chmod(h.Path("source"), 0o777))
	}); got != "1000:1000" {
		t.Errorf("with the container's maps: %s", got)
	}
	var st unix.Stat_t
	h.Must(unix.Stat(h.Path("source", "new"), &st))
	if st.Uid != 0 {
		t.Errorf("what root made inside belongs to %d outside", st.Uid)
	}
}

func TestPropagationIsAsTheWordsSay(t *testing.T) {
	h := harness.New(t)
	source := h.Path("source")
	h.Must(os.MkdirAll(source, 0o755))
	h.Must(unix.Mount(source, source, "", unix.MS_BIND, ""))
	h.Must(unix.Mount("", source, "", unix.MS_SHARED, ""))
	t.Cleanup(func() { h.Must(unix.Unmount(source, unix.MNT_DETACH)) })
	h.Must(os.MkdirAll(source+"/late", 0o755))
	for words, seen := range map[string]bool{"rslave": true, "rprivate": false} {
		c := h.Started(h.Bundle(harness.Script("echo ready; while [ ! -e /mnt/go ]; do sleep 0.05; done; ls /mnt/late; echo end; sleep 1000"),
			harness.Bind(source, "/mnt", "rbind", words), writable(h)))
		c.Says("ready")
		h.Must(unix.Mount("tmpfs", source+"/late", "tmpfs", 0, ""))
		h.WriteFile(source+"/late/arrived", "", 0o644)
		h.WriteFile(source+"/go", "", 0o644)
		c.Says("end")
		if got := strings.Contains(c.Output(), "arrived"); got != seen {
			t.Errorf("with %s a later mount of the host is seen: %v", words, got)
		}
		h.Must(unix.Unmount(source+"/late", 0))
		h.Must(os.Remove(source + "/go"))
		h.Ok(h.Creel("delete", "--force", c.ID))
		h.Must(os.RemoveAll(h.Path("rootfs")))
	}
}

func TestTheRootIsReadOnlyWhenAsked(t *testing.T) {
	says(t, "touch /x 2>/dev/null || echo refused; touch /dev/shm/x && echo not below", "refused\nnot below")
	h := harness.New(t)
	if got := h.Sh("touch /x && echo written", writable(h)); got != "written" {
		t.Errorf("got %q", got)
	}
}

func TestRootfsPropagationIsThatOfTheRoot(t *testing.T) {
	for word, want := range map[string]string{"shared": "shared:", "private": "", "unbindable": "unbindable", "slave": ""} {
		h := harness.New(t)
		got := h.Sh(`awk '$5 == "/" { for (i = 7; $i != "-"; i++) printf "%s ", $i }' /proc/self/mountinfo`, func(s *S) { s.Linux.RootfsPropagation = word })
		if want == "" && strings.Contains(got, "shared") || !strings.Contains(got, want) {
			t.Errorf("with %s the root is %q", word, got)
		}
	}
}

func TestMaskedPathsAreEmptyAndMissingOnesAreNoMistake(t *testing.T) {
	h := harness.New(t)
	root := h.OwnRoot()
	h.WriteFile(root+"/secret/file", "hidden", 0o644)
	h.WriteFile(root+"/word", "hidden", 0o644)
	got := h.Sh("ls -A /secret /other; cat /word; touch /secret/x 2>/dev/null || echo read-only; stat -c %d /secret > /tmp/a; stat -c %d /other > /tmp/b; cmp /tmp/a /tmp/b && echo one tmpfs",
		harness.Root(root), func(s *S) {
			h.Must(os.Mkdir(root+"/other", 0o755))
			s.Linux.MaskedPaths = []string{"/secret", "/word", "/other", "/missing", "/word/below"}
		})
	if got != "/other:\n\n/secret:\nread-only\none tmpfs" {
		t.Errorf("got %q", got)
	}
}

func TestReadonlyPathsAreReadOnly(t *testing.T) {
	h := harness.New(t)
	root := h.OwnRoot()
	h.WriteFile(root+"/fixed/file", "kept", 0o644)
	got := h.Sh("echo changed > /fixed/file; cat /fixed/file; touch /tmp/x && echo elsewhere", harness.Root(root), func(s *S) {
		s.Linux.ReadonlyPaths = []string{"/fixed", "/missing"}
	})
	contains(t, got, "kept", "elsewhere")
}

func TestTheDefaultDevicesAndLinksAreThere(t *testing.T) {
	says(t, `cd /dev; stat -c '%n %F %t,%T %a %u:%g' full null random tty urandom zero; for l in fd stdin stdout stderr ptmx; do readlink $l; done; test -c /dev/pts/ptmx && echo pts`,
		strings.Join([]string{
			"full character special file 1,7 666 0:0", "null character special file 1,3 666 0:0", "random character special file 1,8 666 0:0",
			"tty character special file 5,0 666 0:0", "urandom character special file 1,9 666 0:0", "zero character special file 1,5 666 0:0",
			"/proc/self/fd", "/proc/self/fd/0", "/proc/self/fd/1", "/proc/self/fd/2", "pts/ptmx", "pts",
		}, "\n"))
}

func TestListedDevicesHaveTheirModeAndOwner(t *testing.T) {
	mode := os.FileMode(0o640)
	says(t, "stat -c '%F %t,%T %a %u:%g' /dev/deep/mine /dev/pipe", "character special file a,e5 640 1000:5\nfifo 0,0 666 0:0", func(s *S) {
		s.Linux.Devices = []specs.LinuxDevice{
			{Path: "/dev/deep/mine", Type: "c", Major: 10, Minor: 229, FileMode: &mode, UID: harness.Ptr(uint32(1000)), GID: harness.Ptr(uint32(5))},
			{Path: "/dev/pipe", Type: "p"},
		}
	})
}

func TestOverlayAndMqueueAndSysfsCanBeMounted(t *testing.T) {
	h := harness.New(t)
	for _, d := range []string{"lower", "upper", "work"} {
		h.Must(os.Mkdir(h.Path(d), 0o755))
	}
	h.WriteFile(h.Path("lower", "file"), "below", 0o644)
	got := h.Sh("cat /mnt/file; echo; echo above > /mnt/file; ls -d /dev/mqueue /sys/class", writable(h), harness.Mount(specs.Mount{
		Destination: "/mnt", Type: "overlay", Source: "overlay",
		Options: []string{"lowerdir=" + h.Path("lower"), "upperdir=" + h.Path("upper"), "workdir=" + h.Path("work")},
	}))
	if got != "below\n/dev/mqueue\n/sys/class" {
		t.Errorf("got %q", got)
	}
	if text, _ := os.ReadFile(h.Path("upper", "file")); string(text) != "above\n" {
		t.Errorf("the upper directory has %q", text)
	}
}

func TestWithoutPivotTheRootIsMovedAndTheHostIsOutOfReach(t *testing.T) {
	h := harness.New(t)
	h.WriteFile(h.Path("outside"), "", 0o644)
	r := h.Ok(h.Run(h.Bundle(harness.Script("ls /; ls "+h.Path("outside")+" 2>/dev/null; ls /proc/1/root/bin/sh"), writable(h)), "--no-pivot"))
	contains(t, r.Stdout, "bin\n", "/proc/1/root/bin/sh")
	if strings.Contains(r.Stdout, "outside") {
		t.Error(r)
	}
}

// The list of devices is for the process: what the config mounts need not be on it.
func TestAFileSystemOnADeviceIsMountedWhichTheProcessMayNotOpen(t *testing.T) {
	h := harness.New(t)
	_, device := h.Ext4()
	w, m := writable(h), harness.Mount(specs.Mount{Destination: "/mnt", Type: "ext4", Source: device})
	if got := h.Sh("cat /mnt/file", w, m); got != "on a device" {
		t.Error(got)
	}
	numbers := h.Host("stat -c '%t %T' " + device)
	major, minor, _ := strings.Cut(strings.TrimSpace(numbers), " ")
	got := h.Sh("exec 2>&1; mknod /tmp/d b $((0x"+major+")) $((0x"+minor+")) && dd if=/tmp/d count=1; true", w, m, tmpfs("/tmp"), harness.Caps("CAP_MKNOD"))
	if !strings.Contains(got, "not permitted") {
		t.Errorf("the process reads %s: %s", device, got)
	}
}
