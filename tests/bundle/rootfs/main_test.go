// Package rootfs holds creel-bundle rootfs to what archives say and to what they try: it unpacks them as root, and looks
// at the host afterwards.
package rootfs

import (
	"archive/tar"
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/creel-project/creel/tests/harness"
)

func TestMain(m *testing.M) { os.Exit(harness.Main(m)) }

// program is the creel-bundle beside the creel under test.
func program() string { return filepath.Join(filepath.Dir(harness.Program()), "creel-bundle") }

// unpack runs creel-bundle rootfs with an archive as its standard input.
func unpack(h *harness.H, archive []byte, args ...string) harness.Result {
	h.Helper()
	return h.GoProgram(func(c *exec.Cmd) { c.Stdin = bytes.NewReader(archive) }, program(), append([]string{"rootfs"}, args...)...).Result()
}

// when is a time with a fraction.
var when = time.Unix(1700000000, 123456789)

// file, folder, link and hard are entries of an archive.
func file(name, data string) entry {
	return entry{tar.Header{Typeflag: tar.TypeReg, Name: name, Mode: 0o644, Size: int64(len(data))}, data}
}

func folder(name string) entry {
	return entry{tar.Header{Typeflag: tar.TypeDir, Name: name, Mode: 0o755}, ""}
}

func link(name, target string) entry {
	return entry{tar.Header{Typeflag: tar.TypeSymlink, Name: name, Linkname: target, Mode: 0o777}, ""}
}

func hard(name, target string) entry {
	return entry{tar.Header{Typeflag: tar.TypeLink, Name: name, Linkname: target, Mode: 0o644}, ""}
}

type entry struct {
	tar.Header
	data string
}

// by changes a copy of the entry.
func (e entry) by(change func(*tar.Header)) entry {
	change(&e.Header)
	return e
}

func (e entry) owner(uid, gid int) entry {
	return e.by(func(h *tar.Header) { h.Uid, h.Gid = uid, gid })
}

func (e entry) mode(mode int64) entry { return e.by(func(h *tar.Header) { h.Mode = mode }) }

func (e entry) xattr(name, value string) entry {
	return e.by(func(h *tar.Header) {
		h.PAXRecords = map[string]string{"SCHILY.xattr." + name: value}
	})
}

// archive makes a tar of entries.
func archive(t testing.TB, entries ...entry) []byte {
	t.Helper()
	var buf bytes.Buffer
	w := tar.NewWriter(&buf)
	for _, e := range entries {
		h := e.Header
		h.Format, h.ModTime = tar.FormatPAX, when
		if err := w.WriteHeader(&h); err != nil {
			t.Fatalf("%s: %v", h.Name, err)
		}
		if _, err := w.Write([]byte(e.data)); err != nil {
			t.Fatalf("%s: %v", h.Name, err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

// nothingLeft fails the test if a failed extraction left the root or what was to become it.
func nothingLeft(h *harness.H, dir string) {
	h.Helper()
	entries, err := os.ReadDir(filepath.Dir(dir))
	h.Must(err)
	for _, e := range entries {
		if strings.HasPrefix(strings.TrimPrefix(e.Name(), "."), filepath.Base(dir)) || strings.HasPrefix(e.Name(), ".creel-") {
			h.Errorf("left behind: %s", e.Name())
		}
	}
}
