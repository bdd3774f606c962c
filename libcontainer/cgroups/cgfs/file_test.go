package cgfs

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

func TestWriteErrorsNameTheFileAndTheValue(t *testing.T) {
	d, path := fake(t, nil)
	err := d.Write("pids.max", "7")
	if !errors.Is(err, unix.ENOENT) || err.Error() != `write "7" to `+path+`/pids.max: no such file or directory` {
		t.Errorf("got %v", err)
	}
	for _, name := range []string{"../escape", "sub/file", "/etc/passwd"} {
		if err := d.Write(name, ""); !errors.Is(err, unix.EINVAL) {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := d.Read(name); !errors.Is(err, unix.EINVAL) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestLinksAreNotFollowed(t *testing.T) {
	d, path := fake(t, map[string]string{"sub/file": "text"})
	for name, target := range map[string]string{"link": "sub", "filelink": "sub/file"} {
		if err := os.Symlink(target, filepath.Join(path, name)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := d.Child("link"); !errors.Is(err, unix.ENOTDIR) && !errors.Is(err, unix.ELOOP) {
		t.Errorf("directory: %v", err)
	}
	if _, err := d.Read("filelink"); !errors.Is(err, unix.ELOOP) {
		t.Errorf("read: %v", err)
	}
	if err := d.Write("filelink", "x"); !errors.Is(err, unix.ELOOP) {
		t.Errorf("write: %v", err)
	}
}

func TestReadTakesFilesOfAnySize(t *testing.T) {
	long := strings.Repeat("0123456789\n", 5000)
	d, _ := fake(t, map[string]string{"long": long, "empty": "", "limit": "max\n", "number": "42\n", "text": "many\n"})
	if got, err := d.Read("long"); err != nil || got+"\n" != long {
		t.Errorf("%d bytes, %v", len(got), err)
	}
	if got, err := d.Read("empty"); err != nil || got != "" {
		t.Errorf("%q, %v", got, err)
	}
	if n, limited, err := d.Uint("limit"); n != 0 || limited || err != nil {
		t.Errorf("max: %d, %v, %v", n, limited, err)
	}
	if n, limited, err := d.Uint("number"); n != 42 || !limited || err != nil {
		t.Errorf("42: %d, %v, %v", n, limited, err)
	}
	if _, _, err := d.Uint("text"); err == nil {
		t.Error("many is no number")
	}
}

func TestFieldsOfFlatKeyedFiles(t *testing.T) {
	text := "populated 1\nfrozen 0\nempty\nlast 5"
	for key, want := range map[string]string{"populated": "1", "frozen": "0", "last": "5", "empty": "", "pop": "", "": ""} {
		if got := Field(text, key); got != want {
			t.Errorf("%s: %q, want %q", key, got, want)
		}
	}
}

func TestLinesAreWrittenOneByOne(t *testing.T) {
	d, path := fake(t, nil)
	if err := unix.Mkfifo(filepath.Join(path, "io.max"), 0o600); err != nil {
		t.Fatal(err)
	}
	pipe, err := os.OpenFile(filepath.Join(path, "io.max"), os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer pipe.Close()
	for _, value := range []string{"8:0 rbps=1\n 8:1 rbps=2\n\n", "one", ""} {
		if err := d.WriteLines("io.max", value); err != nil {
			t.Fatal(err)
		}
	}
	got := make([]byte, 100)
	n, err := pipe.Read(got)
	if want := "8:0 rbps=1" + "8:1 rbps=2" + "one" + "\n"; err != nil || string(got[:n]) != want {
		t.Errorf("%q, %v, want %q", got[:n], err, want)
	}
}
