package unpacked

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/creel-project/creel/internal/bundle/image"
	"github.com/creel-project/creel/internal/bundle/image/imagetest"
	"github.com/creel-project/creel/internal/bundle/platform"
	"github.com/creel-project/creel/internal/bundle/store"
	"golang.org/x/sys/unix"
)

// metadata is what a tree holds, with modes, times and which names are one file.
func metadata(t *testing.T, dir string) map[string]string {
	t.Helper()
	m := map[string]string{}
	inodes := map[uint64]string{}
	err := filepath.WalkDir(dir, func(path string, e os.DirEntry, err error) error {
		if err != nil || path == dir {
			return err
		}
		name, _ := filepath.Rel(dir, path)
		var st unix.Stat_t
		if err := unix.Lstat(path, &st); err != nil {
			return err
		}
		text := fmt.Sprintf("%o %d:%d", st.Mode, st.Uid, st.Gid)
		switch st.Mode & unix.S_IFMT {
		case unix.S_IFREG:
			data, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			if inodes[st.Ino] == "" {
				inodes[st.Ino] = name
			}
			text += fmt.Sprintf(" %d.%d %q one with %s", st.Mtim.Sec, st.Mtim.Nsec, data, inodes[st.Ino])
		case unix.S_IFLNK:
			target, err := os.Readlink(path)
			if err != nil {
				return err
			}
			text += " -> " + target
		}
		m[name] = text
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// bundleOf makes a bundle of the only image of a layout, and the store that knows it.
func bundleOf(t *testing.T, layout string) (*image.Image, *store.Store, string) {
	t.Helper()
	m, s, bundle := only(t, layout), imagetest.Store(t), filepath.Join(t.TempDir(), "bundle")
	if _, err := Make(t.Context(), m, bundle, options(), s); err != nil {
		t.Fatal(err)
	}
	return m, s, bundle
}

// repacked unpacks an image, lets change change it, repacks it, and returns the trees of both, and the new image.
func repacked(t *testing.T, b *imagetest.Layout, change func(dir string)) (was, is map[string]string, _ *image.Image) {
	t.Helper()
	x, s, bundle := bundleOf(t, b.Done("x"))
	change(filepath.Join(bundle, "rootfs"))
	if _, _, err := Repack(t.Context(), x, bundle, s, "new"); err != nil {
		t.Fatal(err)
	}
	m, err := image.InStore(s).Image("new", platform.Host())
	if err != nil {
		t.Fatal(err)
	}
	again := filepath.Join(t.TempDir(), "again")
	if _, err := Make(t.Context(), m, again, options(), s); err != nil {
		t.Fatal(err)
	}
	return metadata(t, filepath.Join(bundle, "rootfs")), metadata(t, filepath.Join(again, "rootfs")), m
}

// must panics for a test's own mistakes.
func must(t *testing.T, errs ...error) {
	t.Helper()
	for _, err := range errs {
		if err != nil {
			t.Fatal(err)
		}
	}
}

func twoLayers(t *testing.T) *imagetest.Layout {
	b := imagetest.New(t)
	b.Files("etc/", "", "etc/a", "aaaa", "etc/b", "b", "usr/", "", "usr/bin/", "", "usr/bin/x", "x",
		"bin", "-> usr/bin", "dir/", "", "dir/f", "f", "dir/sub/", "", "dir/sub/g", "g", "gone/", "", "gone/h", "h")
	b.Files("bin/y", "y", "etc/.wh.b", "", "deep/er/file", "made on the way")
	return b
}

func TestARepackedImageUnpacksToWhatTheBundleHolds(t *testing.T) {
	was, is, m := repacked(t, twoLayers(t), func(dir string) {
		in := func(name string) string { return filepath.Join(dir, name) }
		var st unix.Stat_t
		must(t, unix.Lstat(in("etc/a"), &st))
		must(t,
			os.WriteFile(in("etc/a"), []byte("AAAA"), 0o644), // the same size, and soon the same time
			os.Chtimes(in("etc/a"), time.Unix(st.Mtim.Unix()), time.Unix(st.Mtim.Unix())),
			os.WriteFile(in("etc/new"), []byte("new"), 0o600),
			os.Chmod(in("usr/bin/x"), 0o4755),
			os.Link(in("usr/bin/y"), in("usr/bin/z")),
			os.RemoveAll(in("gone")),
			os.RemoveAll(in("dir/sub")), os.WriteFile(in("dir/sub"), []byte("a file now"), 0o644),
			os.Remove(in("dir/f")), os.MkdirAll(in("dir/f/now/a/directory"), 0o755),
			os.Symlink("../etc/new", in("usr/link")),
			unix.Mkfifo(in("fifo"), 0o640),
			os.MkdirAll(in(strings.Repeat("long-name/", 30)), 0o755),
			os.Chmod(in("deep"), 0o711),
		)
	})
	if !maps.Equal(was, is) {
		for name, text := range was {
			if is[name] != text {
				t.Errorf("%s: %s; want %s", name, is[name], text)
			}
		}
		for name := range is {
			if was[name] == "" {
				t.Errorf("%s is there", name)
			}
		}
	}
	if n := len(m.Manifest.Layers); n != 3 || len(m.Config.History) != 1 || m.Config.Created.IsZero() {
		t.Errorf("%d layers, history %v", n, m.Config.History)
	}
}

func TestABundleWithoutAChangeNeedsNoLayer(t *testing.T) {
	_, _, m := repacked(t, twoLayers(t), func(string) {})
	if n := len(m.Manifest.Layers); n != 2 {
		t.Errorf("%d layers", n)
	}
}

func TestWhatALayerCannotSayIsAnError(t *testing.T) {
	x, s, bundle := bundleOf(t, twoLayers(t).Done("x"))
	must(t, os.WriteFile(filepath.Join(bundle, "rootfs/etc/.wh.a"), nil, 0o644))
	_, _, err := Repack(t.Context(), x, bundle, s, "new")
	if err == nil || !strings.Contains(err.Error(), `/etc/.wh.a: a name that begins with .wh. means something else`) {
		t.Error(err)
	}
	if entries, _ := os.ReadDir(filepath.Join(s.Dir(), "ingest")); len(entries) > 0 {
		t.Errorf("left: %v", entries)
	}
	if _, _, err := Repack(t.Context(), x, t.TempDir(), s, "new"); err == nil || !strings.Contains(err.Error(), "it was not made of an image") {
		t.Error(err)
	}
}
