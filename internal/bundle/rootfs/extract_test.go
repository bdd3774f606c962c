package rootfs

import (
	"archive/tar"
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// whenIt is a time with a fraction that file systems keep.
var whenIt = time.Unix(1700000000, 123456789)

// An item is an entry of an archive for a test: kind ('-', 'd', 'l', 'h', 'p'), name, data or target.
type item struct {
	kind       byte
	name, data string
	mode       int64
	xattrs     map[string]string
}

// archive makes a tar of items.
func archive(t testing.TB, items ...item) []byte {
	t.Helper()
	var buf bytes.Buffer
	w := tar.NewWriter(&buf)
	for _, it := range items {
		h := &tar.Header{Name: it.name, Mode: it.mode, ModTime: whenIt, Format: tar.FormatPAX}
		if h.Mode == 0 {
			h.Mode = 0o755
		}
		for name, value := range it.xattrs {
			if h.PAXRecords == nil {
				h.PAXRecords = map[string]string{}
			}
			h.PAXRecords[paxXattr+name] = value
		}
		switch it.kind {
		case '-':
			h.Typeflag, h.Size = tar.TypeReg, int64(len(it.data))
		case 'd':
			h.Typeflag = tar.TypeDir
		case 'l':
			h.Typeflag, h.Linkname = tar.TypeSymlink, it.data
		case 'h':
			h.Typeflag, h.Linkname = tar.TypeLink, it.data
		case 'p':
			h.Typeflag = tar.TypeFifo
		}
		if err := w.WriteHeader(h); err != nil {
			t.Fatal(err)
		}
		if it.kind == '-' {
			if _, err := w.Write([]byte(it.data)); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

// unpackLayers makes a root of layers and returns its directory.
func unpackLayers(t *testing.T, o Options, layers ...[]byte) (string, *Report, error) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "r")
	root, err := Make(dir)
	if err != nil {
		t.Fatal(err)
	}
	o.Rootless = true
	x := New(root, o)
	for _, l := range layers {
		if err := x.Layer(context.Background(), bytes.NewReader(l)); err != nil {
			if e := root.Close(); e != nil {
				t.Fatal(e)
			}
			left, _ := filepath.Glob(dir + "*")
			if len(left) > 0 {
				t.Errorf("left behind: %q", left)
			}
			return dir, x.Report(), err
		}
	}
	if err := x.Finish(); err != nil {
		t.Fatal(err)
	}
	if err := root.Commit(); err != nil {
		t.Fatal(err)
	}
	if err := root.Close(); err != nil {
		t.Fatal(err)
	}
	return dir, x.Report(), nil
}

// tree lists what is in a directory: names, directories with a slash, links with their targets, files with their data.
func tree(t *testing.T, dir string) []string {
	t.Helper()
	var all []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || path == dir {
			return err
		}
		name, _ := filepath.Rel(dir, path)
		switch d.Type() {
		case fs.ModeDir:
			name += "/"
		case fs.ModeSymlink:
			target, _ := os.Readlink(path)
			name += " -> " + target
		case 0:
			data, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			if len(data) > 0 {
				name += "=" + string(data)
			}
		case fs.ModeNamedPipe:
			name += "|"
		case fs.ModeDevice | fs.ModeCharDevice:
			name += "%"
		}
		all = append(all, name)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestLayersAreAppliedInOrder(t *testing.T) {
	lower := archive(t, item{'d', "a", "", 0, nil}, item{'-', "a/x", "1", 0, nil}, item{'-', "a/y", "1", 0, nil}, item{'d', "b/", "", 0, nil},
		item{'-', "b/z", "1", 0, nil}, item{'-', "c", "1", 0, nil}, item{'l', "d", "b", 0, nil}, item{'-', "e/f/g", "1", 0, nil})
	tests := []struct {
		name  string
		upper []item
		want  string
	}{
		{"nothing", nil, "a/ a/x=1 a/y=1 b/ b/z=1 c=1 d -> b e/ e/f/ e/f/g=1"},
		{"whiteout of a file", []item{{'-', "a/.wh.x", "", 0, nil}}, "a/ a/y=1 b/ b/z=1 c=1 d -> b e/ e/f/ e/f/g=1"},
		{"whiteout of a directory", []item{{'-', ".wh.e", "", 0, nil}}, "a/ a/x=1 a/y=1 b/ b/z=1 c=1 d -> b"},
		{"whiteout of what is not there", []item{{'-', "q/.wh.e", "", 0, nil}}, "a/ a/x=1 a/y=1 b/ b/z=1 c=1 d -> b e/ e/f/ e/f/g=1"},
		{"whiteout before its sibling", []item{{'-', "a/.wh.x", "", 0, nil}, {'-', "a/x", "2", 0, nil}}, "a/ a/x=2 a/y=1 b/ b/z=1 c=1 d -> b e/ e/f/ e/f/g=1"},
		{"whiteout after its sibling", []item{{'-', "a/x", "2", 0, nil}, {'-', "a/.wh.x", "", 0, nil}}, "a/ a/x=2 a/y=1 b/ b/z=1 c=1 d -> b e/ e/f/ e/f/g=1"},
		{"opaque first", []item{{'-', "a/.wh..wh..opq", "", 0, nil}, {'-', "a/n", "2", 0, nil}}, "a/ a/n=2 b/ b/z=1 c=1 d -> b e/ e/f/ e/f/g=1"},
		{"opaque last", []item{{'-', "e/f/n", "2", 0, nil}, {'-', "e/.wh..wh..opq", "", 0, nil}}, "a/ a/x=1 a/y=1 b/ b/z=1 c=1 d -> b e/ e/f/ e/f/n=2"},
		{"opaque twice", []item{{'-', "a/.wh..wh..opq", "", 0, nil}, {'-', "a/s/n", "2", 0, nil}, {'-', "a/s/.wh..wh..opq", "", 0, nil}, {'-', "a/.wh..wh..opq", "", 0, nil}}, "a/ a/s/ a/s/n=2 b/ b/z=1 c=1 d -> b e/ e/f/ e/f/g=1"},
		{"opaque below and above", []item{{'-', "e/f/n", "2", 0, nil}, {'-', "e/f/.wh..wh..opq", "", 0, nil}, {'-', "e/.wh..wh..opq", "", 0, nil}, {'l', "e/l", "../a", 0, nil}, {'-', "e/l/.wh..wh..opq", "", 0, nil}}, "a/ b/ b/z=1 c=1 d -> b e/ e/f/ e/f/n=2 e/l -> ../a"},
		{"directory made anew after its whiteout", []item{{'d', "a", "", 0, nil}, {'-', "a/n", "2", 0, nil}, {'-', ".wh.a", "", 0, nil}}, "a/ a/n=2 b/ b/z=1 c=1 d -> b e/ e/f/ e/f/g=1"},
		{"whiteout through a link", []item{{'-', "d/.wh.z", "", 0, nil}}, "a/ a/x=1 a/y=1 b/ c=1 d -> b e/ e/f/ e/f/g=1"},
		{"opaque through a link", []item{{'-', "b/n", "2", 0, nil}, {'-', "d/.wh..wh..opq", "", 0, nil}}, "a/ a/x=1 a/y=1 b/ b/n=2 c=1 d -> b e/ e/f/ e/f/g=1"},
		{"file for a directory", []item{{'-', "a", "2", 0, nil}}, "a=2 b/ b/z=1 c=1 d -> b e/ e/f/ e/f/g=1"},
		{"directory for a file", []item{{'d', "c", "", 0, nil}}, "a/ a/x=1 a/y=1 b/ b/z=1 c/ d -> b e/ e/f/ e/f/g=1"},
		{"directory for a link", []item{{'d', "d", "", 0, nil}, {'-', "d/n", "2", 0, nil}}, "a/ a/x=1 a/y=1 b/ b/z=1 c=1 d/ d/n=2 e/ e/f/ e/f/g=1"},
		{"file below a file", []item{{'-', "c/n", "2", 0, nil}}, "a/ a/x=1 a/y=1 b/ b/z=1 c/ c/n=2 d -> b e/ e/f/ e/f/g=1"},
		{"link for a directory that is in use", []item{{'-', "a/n", "2", 0, nil}, {'l', "a", "b", 0, nil}, {'-', "a/m", "3", 0, nil}}, "a -> b b/ b/m=3 b/z=1 c=1 d -> b e/ e/f/ e/f/g=1"},
		{"AUFS's own", []item{{'-', ".wh..wh.aufs", "", 0, nil}, {'-', ".wh..wh.plnk/1.2", "", 0, nil}}, "a/ a/x=1 a/y=1 b/ b/z=1 c=1 d -> b e/ e/f/ e/f/g=1"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir, _, err := unpackLayers(t, Options{}, lower, archive(t, tt.upper...))
			if err != nil {
				t.Fatal(err)
			}
			if got := strings.Join(tree(t, dir), " "); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

func TestAFileThatIsReplacedKeepsItsOtherNames(t *testing.T) {
	dir, _, err := unpackLayers(t, Options{}, archive(t, item{'-', "a", "1", 0, nil}, item{'h', "b", "a", 0, nil}), archive(t, item{'-', "b", "2", 0, nil}, item{'h', "c", "/a", 0, nil}, item{'h', "c", "a", 0, nil}))
	if err != nil {
		t.Fatal(err)
	}
	if got := tree(t, dir); !slices.Equal(got, []string{"a=1", "b=2", "c=1"}) {
		t.Errorf("got %q", got)
	}
}

// A layer of some kilobytes must not keep anybody busy for hours.
func TestADirectoryIsEmptiedOnceHoweverOftenALayerSaysSo(t *testing.T) {
	const many = 30000
	var upper []item
	for i := range many {
		upper = append(upper, item{'-', fmt.Sprint("d/", i), "", 0, nil}, item{'-', "d/.wh..wh..opq", "", 0, nil})
	}
	dir, _, err := unpackLayers(t, Options{}, archive(t, item{'-', "d/lower", "1", 0, nil}), archive(t, upper...))
	if err != nil {
		t.Fatal(err)
	}
	if got := len(tree(t, dir)); got != many+1 {
		t.Errorf("there are %d names, want %d", got, many+1)
	}
}
