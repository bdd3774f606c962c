package shift

import (
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/creel-project/creel/tests/bundle/trees"
	"github.com/creel-project/creel/tests/harness"
)

func TestTheFilesOfAnOverlayAreNoMounts(t *testing.T) {
	h := harness.New(t)
	for _, dir := range []string{"lower", "upper", "root"} {
		h.Must(os.Mkdir(h.Path(dir), 0o755))
	}
	h.MountTmpfs(h.Path("lower")) // another file system than the upper layer's
	h.MountTmpfs(h.Path("upper"))
	lower := tree(h, "lower/tree", itself)
	want := trees.Describe(h, tree(h, "want", by(0, 100000, 65536)))
	h.Must(os.Mkdir(h.Path("upper/upper"), 0o755))
	h.Must(os.Chown(h.Path("upper/upper"), 0, 42)) // as the tree is: it is the root of both
	h.Must(os.Mkdir(h.Path("upper/work"), 0o755))
	h.Must(syscall.Mount("overlay", h.Path("root"), "overlay", 0, "index=off,xino=off,lowerdir="+lower+",upperdir="+h.Path("upper/upper")+",workdir="+h.Path("upper/work")))
	h.Cleanup(func() { h.Must(syscall.Unmount(h.Path("root"), 0)) })
	h.Ok(h.Program(program(), "shift", h.Path("root"), "0:100000:65536"))
	got := without(trees.Describe(h, h.Path("root")))
	for name, line := range want {
		// What is copied up gets times, and names of its own.
		if a, b := strings.Fields(got[name]), strings.Fields(line); len(a) < 2 || a[0] != b[0] || a[1] != b[1] {
			t.Errorf("%s: %q, want the mode and owner of %q", name, got[name], line)
		}
	}
}
