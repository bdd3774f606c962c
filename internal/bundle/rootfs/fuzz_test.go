package rootfs

import (
	"archive/tar"
	"bytes"
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// FuzzNoArchiveChangesWhatIsOutside unpacks an archive of items and then one of any bytes, as layers and as a whole, beside a
// directory that must stay as it is.
func FuzzNoArchiveChangesWhatIsOutside(f *testing.F) {
	for _, script := range []string{
		"d a\n- a/b x\nl c a\n- c/d y\nh e a/b\np f\n- a/.wh.b\n- a/.wh..wh..opq",
		"l a ../../host\n- a/file x\n- ../host/file x\nh b ../../host/file\nl c HOST\n- c/file x",
		"l a b\nl b a\n- a/x y\nl . x\nd /\n- .wh.a\n- .wh..\n- .wh...\n- a/.wh..wh.plnk/x y",
		"d a\nl a HOST\nd a\nh a/b HOST/file\nl d HOST/file\nh e d\n- e x",
	} {
		f.Add(script, []byte(nil), uint8(0))
	}
	f.Add("", archive(f, item{'-', "a", "x", 0, map[string]string{"user.x": "y", "security.capability": "short", "system.posix_acl_access": "no"}}), uint8(1))
	f.Fuzz(func(t *testing.T, script string, raw []byte, flags uint8) {
		dir := t.TempDir()
		outside := filepath.Join(dir, "host")
		if err := os.MkdirAll(outside, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(outside, "file"), []byte("mine"), 0o644); err != nil {
			t.Fatal(err)
		}
		root, err := Make(filepath.Join(dir, "root"))
		if err != nil {
			t.Fatal(err)
		}
		x := New(root, Options{Rootless: true, Whiteouts: Whiteouts(flags & 1), Limits: Limits{Bytes: 1 << 22, Entries: 200}})
		for _, data := range [][]byte{scripted(script, outside), raw} {
			unpack := x.Layer
			if flags&2 != 0 {
				unpack = x.Flat
			}
			_ = unpack(context.Background(), bytes.NewReader(data))
		}
		finished := x.Finish()
		if finished == nil && flags&4 != 0 {
			if err := root.Commit(); err != nil {
				t.Fatal(err)
			}
			if err := removeAt(root.parent, "root"); err != nil {
				t.Fatal(err)
			}
		}
		if err := root.Close(); err != nil {
			t.Errorf("remove: %v", err)
		}
		if got := tree(t, dir); !slices.Equal(got, []string{"host/", "host/file=mine"}) {
			t.Errorf("outside: %q", got)
		}
	})
}

// scripted makes an archive of lines "KIND NAME [DATA]". What no tar can hold is left out.
func scripted(script, outside string) []byte {
	var buf bytes.Buffer
	w := tar.NewWriter(&buf)
	for line := range strings.Lines(strings.ReplaceAll(script, "HOST", outside)) {
		f := strings.SplitN(strings.TrimSuffix(line, "\n"), " ", 3)
		if len(f) < 2 || len(f[0]) != 1 {
			continue
		}
		f = append(f, "")
		h := &tar.Header{Name: f[1], Mode: 0o755}
		switch f[0] {
		case "d":
			h.Typeflag = tar.TypeDir
		case "l":
			h.Typeflag, h.Linkname = tar.TypeSymlink, f[2]
		case "h":
			h.Typeflag, h.Linkname = tar.TypeLink, f[2]
		case "p":
			h.Typeflag = tar.TypeFifo
		case "c":
			h.Typeflag = tar.TypeChar
		default:
			h.Typeflag, h.Size = tar.TypeReg, int64(len(f[2]))
		}
		if w.WriteHeader(h) == nil && h.Size > 0 {
			_, _ = w.Write([]byte(f[2]))
		}
	}
	_ = w.Close()
	return buf.Bytes()
}
