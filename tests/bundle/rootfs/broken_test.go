package rootfs

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/creel-project/creel/tests/bundle/trees"
	"github.com/creel-project/creel/tests/harness"
)

func zipped(data []byte) []byte {
	var buf bytes.Buffer
	z := gzip.NewWriter(&buf)
	z.Write(data)
	z.Close()
	return buf.Bytes()
}

func TestABrokenArchiveLeavesNothing(t *testing.T) {
	whole := archive(t, folder("a"), file("a/1", strings.Repeat("x", 5000)), file("a/2", strings.Repeat("y", 100_000)), folder("a/locked").mode(0))
	spoiled := bytes.Clone(whole)
	spoiled[bytes.Index(spoiled, []byte("a/2"))+1]++ // in the header, which has a checksum
	deep := archive(t, link("d", strings.Repeat("x/", 500)+"x"), folder("d/"+strings.Repeat("y/", 500)+"y"), file("../x", ""))
	packed := zipped(whole)
	spoiledPack := bytes.Clone(packed)
	spoiledPack[len(spoiledPack)/2] ^= 0xff
	for name, tt := range map[string]struct {
		data  []byte
		flags []string
		want  string
	}{
		"nothing":                       {nil, nil, "without its end mark"},
		"cut in a file":                 {whole[:20000], nil, `entry "a/2": unexpected EOF`},
		"cut in a header":               {whole[:700], nil, "unexpected EOF"},
		"cut between entries":           {whole[:bytes.Index(whole, []byte("a/2"))], nil, "without its end mark"},
		"a wrong checksum":              {spoiled, nil, "invalid tar header"},
		"no archive":                    {[]byte(strings.Repeat("no archive\n", 100)), nil, "invalid tar header"},
		"gzip, cut":                     {packed[:len(packed)-100], nil, "unexpected EOF"},
		"gzip, spoiled":                 {spoiledPack, nil, "-: "},
		"another compression":           {[]byte("BZh91AY&SY"), nil, "pipe it through bzip2 -dc"},
		"too many bytes":                {whole, []string{"--max-bytes", "50000"}, "more than 50000 bytes"},
		"too many entries":              {whole, []string{"--max-entries", "3"}, "more than 3 entries"},
		"a bomb":                        {zipped(archive(t, file("zeros", strings.Repeat("\x00", 20<<20)))), []string{"--max-bytes", "10000000"}, "more than 10000000 bytes"},
		"directories deeper than paths": {deep, nil, "a name with .. in it"},
	} {
		t.Run(name, func(t *testing.T) {
			h := harness.New(t)
			h.Fails(unpack(h, tt.data, append(tt.flags, "-", h.Path("root"))...), tt.want)
			nothingLeft(h, h.Path("root"))
		})
	}
}

func TestAHoleCountsAsBytes(t *testing.T) {
	h := harness.New(t)
	h.Host("truncate -s 1T " + h.Path("hole") + " && tar -C " + h.Path("") + " -S -cf " + h.Path("hole.tar") + " hole")
	h.Fails(h.Program(program(), "rootfs", "--max-bytes", "1000000000", h.Path("hole.tar"), h.Path("root")), "more than 1000000000 bytes")
	nothingLeft(h, h.Path("root"))
}

func TestAFullDiskLeavesNothing(t *testing.T) {
	h := harness.New(t)
	disk := h.Path("disk")
	h.Must(os.Mkdir(disk, 0o755))
	h.Must(syscall.Mount("tmpfs", disk, "tmpfs", 0, "size=1M"))
	h.Cleanup(func() { h.Must(syscall.Unmount(disk, 0)) })
	root := filepath.Join(disk, "root")
	h.Fails(unpack(h, archive(h, folder("a"), file("a/b", strings.Repeat("x", 2<<20))), "-", root), "no space left on device", `"a/b"`)
	nothingLeft(h, root)
}

