package rootfs

import (
	"archive/tar"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/creel-project/creel/tests/bundle/trees"
	"github.com/creel-project/creel/tests/harness"
)

// host makes a directory that no archive may change, and returns a function that looks.
func host(h *harness.H) (dir string, unchanged func()) {
	dir = h.Path("host")
	h.WriteFile(filepath.Join(dir, "file"), "the host's own", 0o640)
	h.WriteFile(filepath.Join(dir, "sub/file"), "the host's own", 0o640)
	before := trees.Describe(h, dir)
	return dir, func() {
		h.Helper()
		trees.Same(h, trees.Describe(h, dir), before)
	}
}

func TestNoArchiveReachesTheHost(t *testing.T) {
	// HOST stands for the victim's path, UP for a way up from the root to it.
	tests := []struct {
		name    string
		entries []entry
		refused string // part of the error; "" for an archive that is unpacked, inside of the root
		inside  string // a file that is then there
	}{
		{"absolute name", []entry{file("HOST/file", "x")}, "", "HOST/file"},
		{"name with dots", []entry{file("UP/file", "x")}, "a name with .. in it", ""},
		{"dots in the middle", []entry{folder("a"), file("a/../../x", "x")}, "a name with .. in it", ""},
		{"link to the host", []entry{link("a", "HOST"), file("a/file", "x")}, "", "HOST/file"},
		{"link up", []entry{link("a", "UP"), file("a/file", "x")}, "", "HOST/file"},
		{"chain of links", []entry{link("a", "b"), link("b", "c/d"), folder("c"), link("c/d", "UP"), file("a/file", "x")}, "", "HOST/file"},
		{"chain of hard links to links", []entry{link("a", "HOST"), hard("b", "a"), file("b/file", "x")}, "", "HOST/file"},
		{"link as its own parent", []entry{link("a", "a"), file("a/file", "x")}, "too many levels of symbolic links", ""},
		{"links round and round", []entry{link("a", "b/x"), link("b", "a/x"), file("a/file", "x")}, "too many levels of symbolic links", ""},
		{"directory that becomes a link", []entry{folder("a"), file("a/file", "1"), link("a", "HOST"), file("a/file", "x"), folder("a/sub")}, "", "HOST/file"},
		{"file over a link to a file", []entry{link("a", "HOST/file"), file("a", "x")}, "", "a"},
		{"directory over a link", []entry{link("a", "HOST"), folder("a").mode(0o700), file("a/file", "x")}, "", "a/file"},
		{"device over a link", []entry{link("a", "HOST/file"), file("a", "").by(func(h *tar.Header) { h.Typeflag, h.Devmajor, h.Devminor = tar.TypeChar, 1, 3 })}, "", ""},
		{"mode of a link", []entry{link("a", "HOST/file").mode(0o4777).owner(7, 7)}, "", ""},
		{"attribute of a link", []entry{link("a", "HOST/file").xattr("trusted.x", "y")}, "", ""},
		{"hard link to the host", []entry{hard("a", "HOST/file")}, "hard link to", ""},
		{"hard link up", []entry{hard("a", "UP/file")}, "a name with .. in it", ""},
		{"hard link through a link", []entry{link("l", "HOST"), hard("a", "l/file"), file("a", "x")}, "hard link to", ""},
		{"hard link to a link, written through", []entry{link("l", "HOST/file"), hard("a", "l"), file("a", "x")}, "", "a"},
		{"hard link to a directory", []entry{folder("d"), hard("a", "d")}, "is a directory", ""},
		{"hard link to what is not there", []entry{hard("a", "b")}, "no such file", ""},
		{"hard link to the root", []entry{hard("a", "/")}, "it is the root", ""},
		{"root as a link", []entry{link("./", "HOST"), file("file", "x")}, "it is a directory", ""},
		{"type that is unknown", []entry{file("a", "").by(func(h *tar.Header) { h.Typeflag = 'Z' })}, "of the type", ""},
		{"name that is too long", []entry{file(strings.Repeat("n", 300), "x")}, "file name too long", ""},
		{"path that is too long", []entry{file(strings.Repeat("n/", 5000)+"f", "x")}, "entry 1: a name of 10001 bytes", ""},
		{"target that is too long", []entry{link("a", strings.Repeat("n/", 5000))}, "entry 1: a name of 10000 bytes", ""},
		{"owner that is no id", []entry{file("a", "x").owner(4294967295, 0)}, "no such id", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h := harness.New(t)
			dir, unchanged := host(h)
			r := strings.NewReplacer("HOST", dir, "UP", strings.Repeat("../", 20)+dir[1:])
			for i := range tt.entries {
				tt.entries[i].Name, tt.entries[i].Linkname = r.Replace(tt.entries[i].Name), r.Replace(tt.entries[i].Linkname)
			}
			root := h.Path("root")
			res := unpack(h, archive(h, tt.entries...), "-", root)
			unchanged()
			if tt.refused != "" {
				h.Fails(res, tt.refused)
				nothingLeft(h, root)
				return
			}
			h.Ok(res)
			if tt.inside == "" {
				return
			}
			if data, err := os.ReadFile(filepath.Join(root, r.Replace(tt.inside))); err != nil || string(data) != "x" {
				t.Errorf("%s: %q, %v", tt.inside, data, err)
			}
		})
	}
}

func TestAttributesThatTheHostBelievesAreLeftOut(t *testing.T) {
	h := harness.New(t)
	root := h.Path("root")
	res := h.Ok(unpack(h, archive(h, folder("a").xattr("trusted.overlay.redirect", "/x"), folder("b").xattr("user.overlay.opaque", "y"),
		file("c", "").xattr("security.selinux", "system_u:object_r:shadow_t:s0")), "-", root))
	for _, name := range []string{"a", "b", "c"} {
		if got := trees.Xattrs(h, filepath.Join(root, name)); len(got) > 0 {
			t.Errorf("%s has %q", name, got)
		}
	}
	for _, want := range []string{`"a": attribute trusted.overlay.redirect: overlayfs would believe it`, `"b": attribute user.overlay.opaque`, `"c": attribute security.selinux`} {
		if !strings.Contains(res.Stdout, want) {
			t.Errorf("the report does not say %q:\n%s", want, res.Stdout)
		}
	}
}
