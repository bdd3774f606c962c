package security

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/creel-project/creel/tests/harness"
	"github.com/opencontainers/runtime-spec/specs-go"
)

// CVE-2026-41579, CVE-2026-47766: an image whose /dev is a link out of the root.
func TestAnImageWhoseDevIsALinkKeepsItsNodesInside(t *testing.T) {
	for _, mounted := range []bool{true, false} {
		h := harness.New(t)
		v, root := newVictim(h), h.OwnRoot()
		link(h, root, "dev", v.escape(""))
		m := []harness.Mutate{harness.Root(root), harness.Script("test -c /dev/null && test -L /dev/stdin")}
		if !mounted {
			m = append(m, noMountAt("/dev"))
		}
		h.Ok(h.Run(h.Bundle(m...)))
		v.unchanged()
		if _, err := os.Lstat(filepath.Join(v.dir, "null")); err == nil {
			t.Error("THE HOST WAS CHANGED: a device node outside of the root")
		}
	}
}

// CVE-2026-88265, CVE-2025-31133: a device's name is a link to a file of the host.
func TestADeviceWhoseNameIsALinkIsReplacedAndNotFollowed(t *testing.T) {
	h := harness.New(t)
	v, root := newVictim(h), h.OwnRoot()
	for _, name := range []string{"null", "zero", "full", "random", "urandom", "tty", "console", "ptmx"} {
		link(h, root, "dev/"+name, v.escape("file"))
	}
	h.Ok(h.Run(h.Bundle(harness.Root(root), noMountAt("/dev"),
		harness.Script(`for d in null zero full random urandom tty; do test -c /dev/$d && ! test -L /dev/$d || exit 1; done`))))
	v.unchanged()
}

// CVE-2025-31133: the mask of a file comes from the host's null device, whatever
// the container has in that place.
func TestAMaskDoesNotComeFromTheContainersNullDevice(t *testing.T) {
	h := harness.New(t)
	v, root := newVictim(h), h.OwnRoot()
	h.WriteFile(filepath.Join(root, "masked"), "to be hidden", 0o644)
	link(h, root, "dev/null", v.escape("file"))
	got := h.Sh("test -c /masked; echo $?; cat /masked; echo evil > /masked", harness.Root(root), noMountAt("/dev"),
		func(s *specs.Spec) { s.Linux.MaskedPaths = []string{"/masked"} })
	if got != "0" {
		t.Errorf("in the masked file: %q", got)
	}
	v.unchanged()
}

// CVE-2019-19921, CVE-2023-27561, CVE-2023-28642: /proc or /sys is a link, which
// would leave masks and labels on a directory of the attacker's.
func TestAProcOrSysThatIsALinkIsRefused(t *testing.T) {
	for _, name := range []string{"proc", "sys"} {
		for _, target := range []string{"/etc", "etc", "/../../etc"} {
			h := harness.New(t)
			v, root := newVictim(h), h.OwnRoot()
			link(h, root, name, target)
			h.Fails(h.Run(h.Bundle(harness.Root(root))), "/"+name, "too many levels of symbolic links")
			v.unchanged()
		}
	}
}

// CVE-2019-16884: a link leads a mount onto procfs, where it would hide what
// the runtime itself writes to.
func TestAMountThatALinkLeadsOntoProcIsRefused(t *testing.T) {
	h := harness.New(t)
	root := h.OwnRoot()
	link(h, root, "data", "/proc/self")
	h.Must(os.Mkdir(h.Path("source"), 0o755))
	h.Fails(h.Run(h.Bundle(harness.Root(root), harness.Bind(h.Path("source"), "/data"))), "mounts[", "/data", "operation not permitted")
}

// A mount point that is a link out of the root is found inside of it.
func TestAMountPointThatIsALinkStaysInsideTheRoot(t *testing.T) {
	h := harness.New(t)
	v, root := newVictim(h), h.OwnRoot()
	link(h, root, "data", v.escape("new"))
	h.Must(os.Mkdir(h.Path("source"), 0o755))
	h.WriteFile(h.Path("source", "seen"), "x", 0o644)
	h.Ok(h.Run(h.Bundle(harness.Root(root), harness.Bind(h.Path("source"), "/data"), harness.Script("test -f /data/seen"))))
	v.unchanged()
	if _, err := os.Stat(filepath.Join(root, v.dir, "new")); err != nil {
		t.Errorf("the mount point is not where the link leads inside the root: %v", err)
	}
}

// CVE-2025-52565, CVE-2026-88264: /dev/console and /dev/pts lead elsewhere.
func TestTheConsoleIsThePtyAndNoPathOfTheContainers(t *testing.T) {
	h := harness.New(t)
	v, root := newVictim(h), h.OwnRoot()
	link(h, root, "dev/console", v.escape("file"))
	link(h, root, "dev/pts/0", v.escape("file"))
	b := h.Bundle(harness.Root(root), func(s *specs.Spec) {
		var kept []specs.Mount
		for _, m := range s.Mounts {
			if m.Destination != "/dev" {
				kept = append(kept, m)
			}
		}
		s.Mounts = kept
		s.Process.Terminal = true
		s.Process.Args = []string{"/bin/sh", "-c", "echo terminal $(tty); echo evil > /dev/console"}
	})
	p, term := h.GoInPty(24, 80, "run", "--bundle", b, h.ID())
	term.Says("terminal /dev/pts/0")
	if r := p.Result(); r.Status != 0 {
		t.Error(r)
	}
	v.unchanged()
}

// CVE-2024-21626: a working directory that is an fd of the runtime's.
func TestAWorkingDirectoryThatIsALeakedFdIsRefused(t *testing.T) {
	h := harness.New(t)
	v := newVictim(h)
	for _, fd := range []string{"3", "4", "5", "6", "7", "8", "9", "10", "11", "12"} {
		for _, dir := range []string{"/proc/self/fd/", "/proc/1/fd/", "/proc/thread-self/fd/"} {
			r := h.Run(h.Bundle(harness.Script("cd ..; ls; cat "+v.dir+"/file"), func(s *specs.Spec) { s.Process.Cwd = dir + fd }))
			if r.Status == 0 || strings.Contains(r.Stdout, secret) {
				t.Errorf("with the working directory %s%s: %v", dir, fd, r)
			}
		}
	}
	v.unchanged()
}

// CVE-2025-52881: writes of sysctls go to the kernel's files, not where the
// container's /proc leads.
func TestASysctlIsNotWrittenThroughTheContainersProc(t *testing.T) {
	h := harness.New(t)
	v, root := newVictim(h), h.OwnRoot()
	h.Must(os.RemoveAll(filepath.Join(root, "proc")))
	link(h, root, "proc/sys/net/ipv4/ip_forward", v.escape("file"))
	h.Ok(h.Run(h.Bundle(harness.Root(root), noMountAt("/proc"), func(s *specs.Spec) {
		s.Linux.Sysctl = map[string]string{"net.ipv4.ip_forward": "1"}
		s.Linux.MaskedPaths, s.Linux.ReadonlyPaths = nil, nil
	})))
	v.unchanged()
}
