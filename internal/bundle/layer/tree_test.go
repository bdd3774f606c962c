package layer

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// archive makes a layer of lines: a path, and what follows it: nothing for a file, / for a directory, -> or => for a
// symbolic or hard link.
func archive(t testing.TB, lines ...string) io.Reader {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, l := range lines {
		h := &tar.Header{Name: l, Typeflag: tar.TypeReg, Mode: 0o644, Size: 1}
		if name, target, ok := strings.Cut(l, " -> "); ok {
			h.Name, h.Linkname, h.Typeflag, h.Size = name, target, tar.TypeSymlink, 0
		} else if name, target, ok := strings.Cut(l, " => "); ok {
			h.Name, h.Linkname, h.Typeflag, h.Size = name, target, tar.TypeLink, 0
		} else if strings.HasSuffix(l, "/") {
			h.Typeflag, h.Size = tar.TypeDir, 0
		}
		if err := w.WriteHeader(h); err != nil {
			t.Fatal(err)
		}
		if h.Size > 0 {
			io.WriteString(w, "x")
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return &b
}

// names lists a tree, directories with a slash.
func names(n *node, at string) (list []string) {
	for name, c := range n.children {
		if c.isDir() {
			list = append(list, at+name+"/")
			list = append(list, names(c, at+name+"/")...)
		} else {
			list = append(list, at+name)
		}
	}
	slices.Sort(list)
	return list
}

func TestATreeIsWhatUnpackingTheLayersWouldMake(t *testing.T) {
	for what, c := range map[string]struct {
		layers [][]string
		want   string
	}{
		"a whiteout":                   {[][]string{{"a/", "a/x", "b"}, {"a/.wh.x", ".wh.b"}}, "a/"},
		"a whiteout of its own layer":  {[][]string{{"x"}, {"y", ".wh.y"}}, "x y"},
		"a whiteout before the file":   {[][]string{{"x"}, {".wh.x", "x/", "x/y"}}, "x/ x/y"},
		"an opaque directory":          {[][]string{{"a/", "a/x", "a/b/", "a/b/z"}, {"a/", "a/y", "a/.wh..wh..opq"}}, "a/ a/y"},
		"opaque, with older in newer":  {[][]string{{"a/b/z"}, {"a/b/new", "a/.wh..wh..opq"}}, "a/ a/b/ a/b/new"},
		"a link as a directory":        {[][]string{{"usr/bin/", "bin -> usr/bin"}, {"bin/x"}}, "bin usr/ usr/bin/ usr/bin/x"},
		"a link that leads outside":    {[][]string{{"out -> ../../../usr"}, {"out/x"}}, "out usr/ usr/x"},
		"a link to itself":             {[][]string{{"loop -> loop"}, {"y"}}, "loop y"},
		"a directory over a link":      {[][]string{{"l -> x", "x/", "x/f"}, {"l/"}}, "l/ x/ x/f"},
		"a file over a directory":      {[][]string{{"d/", "d/f"}, {"d"}}, "d"},
		"a hard link":                  {[][]string{{"a"}, {"b => a", "c => /b"}}, "a b c"},
		"what AUFS kept":               {[][]string{{".wh..wh.plnk/", ".wh..wh.plnk/1", "x"}}, "x"},
		"names that are cleaned":       {[][]string{{"./a//b", "/c"}}, "a/ a/b c"},
		"a whiteout of what is not":    {[][]string{{"x"}, {".wh.y", "no/.wh.z"}}, "x"},
		"an older directory is joined": {[][]string{{"d/", "d/a"}, {"d/", "d/b"}}, "d/ d/a d/b"},
	} {
		tree := NewTree()
		for _, l := range c.layers {
			if err := tree.Add(t.Context(), archive(t, l...)); err != nil {
				t.Fatalf("%s: %v", what, err)
			}
		}
		if got := strings.Join(names(tree.root, ""), " "); got != c.want {
			t.Errorf("%s: %s; want %s", what, got, c.want)
		}
	}
}

func TestALayerThatCannotBeUnpackedIsAnError(t *testing.T) {
	for _, lines := range [][]string{{"b => a"}, {"d/", "b => d"}, {"f", "f/x"}, {"loop -> loop", "loop/x"}} {
		if err := NewTree().Add(t.Context(), archive(t, lines...)); err == nil {
			t.Errorf("%q was taken", lines)
		}
	}
}

func FuzzTree(f *testing.F) {
	for _, lines := range [][]string{{"a/", "a/x", ".wh.b"}, {"bin -> usr/bin", "bin/x", "l => bin/x"}, {".wh..wh..opq"}} {
		data, _ := io.ReadAll(archive(f, lines...))
		f.Add(data, data)
	}
	f.Fuzz(func(t *testing.T, one, two []byte) {
		tree := NewTree()
		for _, data := range [][]byte{one, two} {
			if tree.Add(t.Context(), bytes.NewReader(data)) != nil {
				return
			}
		}
		names(tree.root, "")
	})
}

func TestANameThatNobodyUnpackedIsRefused(t *testing.T) {
	if err := NewTree().Add(t.Context(), archive(t, strings.Repeat("a/", 2048)+"f")); err == nil || !strings.Contains(err.Error(), "a name of 4097 bytes") {
		t.Errorf("%.200v", err)
	}
}

func TestADeepTreeIsRefused(t *testing.T) {
	dir := t.TempDir()
	fd, err := unix.Open(dir, unix.O_DIRECTORY, 0)
	if err != nil {
		t.Fatal(err)
	}
	top := fd
	defer unix.Close(top)
	name := strings.Repeat("d", 250)
	for range 17 {
		if err := unix.Mkdirat(fd, name, 0o755); err != nil {
			t.Fatal(err)
		}
		if fd, err = unix.Openat(fd, name, unix.O_DIRECTORY, 0); err != nil {
			t.Fatal(err)
		}
		defer unix.Close(fd)
	}
	_, err = Write(t.Context(), io.Discard, NewTree(), top, Options{Rootless: true})
	if err == nil || !strings.Contains(err.Error(), "a name of 4266 bytes") {
		t.Errorf("%v", err)
	}
}

func TestAFifoThatTookTheNameOfAFileIsNotRead(t *testing.T) {
	dir := t.TempDir()
	if err := unix.Mkfifo(dir+"/f", 0o600); err != nil {
		t.Fatal(err)
	}
	fd, err := unix.Open(dir, unix.O_DIRECTORY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	if _, err := (&found{dir: fd, base: "f"}).sum(); !errors.Is(err, errReplaced) {
		t.Error(err)
	}
}

// endless is a header of GNU's old sparse format, of a file that is one hole of 4 EiB.
func endless() []byte {
	h := make([]byte, 512)
	for at, text := range map[int]string{0: "f", 100: "0000644", 108: "0000000", 116: "0000000", 124: "00000000000", 136: "00000000000", 156: "S", 257: "ustar  "} {
		copy(h[at:], text)
	}
	h[483], h[487] = 0x80, 0x40
	sum := 8 * int(' ')
	for _, b := range h {
		sum += int(b)
	}
	copy(h[148:], fmt.Sprintf("%06o\x00 ", sum))
	return h
}

func TestAHoleCanBeInterrupted(t *testing.T) {
	ctx, end := context.WithCancel(t.Context())
	go end()
	if err := NewTree().Add(ctx, bytes.NewReader(endless())); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}
