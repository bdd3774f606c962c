package lifecycle

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/creel-project/creel/tests/harness"
	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
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

func device(path, kind string, major, minor int64) harness.Mutate {
	return func(s *specs.Spec) {
		s.Linux.Devices = append(s.Linux.Devices, specs.LinuxDevice{Path: path, Type: kind, Major: major, Minor: minor})
	}
}

// The host's node of the same name may be something else, and none below /dev/char has the numbers.
func TestAListedDeviceOfAUserNamespaceHasTheNumbersOfTheConfig(t *testing.T) {
	h := harness.New(t)
	root := shifted(h)
	for _, c := range []struct {
		device harness.Mutate
		want   string
	}{
		{device("/dev/kmsg", "c", 1, 12), "linux.devices[0]: /dev/kmsg: open the host's node c 1:12: the host has c 1:11: no such device"},
		{device("/dev/kmsg", "b", 1, 11), "linux.devices[0]: /dev/kmsg: open the host's node b 1:11: the host has c 1:11: no such device"},
		{device("/dev/null", "c", 1, 223), "linux.devices[0]: /dev/null: open the host's node c 1:223: the host has c 1:3: no such device"},
		{device("/dev/fd", "c", 1, 223), "linux.devices[0]: /dev/fd: open the host's node c 1:223: the host has a directory: no such device"},
		{device("/dev/absent", "u", 1, 222), "linux.devices[0]: /dev/absent: open the host's node c 1:222: no such file or directory"},
	} {
		h.Fails(h.Run(h.Bundle(root, c.device)), c.want)
	}
}

func TestADeviceThatTheHostNamesOtherwiseIsFoundByItsNumbers(t *testing.T) {
	h := harness.New(t)
	root := shifted(h)
	if _, err := os.Lstat("/dev/char"); err != nil { // udev makes it, with a link for each device
		h.Must(os.Mkdir("/dev/char", 0o755))
		h.Cleanup(func() { os.RemoveAll("/dev/char") })
		h.Must(os.Symlink("../kmsg", "/dev/char/1:11"))
		h.Must(os.Symlink("../kmsg", "/dev/char/1:12"))
	}
	got := h.Sh("stat -c '%n %t:%T' /dev/renamed /dev/zero; test -e /dev/kmsg || echo no kmsg", root, device("/dev/renamed", "c", 1, 11))
	expect(t, got, "/dev/renamed 1:b\n/dev/zero 1:5\nno kmsg")
	got = h.Sh("stat -c '%n %t:%T' /dev/full", root, device("/dev/full", "c", 1, 11))
	expect(t, got, "/dev/full 1:b")
	h.Fails(h.Run(h.Bundle(root, device("/dev/renamed", "c", 1, 12))), "linux.devices[0]: /dev/renamed: open the host's node c 1:12: no such file or directory")
}

// /dev/ptmx is the container's own, whatever the list has in its place.
func TestAListedPtmxIsStillTheContainersOwn(t *testing.T) {
	h := harness.New(t)
	root := h.OwnRoot()
	for _, m := range []harness.Mutate{harness.Root(root), harness.UserNS(0, 65536)} {
		for range 2 {
			expect(t, h.Sh("readlink /dev/ptmx; exec 5<>/dev/ptmx; ls /dev/pts", m, device("/dev/ptmx", "c", 5, 2)), "pts/ptmx\n0\nptmx")
		}
	}
}

