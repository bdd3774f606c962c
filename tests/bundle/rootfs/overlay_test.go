package rootfs

import (
	"bytes"
	"context"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/creel-project/creel/internal/bundle/rootfs"
	"github.com/creel-project/creel/tests/bundle/trees"
	"github.com/creel-project/creel/tests/harness"
)

// layers of one image, each of which hides something of those below.
var layers = [][]entry{
	{folder("a"), file("a/1", "1"), file("a/2", "1"), folder("b"), file("b/1", "1"), folder("c"), file("c/1", "1"), file("d", "1"), link("e", "a"), folder("f"), file("f/1", "1"), folder("g"), file("g/1", "1")},
	{folder("a"), file("a/.wh.1", ""), folder("b"), file("b/.wh..wh..opq", ""), file("b/2", "2"), file(".wh.c", ""), folder("d"), file("d/x", "2"), file(".wh.f", ""), folder("f"), file("f/2", "2"), folder("g"), file("g/2", "2"), file(".wh.g", "")},
	{folder("a"), folder("b"), folder("c"), file("c/3", "3"), file("b/.wh.2", ""), folder("e"), file("e/3", "3"), file("b/3", "3"), file("a/2", "3"), file("a/.wh.2", ""), file("new/y", "3")},
}

func extract(h *harness.H, dir string, o rootfs.Options, all ...[]entry) {
	h.Helper()
	root, err := rootfs.Make(dir)
	h.Must(err)
	defer root.Close()
	x := rootfs.New(root, o)
	for _, l := range all {
		h.Must(x.Layer(context.Background(), bytes.NewReader(archive(h, l...))))
	}
	h.Must(x.Finish())
	h.Must(root.Commit())
}

func TestLayersAsOverlaysAreWhatTheyAreWhenApplied(t *testing.T) {
	for name, o := range map[string]rootfs.Options{"root": {Whiteouts: rootfs.Overlay}, "ordinary user": {Whiteouts: rootfs.Overlay, Rootless: true}} {
		t.Run(name, func(t *testing.T) {
			h := harness.New(t)
			extract(h, h.Path("applied"), rootfs.Options{}, layers...)
			var lower []string
			for i, l := range layers {
				dir := h.Path("layer" + string(rune('0'+i)))
				extract(h, dir, o, l)
				lower = append(lower, dir)
			}
			slices.Reverse(lower)
			options := "lowerdir=" + strings.Join(lower, ":")
			if o.Rootless {
				options += ",userxattr"
			}
			h.Must(os.Mkdir(h.Path("overlay"), 0o755))
			if err := syscall.Mount("overlay", h.Path("overlay"), "overlay", syscall.MS_RDONLY, options); err != nil {
				t.Fatalf("%s: %v", options, err)
			}
			h.Cleanup(func() { h.Must(syscall.Unmount(h.Path("overlay"), syscall.MNT_DETACH)) })
			got, want := trees.Describe(h, h.Path("overlay")), trees.Describe(h, h.Path("applied"))
			delete(got, "new") // nothing says when it was made
			delete(want, "new")
			trees.Same(h, got, want)
			if len(got) < 12 {
				t.Errorf("only %d files are there", len(got))
			}
		})
	}
}
