package lifecycle

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/creel-project/creel/tests/harness"
	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

// copySource fills a directory with one of each kind of file.
func copySource(h *harness.H, dir string) {
	h.Helper()
	h.WriteFile(filepath.Join(dir, "file"), "content", 0o640)
	h.Must(os.Chown(filepath.Join(dir, "file"), 12, 34))
	h.WriteFile(filepath.Join(dir, "sub/deep/program"), "#!/bin/sh\necho ran\n", 0o755)
	h.Must(os.Chmod(filepath.Join(dir, "sub/deep/program"), 0o755|os.ModeSetuid))
	h.Must(os.Chmod(filepath.Join(dir, "sub"), 0o750|os.ModeSticky))
	h.Must(os.Chown(filepath.Join(dir, "sub"), 56, 78))
	h.Must(os.Symlink("/nowhere/at/all", filepath.Join(dir, "link")))
	h.Must(os.Lchown(filepath.Join(dir, "link"), 90, 91))
	h.Must(syscall.Mkfifo(filepath.Join(dir, "fifo"), 0o604))
	h.Must(os.Chmod(filepath.Join(dir, "fifo"), 0o604))
	h.WriteFile(filepath.Join(dir, "large"), strings.Repeat("0123456789abcdef", 100_000), 0o600)
	h.WriteFile(filepath.Join(dir, ".hidden"), "", 0o400)
}

func TestTmpcopyupFillsATmpfsWithWhatItCovers(t *testing.T) {
	for _, userns := range []bool{false, true} {
		t.Run(fmt.Sprintf("userns %v", userns), func(t *testing.T) {
			h := harness.New(t)
			root := h.OwnRoot()
			copySource(h, filepath.Join(root, "data"))
			m := harness.Root(root)
			if userns {
				inner := m
				m = func(s *specs.Spec) { inner(s); harness.UserNS(0, 65536)(s) }
			}
			got := h.Sh(`cd /data; stat -c '%n %F %a %u:%g' .hidden * sub/deep sub/deep/program; cat file; echo; readlink link; sub/deep/program
				md5sum < large; echo more > new; rm file; stat -f -c %T .`, m, harness.Caps("CAP_DAC_OVERRIDE"),
				harness.Mount(specs.Mount{Destination: "/data", Type: "tmpfs", Source: "tmpfs", Options: []string{"tmpcopyup", "size=8m", "mode=711"}}))
			want := h.Sh(`cd /data; stat -c '%n %F %a %u:%g' .hidden * sub/deep sub/deep/program; cat file; echo; readlink link; sub/deep/program
				md5sum < large`, harness.Root(root), harness.Caps("CAP_DAC_OVERRIDE")) + "\ntmpfs"
			expect(t, got, want)
			has(t, want, "file regular file 640 12:34", "fifo fifo 604 0:0", "link symbolic link 777 90:91", "sub directory 1750 56:78", "sub/deep/program regular file 4755 0:0", "ran\n")
			if _, err := os.Stat(filepath.Join(root, "data/file")); err != nil {
				t.Error(err)
			}
			if _, err := os.Stat(filepath.Join(root, "data/new")); err == nil {
				t.Error("the source was written to")
			}
		})
	}
}

func TestAReadOnlyTmpfsIsFilledBeforeItIsClosed(t *testing.T) {
	h := harness.New(t)
	root := h.OwnRoot()
	h.WriteFile(filepath.Join(root, "data/file"), "content\n", 0o644)
	got := h.Sh("cat /data/file; touch /data/x 2>&1 || true", harness.Root(root),
		harness.Mount(specs.Mount{Destination: "/data", Type: "tmpfs", Source: "tmpfs", Options: []string{"tmpcopyup", "ro"}}))
	expect(t, got, "content\ntouch: /data/x: Read-only file system")
}

func TestTmpcopyupOfAMissingDirectoryIsAnEmptyTmpfs(t *testing.T) {
	h := harness.New(t)
	got := h.Sh("ls -A /not/there | wc -l", harness.Root(h.OwnRoot()),
		harness.Mount(specs.Mount{Destination: "/not/there", Type: "tmpfs", Source: "tmpfs", Options: []string{"tmpcopyup"}}))
	expect(t, got, "0")
}

func TestTmpcopyupThatDoesNotFitNamesTheMount(t *testing.T) {
	h := harness.New(t)
	root := h.OwnRoot()
	h.WriteFile(filepath.Join(root, "data/large"), strings.Repeat("x", 1<<20), 0o644)
	b := h.Bundle(harness.Root(root), harness.Mount(specs.Mount{Destination: "/data", Type: "tmpfs", Source: "tmpfs", Options: []string{"tmpcopyup", "size=64k"}}))
	h.Fails(h.Run(b), "mounts[7]", "/data", "large", "no space left on device")
}

// copiedUp is a tmpfs over /data.
func copiedUp(options ...string) harness.Mutate {
	return harness.Mount(specs.Mount{Destination: "/data", Type: "tmpfs", Source: "tmpfs", Options: append([]string{"tmpcopyup"}, options...)})
}