// config-linux.md, "Devices": if a file exists at path that does not match the
// requested device, the runtime must generate an error.
func TestAFileThatIsNotTheListedDeviceIsAnError(t *testing.T) {
	h := harness.New(t)
	root := h.OwnRoot()
	h.WriteFile(filepath.Join(root, "opt/empty"), "", 0o644)
	h.WriteFile(filepath.Join(root, "opt/file"), "kept", 0o644)
	h.WriteFile(filepath.Join(root, "opt/dir/file"), "", 0o644)
	h.Must(os.Symlink("/dev/null", filepath.Join(root, "opt/link")))
	h.Must(unix.Mkfifo(filepath.Join(root, "opt/fifo"), 0o644))
	for name, dev := range map[string]uint64{"null": unix.Mkdev(1, 3), "kmsg": unix.Mkdev(1, 11)} {
		h.Must(unix.Mknod(filepath.Join(root, "opt", name), unix.S_IFCHR|0o640, int(dev)))
	}
	list := h.Host("stat -c '%n %F %i %a' " + root + "/opt/*")
	for name, is := range map[string]string{
		"empty": "a file", "file": "a file", "dir": "a directory", "link": "a symbolic link", "fifo": "a fifo", "null": "c 1:3",
	} {
		h.Fails(h.Run(h.Bundle(harness.Root(root), device("/opt/"+name, "c", 1, 11))),
			"linux.devices[0]: make /opt/"+name+" c 1:11: there is "+is+": file exists")
	}
	h.Fails(h.Run(h.Bundle(harness.Root(root), device("/opt/kmsg", "b", 1, 11))), "make /opt/kmsg b 1:11: there is c 1:11: file exists")
	expect(t, h.Host("stat -c '%n %F %i %a' "+root+"/opt/*"), list)
	expect(t, h.Sh("stat -c '%t:%T %a' /opt/kmsg; stat -c %F /opt/fifo", harness.Root(root), device("/opt/kmsg", "c", 1, 11), device("/opt/fifo", "p", 0, 0)), "1:b 640\nfifo")
}

func TestAFileThatIsNotTheListedDeviceIsAnErrorInAUserNamespace(t *testing.T) {
	h := harness.New(t)
	root := h.OwnRoot()
	h.WriteFile(filepath.Join(root, "opt/file"), "kept", 0o644)
	h.WriteFile(filepath.Join(root, "opt/dir/file"), "", 0o644)
	h.Must(unix.Mknod(filepath.Join(root, "opt/null"), unix.S_IFCHR|0o640, int(unix.Mkdev(1, 3))))
	h.Chown(root, 100000, 100000)
	userns := func(s *specs.Spec) {
		harness.Root(root)(s)
		harness.UserNS(100000, 65536)(s)
	}
	link := func() { h.Must(os.Symlink("file", filepath.Join(root, "dev/kmsg"))) }
	file := func() { h.WriteFile(filepath.Join(root, "dev/kmsg"), "kept", 0o644) }
	node := func() { h.Must(unix.Mknod(filepath.Join(root, "dev/kmsg"), unix.S_IFCHR|0o640, int(unix.Mkdev(1, 3)))) }
	dir := func() { h.Must(os.Mkdir(filepath.Join(root, "dev/kmsg"), 0o755)) }
	h.WriteFile(filepath.Join(root, "dev/file"), "kept", 0o644)
	for _, c := range []struct {
		make func()
		is   string
	}{{link, "a file"}, {file, "a file"}, {node, "c 1:3"}, {dir, "a directory"}} {
		c.make()
		h.Fails(h.Run(h.Bundle(userns, noDev, device("/dev/kmsg", "c", 1, 11))), "linux.devices[0]: /dev/kmsg: open mount point: there is "+c.is+": file exists")
		h.Must(os.RemoveAll(filepath.Join(root, "dev/kmsg")))
	}
	// a container leaves an empty file, on which the next one mounts the node again
	for range 2 {
		expect(t, h.Sh("stat -c %t:%T /dev/kmsg", userns, noDev, device("/dev/kmsg", "c", 1, 11)), "1:b")
	}
}

// noDev takes the mounts on and below /dev out of a config.
func noDev(s *specs.Spec) {
	s.Mounts = slices.DeleteFunc(s.Mounts, func(m specs.Mount) bool { return strings.HasPrefix(m.Destination, "/dev") })
}

func TestWithoutAMountOnDevTheRootsOwnIsFilled(t *testing.T) {
	h := harness.New(t)
	root := h.OwnRoot()
	h.WriteFile(filepath.Join(root, "dev/zero"), "an image's own file", 0o644)
	expect(t, h.Sh(listDefaults, harness.Root(root), noDev), defaultNodes)
	// and once more, over what the first one left
	expect(t, h.Sh(listDefaults, harness.Root(root), noDev), defaultNodes)
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
