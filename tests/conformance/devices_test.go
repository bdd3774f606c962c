package conformance

import (
	"os"
	"strings"
	"testing"

	"github.com/creel-project/creel/tests/harness"
	"github.com/opencontainers/runtime-spec/specs-go"
)

func TestDevicesAreThere(t *testing.T) {
	c := begin(t)
	_, own := c.ownRoot()
	mode, uid, gid := os.FileMode(0o640), uint32(7), uint32(8)
	got := c.Sh("stat -c '%F %t:%T %a %u:%g' /dev/one /dev/two /elsewhere /dev/pipe", own, func(s *S) {
		s.Linux.Devices = []specs.LinuxDevice{
			{Path: "/dev/one", Type: "c", Major: 10, Minor: 229, FileMode: &mode, UID: &uid, GID: &gid},
			{Path: "/dev/two", Type: "b", Major: 7, Minor: 3, FileMode: &mode, UID: &uid, GID: &gid},
			{Path: "/elsewhere", Type: "u", Major: 1, Minor: 9, FileMode: &mode, UID: &uid, GID: &gid},
			{Path: "/dev/pipe", Type: "p", FileMode: &mode, UID: &uid, GID: &gid},
		}
	})
	want := "character special file a:e5 640 7:8\nblock special file 7:3 640 7:8\ncharacter special file 1:9 640 7:8\nfifo 0:0 640 7:8"
	if got != want {
		t.Errorf("they are\n%s", got)
	}
}

func TestDeviceInTheWay(t *testing.T) {
	c := begin(t)
	root, own := c.ownRoot()
	c.WriteFile(root+"/inTheWay", "a file", 0o644)
	device := func(s *S) {
		s.Linux.Devices = []specs.LinuxDevice{{Path: "/inTheWay", Type: "c", Major: 10, Minor: 229}}
	}
	c.refused(c.Bundle(waits, own, device))
	if got := read(root + "/inTheWay"); got != "a file" {
		t.Errorf("the file is now %q", got)
	}
}

func TestDefaultDevice(t *testing.T) {
	for name, script := range map[string][2]string{
		"null":    {"stat -c %t:%T /dev/null && echo x >/dev/null && cat /dev/null", "1:3"},
		"zero":    {"stat -c %t:%T /dev/zero && head -c 2 /dev/zero | od -An -tx1", "1:5\n 00 00"},
		"full":    {"stat -c %t:%T /dev/full; echo x >/dev/full || echo full", "1:7\nfull"},
		"random":  {"stat -c %t:%T /dev/random && head -c 2 /dev/random | wc -c", "1:8\n2"},
		"urandom": {"stat -c %t:%T /dev/urandom && head -c 2 /dev/urandom | wc -c", "1:9\n2"},
		"tty":     {"stat -c %t:%T /dev/tty", "5:0"},
		"ptmx":    {"stat -L -c %t:%T /dev/ptmx && [ /dev/ptmx -ef /dev/pts/ptmx ] && echo same", "5:2\nsame"},
	} {
		each(t, name, func(c *C) {
			if got := strings.TrimSpace(c.Sh(script[0] + " 2>/dev/null")); got != script[1] {
				c.Errorf("%q", got)
			}
		})
	}
	each(t, "console", func(c *C) {
		r := c.inTerminal(process(func(p *specs.Process) { p.Terminal = true }))
		if m, ok := r.At("/dev/console"); !ok || m.Type != "devpts" {
			c.Errorf("on /dev/console there is %+v", m)
		}
	})
}

func TestDeviceRulesInOrder(t *testing.T) {
	deny := specs.LinuxDeviceCgroup{Allow: false, Access: "rwm"}
	fuse := specs.LinuxDeviceCgroup{Allow: true, Type: "c", Major: harness.Ptr(int64(10)), Minor: harness.Ptr(int64(229)), Access: "rwm"}
	for name, rules := range map[string][]specs.LinuxDeviceCgroup{"allow-last": {deny, fuse}, "deny-last": {fuse, deny}} {
		each(t, name, func(c *C) {
			_, own := c.ownRoot()
			got := c.Sh("mknod /node c 10 229 && (: </node) 2>/dev/null && echo allowed || echo denied", own, harness.Caps("CAP_MKNOD"),
				func(s *S) { s.Linux.Resources = &specs.LinuxResources{Devices: rules} })
			if (got == "allowed") != (name == "allow-last") {
				c.Errorf("it is %s", got)
			}
		})
	}
}
