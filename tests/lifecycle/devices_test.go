package lifecycle

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/creel-project/creel/tests/harness"
	"github.com/opencontainers/runtime-spec/specs-go"
)

const listDefaults = "for d in null zero full random urandom tty; do stat -c '%n %F %t:%T %a %u:%g' /dev/$d; done"

const defaultNodes = `/dev/null character special file 1:3 666 0:0
/dev/zero character special file 1:5 666 0:0
/dev/full character special file 1:7 666 0:0
/dev/random character special file 1:8 666 0:0
/dev/urandom character special file 1:9 666 0:0
/dev/tty character special file 5:0 666 0:0`

func TestTheDefaultDevicesAreThereAndWork(t *testing.T) {
	h := harness.New(t)
	expect(t, h.Sh(listDefaults), defaultNodes)
	got := h.Sh("head -c 4 /dev/zero | wc -c; head -c 4 /dev/urandom | wc -c; (echo x > /dev/full) 2>&1; cat /dev/null", func(s *specs.Spec) { s.Process.User.UID = 1000 })
	expect(t, got, "4\n4\nsh: write error: No space left on device")
}

func TestTheDefaultDevicesDoNotDependOnTheUmask(t *testing.T) {
	h := harness.New(t)
	expect(t, h.Sh(listDefaults, func(s *specs.Spec) { s.Process.User.Umask = harness.Ptr(uint32(0o777)) }), defaultNodes)
}

func TestTheStandardLinksAreThere(t *testing.T) {
	h := harness.New(t)
	expect(t, h.Sh("for l in fd stdin stdout stderr ptmx; do readlink /dev/$l; done; ls /dev/core 2>/dev/null"+"; true"),
		"/proc/self/fd\n/proc/self/fd/0\n/proc/self/fd/1\n/proc/self/fd/2\npts/ptmx")
}

func TestPtmxOfTheContainerMakesItsOwnTerminals(t *testing.T) {
	h := harness.New(t)
	expect(t, h.Sh("stat -c '%t:%T %a' /dev/pts/ptmx; exec 5<>/dev/ptmx; ls /dev/pts"), "5:2 666\n0\nptmx")
}

func TestListedDevicesAreMadeAsTheConfigSays(t *testing.T) {
	h := harness.New(t)
	got := h.Sh("stat -c '%n %F %t:%T %a %u:%g' /dev/mine /dev/net/deep /other/disk /dev/fifo /dev/null; mknod /dev/z c 1 5 2>/dev/null || echo no mknod", harness.Root(h.OwnRoot()), func(s *specs.Spec) {
		s.Process.User.Umask = harness.Ptr(uint32(0o077))
		s.Linux.Devices = []specs.LinuxDevice{
			{Path: "/dev/mine", Type: "c", Major: 1, Minor: 5, FileMode: harness.Ptr(os.FileMode(0o640)), UID: harness.Ptr(uint32(12)), GID: harness.Ptr(uint32(34))},
			{Path: "/dev/net/deep", Type: "u", Major: 10, Minor: 200},
			{Path: "/other/disk", Type: "b", Major: 7, Minor: 260, FileMode: harness.Ptr(os.FileMode(0o600))},
			{Path: "/dev/fifo", Type: "p", FileMode: harness.Ptr(os.FileMode(0o622))},
			{Path: "/dev/null", Type: "c", Major: 1, Minor: 3, FileMode: harness.Ptr(os.FileMode(0o644))},
		}
	})
	expect(t, got, `/dev/mine character special file 1:5 640 12:34
/dev/net/deep character special file a:c8 666 0:0
/other/disk block special file 7:104 600 0:0
/dev/fifo fifo 0:0 622 0:0
/dev/null character special file 1:3 644 0:0
no mknod`)
}

func TestListedDevicesOfAUserNamespaceAreTheHosts(t *testing.T) {
	h := harness.New(t)
	got := h.Sh("stat -c '%n %t:%T' /dev/kmsg; head -c 1 /dev/zero | wc -c", shifted(h), func(s *specs.Spec) {
		s.Linux.Devices = []specs.LinuxDevice{{Path: "/dev/kmsg", Type: "c", Major: 1, Minor: 11}}
	})
	expect(t, got, "/dev/kmsg 1:b\n1")
}

func TestWithoutAMountOnDevTheRootsOwnIsFilled(t *testing.T) {
	h := harness.New(t)
	root := h.OwnRoot()
	h.WriteFile(filepath.Join(root, "dev/zero"), "an image's own file", 0o644)
	nodev := func(s *specs.Spec) {
		var kept []specs.Mount
		for _, m := range s.Mounts {
			if rel, err := filepath.Rel("/dev", m.Destination); err != nil || rel[0] == '.' && rel != "." {
				kept = append(kept, m)
			}
		}
		s.Mounts = kept
	}
	expect(t, h.Sh(listDefaults, harness.Root(root), nodev), defaultNodes)
	// and once more, over what the first one left
	expect(t, h.Sh(listDefaults, harness.Root(root), nodev), defaultNodes)
}

func TestABoundDevIsLeftAsItIs(t *testing.T) {
	h := harness.New(t)
	h.WriteFile(h.Path("dev/file"), "", 0o644)
	got := h.Sh("ls /dev", func(s *specs.Spec) {
		s.Mounts = []specs.Mount{{Destination: "/dev", Type: "bind", Source: h.Path("dev"), Options: []string{"bind"}}, s.Mounts[0]}
	})
	expect(t, got, "file")
}

func TestAReadOnlyDevIsFilledBeforeItIsClosed(t *testing.T) {
	h := harness.New(t)
	got := h.Sh(listDefaults+"; touch /dev/x 2>&1 || true; touch /dev/shm/x", func(s *specs.Spec) {
		s.Mounts[1].Options = append(s.Mounts[1].Options, "ro")
	})
	expect(t, got, defaultNodes+"\ntouch: /dev/x: Read-only file system")
}
