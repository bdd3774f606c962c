package spec

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

// bundleWith returns a bundle whose config.json has the given text.
func bundleWith(t *testing.T, text string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, ConfigName), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestLoadReadsTheConfigOfABundle(t *testing.T) {
	s, err := Load(bundleWith(t, `{"ociVersion":"1.3.0","hostname":"h","linux":{"namespaces":[{"type":"pid"}]}}`))
	if err != nil {
		t.Fatal(err)
	}
	if s.Version != "1.3.0" || s.Hostname != "h" || s.Linux.Namespaces[0].Type != specs.PIDNamespace {
		t.Errorf("got %+v", s)
	}
}

func TestAMissingConfigSaysSoWithTheCauseLast(t *testing.T) {
	_, err := Load(t.TempDir())
	if !errors.Is(err, unix.ENOENT) {
		t.Fatalf("got %v", err)
	}
	if !strings.Contains(err.Error(), "JSON specification file config.json not found") ||
		!strings.HasSuffix(err.Error(), ": no such file or directory") {
		t.Errorf("got %v", err)
	}
	if _, err := Load(filepath.Join(t.TempDir(), "no-bundle")); !errors.Is(err, unix.ENOENT) {
		t.Errorf("of a missing bundle: %v", err)
	}
}

func TestAConfigThatIsNotARegularFileIsRefusedWithoutWaiting(t *testing.T) {
	dir := t.TempDir()
	config := filepath.Join(dir, ConfigName)
	if err := os.Mkdir(config, 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(dir); err == nil || !strings.HasSuffix(err.Error(), "config.json: is a directory") {
		t.Errorf("of a directory: %v", err)
	}
	if err := os.Remove(config); err != nil {
		t.Fatal(err)
	}
	if err := unix.Mkfifo(config, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(dir); err == nil || !strings.HasSuffix(err.Error(), "it is not a regular file") {
		t.Errorf("of a fifo: %v", err)
	}
}

func TestAConfigThatIsTooLargeIsRefusedUnread(t *testing.T) {
	dir := bundleWith(t, "{}")
	if err := os.Truncate(filepath.Join(dir, ConfigName), MaxConfigSize+1); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(dir); !errors.Is(err, unix.EFBIG) {
		t.Errorf("got %v", err)
	}
}

func TestALinkToAConfigIsFollowed(t *testing.T) {
	dir, other := t.TempDir(), bundleWith(t, `{"hostname":"linked"}`)
	if err := os.Symlink(filepath.Join(other, ConfigName), filepath.Join(dir, ConfigName)); err != nil {
		t.Fatal(err)
	}
	s, err := Load(dir)
	if err != nil || s.Hostname != "linked" {
		t.Errorf("got %+v, %v", s, err)
	}
}

func TestAMistakeInTheTextNamesTheFileThePathAndTheLine(t *testing.T) {
	dir := bundleWith(t, "{\n \"process\": {\"cwd\": 5}\n}")
	_, err := Load(dir)
	want := filepath.Join(dir, ConfigName) + ": process.cwd: line 2, column 21: 5 is a number, the field takes a string"
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
	if _, err := Load(bundleWith(t, "")); err == nil || !strings.Contains(err.Error(), "the text ends") {
		t.Errorf("of an empty file: %v", err)
	}
}

// A config may be larger than its size said, on a filesystem that does not know it.
func TestReadAllReadsBeyondTheSizeThatWasExpected(t *testing.T) {
	dir := bundleWith(t, strings.Repeat(" ", 5000)+"{}")
	fd, err := unix.Open(filepath.Join(dir, ConfigName), unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	if b, err := readAll(fd, 0); err != nil || len(b) != 5002 {
		t.Errorf("got %d bytes, %v", len(b), err)
	}
}
