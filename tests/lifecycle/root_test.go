package lifecycle

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/creel-project/creel/tests/harness"
	"github.com/opencontainers/runtime-spec/specs-go"
)

func TestAReadOnlyRootCannotBeWrittenAndAnOrdinaryOneCan(t *testing.T) {
	h := harness.New(t)
	root := h.OwnRoot()
	readonly := func(s *specs.Spec) { s.Root = &specs.Root{Path: root, Readonly: true} }
	got := h.Sh("touch /x 2>&1 || true; touch /dev/shm/x /dev/x", readonly)
	expect(t, got, "touch: /x: Read-only file system")
	h.Sh("touch /x /tmp/y", harness.Root(root))
	if _, err := os.Stat(filepath.Join(root, "tmp/y")); err != nil {
		t.Error(err)
	}
	h.WriteFile(filepath.Join(root, "z"), "the host may still write", 0o644)
}

func TestNothingOfTheHostIsReachableFromTheRoot(t *testing.T) {
	for _, flags := range [][]string{nil, {"--no-pivot"}} {
		t.Run(strings.Join(append([]string{"run"}, flags...), " "), func(t *testing.T) {
			h := harness.New(t)
			b := h.Bundle(harness.Script("ls /.. /../.. | grep -v :$ | sort -u; ls /proc/1/root/"), harness.Root(h.OwnRoot()))
			r := h.Ok(h.Run(b, flags...))
			expect(t, fields(r.Stdout), "bin dev etc proc root sys tmp bin dev etc proc root sys tmp")
		})
	}
}

func TestNoPivotWorksOnARamdisk(t *testing.T) {
	h := harness.New(t)
	b := h.Bundle(harness.Script("ls -d /bin; touch /made; grep -c . /proc/self/mountinfo"), harness.Root(h.OwnRoot()), harness.UserNS(0, 65536))
	has(t, h.Ok(h.Run(b, "--no-pivot")).Stdout, "/bin\n")
}

func TestTheRootMayBeAMountPointOnASharedHost(t *testing.T) {
	h := harness.New(t)
	root := h.Path("root")
	h.Must(os.Mkdir(root, 0o755))
	h.MountTmpfs(root)
	h.Must(harness.MakeRootfs(root))
	for _, propagation := range []string{"shared", "private", "slave"} {
		b := h.Bundle(harness.Script("ls /"), harness.Root(root))
		p := h.Go(func(c *exec.Cmd) {
			c.Args = append([]string{"unshare", "--mount", "--propagation", propagation, c.Path}, c.Args[1:]...)
			c.Path, c.Err = exec.LookPath("unshare")
		}, "run", "--bundle", b, h.ID())
		expect(t, fields(h.Ok(p.Result()).Stdout), "bin dev etc proc root sys tmp")
	}
}

func TestTheRootMayBeALinkOnTheHost(t *testing.T) {
	h := harness.New(t)
	h.Must(os.Symlink(h.OwnRoot(), h.Path("link")))
	expect(t, h.Sh("ls -d /bin", harness.Root(h.Path("link"))), "/bin")
}

func TestTheRootKeepsTheFlagsOfItsFileSystem(t *testing.T) {
	h := harness.New(t)
	root := h.Path("root")
	h.Must(os.Mkdir(root, 0o755))
	h.MountTmpfs(root)
	h.Must(harness.MakeRootfs(root))
	h.Must(exec.Command("mount", "-o", "remount,bind,nosuid,nodev", root).Run())
	for _, m := range []harness.Mutate{func(*specs.Spec) {}, harness.UserNS(0, 65536)} {
		if got := flagsOf(at(h, mountsOf(h, func(s *specs.Spec) { s.Root = &specs.Root{Path: root, Readonly: true} }, m), "/")); got != "ro nosuid nodev relatime" {
			t.Errorf("the flags of /: %s", got)
		}
	}
}