func TestTmpcopyupShowsTheOwnersThatTheContainerSaw(t *testing.T) {
	h := harness.New(t)
	root := h.OwnRoot()
	h.Chown(root, 100000, 100000)
	in100000 := func(s *specs.Spec) {
		harness.Root(root)(s)
		harness.UserNS(100000, 65536)(s)
	}
	h.WriteFile(filepath.Join(root, "data/sub/of-the-host"), "of the host\n", 0o644)
	h.WriteFile(filepath.Join(root, "data/private"), "mine\n", 0o600)
	h.Must(os.Chown(filepath.Join(root, "data/private"), 100007, 100008))
	h.Must(syscall.Mknod(filepath.Join(root, "data/null"), syscall.S_IFCHR|0o666, 1<<8|3))
	const look = "cd /data; stat -c '%n %a %u:%g' private sub sub/of-the-host; cat private sub/of-the-host"
	got := h.Sh(look+"; ls", in100000, harness.Caps("CAP_DAC_OVERRIDE"), copiedUp())
	expect(t, got, "private 600 7:8\nsub 755 65534:65534\nsub/of-the-host 644 65534:65534\nmine\nof the host\nprivate\nsub")
	expect(t, got, h.Sh(look, in100000, harness.Caps("CAP_DAC_OVERRIDE"))+"\nprivate\nsub")

	// what the container's root may not read is not read for it
	h.WriteFile(filepath.Join(root, "data/sub/secret"), "of the host's root", 0o600)
	h.Fails(h.Run(h.Bundle(in100000, copiedUp())), "mounts[7]", "/data", "copy up", "sub/secret", "permission denied")
}

func TestTmpcopyupOfAnOrdinaryUserReadsWhatHisIdsOwn(t *testing.T) {
	h := harness.New(t)
	u := newUser(h)
	root := h.OwnRoot()
	h.Chown(root, userID, userID)
	h.WriteFile(filepath.Join(root, "data/private"), "of a subordinate id\n", 0o600)
	h.Must(os.Chown(filepath.Join(root, "data/private"), 200009, 300009))
	b := u.bundle(harness.Script("stat -f -c %T /data; stat -c '%a %u:%g' /data/private; cat /data/private"), copiedUp(), func(s *specs.Spec) {
		s.Root.Path = root
		s.Linux.UIDMappings = []specs.LinuxIDMapping{{ContainerID: 0, HostID: userID, Size: 1}, {ContainerID: 1, HostID: 200000, Size: 65536}}
		s.Linux.GIDMappings = []specs.LinuxIDMapping{{ContainerID: 0, HostID: userID, Size: 1}, {ContainerID: 1, HostID: 300000, Size: 65536}}
		harness.Caps("CAP_DAC_OVERRIDE")(s)
	})
	r := h.Ok(u.creel("run", "--bundle", b, "own").Result())
	expect(t, r.Stdout, "tmpfs\n600 10:10\nof a subordinate id\n")
}

// descend makes a directory in each other and a file in the last one.
func descend(h *harness.H, dir string, depth int) {
	h.Helper()
	fd, err := unix.Open(dir, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	h.Must(err)
	for range depth {
		h.Must(unix.Mkdirat(fd, "d", 0o755))
		next, err := unix.Openat(fd, "d", unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
		h.Must(err)
		unix.Close(fd)
		fd = next
	}
	last, err := unix.Openat(fd, "last", unix.O_WRONLY|unix.O_CREAT|unix.O_CLOEXEC, 0o644)
	h.Must(err)
	unix.Close(last)
	unix.Close(fd)
	h.Cleanup(func() { h.Host("rm -rf " + filepath.Join(dir, "d")) })
}

// depthOf counts the directories above the file that descend made.
func depthOf(h *harness.H, dir string) int {
	h.Helper()
	fd, err := unix.Open(dir, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	h.Must(err)
	defer func() { unix.Close(fd) }()
	for n := 0; ; n++ {
		if unix.Faccessat(fd, "last", unix.F_OK, 0) == nil {
			return n
		}
		next, err := unix.Openat(fd, "d", unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
		h.Must(err)
		unix.Close(fd)
		fd = next
	}
}

func TestTmpcopyupCopiesATreeOfAnyDepth(t *testing.T) {
	h := harness.New(t)
	root := h.OwnRoot()
	h.Must(os.Mkdir(filepath.Join(root, "data"), 0o755))
	descend(h, filepath.Join(root, "data"), 3000)
	for i := range 500 { // more than one read of a directory brings, on either side of it
		h.WriteFile(filepath.Join(root, "data", fmt.Sprintf("a file with a long name, number %d", i)), "", 0o644)
	}
	files := func(s *specs.Spec) {
		s.Process.Rlimits = []specs.POSIXRlimit{{Type: "RLIMIT_NOFILE", Soft: 64, Hard: 64}}
	}
	c := h.Started(h.Bundle(harness.Root(root), copiedUp(), files, harness.Script("stat -f -c %T /data; ls /data | wc -l; echo end; exec sleep 1000")))
	c.Says("end")
	expect(t, c.Output(), "tmpfs\n501\nend\n")
	if n := depthOf(h, fmt.Sprintf("/proc/%d/root/data", h.State(c.ID).Pid)); n != 3000 {
		t.Errorf("the copy has %d levels", n)
	}
	r := h.Fails(h.Run(h.Bundle(harness.Root(root), copiedUp("nr_inodes=2k"))), "mounts[7]", "/data", "copy up: d/d/d/", "/…/d: no space left on device")
	if n := len(r.LastLine()); n > 600 {
		t.Errorf("the error has %d bytes", n)
	}
}