func TestADirectoryThatIsInUseIsRefused(t *testing.T) {
	h := harness.New(t)
	h.WriteFile(h.Path("root/file"), "mine", 0o644)
	h.WriteFile(h.Path("file"), "mine", 0o644)
	h.Must(os.Symlink("empty", h.Path("link")))
	before := trees.Describe(h, h.Path("root"))
	good := archive(h, file("new", ""))
	h.Fails(unpack(h, good, "-", h.Path("root")), "directory not empty")
	h.Fails(unpack(h, good, "-", h.Path("file")), "file exists")
	h.Fails(unpack(h, good, "-", h.Path("link")), "file exists")
	h.Fails(unpack(h, good, "-", h.Path("no/root")), "no such file or directory")
	h.Fails(unpack(h, good, "-", "/"), "a name of its own")
	trees.Same(h, trees.Describe(h, h.Path("root")), before)
	h.Must(os.Mkdir(h.Path("empty"), 0o700))
	h.Ok(unpack(h, good, "-", h.Path("empty")))
}

func TestAnInterruptedExtractionLeavesNothing(t *testing.T) {
	h := harness.New(t)
	in, out, err := os.Pipe()
	h.Must(err)
	defer in.Close()
	defer out.Close()
	p := h.GoProgram(func(c *exec.Cmd) { c.Stdin = in }, program(), "rootfs", "-", h.Path("root"))
	_, err = io.Copy(out, bytes.NewReader(archive(h, file("a", strings.Repeat("x", 1<<20)))[:600_000]))
	h.Must(err)
	h.Eventually("a file is begun", func() bool {
		found, _ := filepath.Glob(h.Path("root.tmp-*/a"))
		return len(found) == 1
	})
	h.Must(p.Process.Signal(syscall.SIGTERM))
	h.Fails(p.Result(), "signal")
	nothingLeft(h, h.Path("root"))
}

func TestWhatAKilledExtractionLeftIsNoRoot(t *testing.T) {
	h := harness.New(t)
	in, out, err := os.Pipe()
	h.Must(err)
	defer in.Close()
	defer out.Close()
	p := h.GoProgram(func(c *exec.Cmd) { c.Stdin = in }, program(), "rootfs", "-", h.Path("root"))
	_, err = io.Copy(out, bytes.NewReader(archive(h, file("a", strings.Repeat("x", 1<<20)))[:600_000]))
	h.Must(err)
	h.Eventually("a file is begun", func() bool {
		found, _ := filepath.Glob(h.Path("root.tmp-*/a"))
		return len(found) == 1
	})
	h.Must(p.Process.Kill())
	p.Result()
	if _, err := os.Lstat(h.Path("root")); !os.IsNotExist(err) {
		t.Errorf("the root is there: %v", err)
	}
	h.Ok(unpack(h, archive(h, file("a", "x")), "-", h.Path("root")))
	nothingLeftBut(h, "root")
}

// nothingLeftBut looks for what begins like the root's name.
func nothingLeftBut(h *harness.H, name string) {
	h.Helper()
	found, err := filepath.Glob(h.Path(name + ".*"))
	h.Must(err)
	if len(found) > 0 {
		h.Errorf("left behind: %q", found)
	}
}

func TestAnEntryOfALaterArchiveFormatIsRead(t *testing.T) {
	h := harness.New(t)
	global := entry{tar.Header{Typeflag: tar.TypeXGlobalHeader, Name: "pax_global_header", PAXRecords: map[string]string{"comment": "x"}}, ""}
	var buf bytes.Buffer
	w := tar.NewWriter(&buf)
	h.Must(w.WriteHeader(&global.Header))
	h.Must(w.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: "a", Mode: 0o644}))
	h.Must(w.Close())
	h.Ok(unpack(h, buf.Bytes(), "-", h.Path("root")))
	if names, err := os.ReadDir(h.Path("root")); err != nil || len(names) != 1 {
		t.Errorf("%v, %v", names, err)
	}
}
