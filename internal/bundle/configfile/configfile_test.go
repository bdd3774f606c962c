package configfile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"
)

func TestAConfigIsWrittenWhole(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "bundle")
	defer unix.Umask(unix.Umask(0o026))
	if err := Write(dir, []byte("a"), false); err != nil {
		t.Fatal(err)
	}
	wants(t, dir, "a")
	info, err := os.Stat(dir + "/config.json")
	if err != nil || info.Mode().Perm() != 0o640 {
		t.Errorf("the mode is %v, %v", info.Mode(), err)
	}
	if err := Write(dir, []byte("b"), false); !errors.Is(err, fs.ErrExist) {
		t.Errorf("the error is %v", err)
	}
	wants(t, dir, "a")
	if err := Write(dir, []byte("c"), true); err != nil {
		t.Fatal(err)
	}
	wants(t, dir, "c")
}

// wants is that the config has a text, and that nothing else is in the bundle.
func wants(t *testing.T, dir, text string) {
	t.Helper()
	names, err := os.ReadDir(dir)
	got, err2 := os.ReadFile(dir + "/config.json")
	if errors.Join(err, err2) != nil || len(names) != 1 || string(got) != text {
		t.Errorf("%v has %q, %v %v; want %q", names, got, err, err2, text)
	}
}

func TestNothingHalfMadeIsLeft(t *testing.T) {
	top := t.TempDir()
	if err := Write(top+"/none/bundle", []byte("a"), false); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the error is %v", err)
	}
	if err := os.MkdirAll(top+"/full/config.json", 0o755); err != nil {
		t.Fatal(err)
	}
	if err := Write(top+"/full", []byte("a"), true); err == nil {
		t.Error("a directory is replaced")
	}
	if names, err := os.ReadDir(top + "/full"); err != nil || len(names) != 1 {
		t.Errorf("there are %v, %v", names, err)
	}
	if err := os.WriteFile(top+"/file", nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := Write(top+"/file", []byte("a"), false); err == nil {
		t.Error("a file is a bundle")
	}
}
