package image

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

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

// repacked unpacks an image, lets change change it, repacks it, and returns the trees of both.
func repacked(t *testing.T, b *builder, change func(dir string)) (was, is map[string]string, m *Image) {
	t.Helper()
	image, err := InLayout(b.done("x")).Image("", platform.Host())
	if err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "store"))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	bundle := filepath.Join(t.TempDir(), "bundle")
	if _, err := image.Unpack(t.Context(), bundle, options(), s); err != nil {
		t.Fatal(err)
	}
	change(filepath.Join(bundle, "rootfs"))
	if _, _, err := image.Repack(t.Context(), bundle, s, "new"); err != nil {
		t.Fatal(err)
	}
	if m, err = InStore(s).Image("new", platform.Host()); err != nil {
		t.Fatal(err)
	}
	again := filepath.Join(t.TempDir(), "again")
	if _, err := m.Unpack(t.Context(), again, options(), s); err != nil {
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

func twoLayers(t *testing.T) *builder {
	b := newBuilder(t)
	b.files(file{"etc/", ""}, file{"etc/a", "aaaa"}, file{"etc/b", "b"}, file{"usr/", ""}, file{"usr/bin/", ""}, file{"usr/bin/x", "x"},
		file{"bin", "-> usr/bin"}, file{"dir/", ""}, file{"dir/f", "f"}, file{"dir/sub/", ""}, file{"dir/sub/g", "g"}, file{"gone/", ""}, file{"gone/h", "h"})
	b.files(file{"bin/y", "y"}, file{"etc/.wh.b", ""}, file{"deep/er/file", "made on the way"})
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
	b := twoLayers(t)
	image, err := InLayout(b.done("x")).Image("", platform.Host())
	if err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "store"))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	bundle := filepath.Join(t.TempDir(), "bundle")
	if _, err := image.Unpack(t.Context(), bundle, options(), s); err != nil {
		t.Fatal(err)
	}
	must(t, os.WriteFile(filepath.Join(bundle, "rootfs/etc/.wh.a"), nil, 0o644))
	_, _, err = image.Repack(t.Context(), bundle, s, "new")
	if err == nil || !strings.Contains(err.Error(), `/etc/.wh.a: a name that begins with .wh. means something else`) {
		t.Error(err)
	}
	if entries, _ := os.ReadDir(filepath.Join(s.Dir(), "ingest")); len(entries) > 0 {
		t.Errorf("left: %v", entries)
	}
	if _, _, err := image.Repack(t.Context(), t.TempDir(), s, "new"); err == nil || !strings.Contains(err.Error(), "it was not made of an image") {
		t.Error(err)
	}
}
