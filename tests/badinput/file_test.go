package badinput

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/creel-project/creel/tests/harness"
	"golang.org/x/sys/unix"
)

// What is wrong with the file itself.
func TestAConfigThatCannotBeReadIsNamed(t *testing.T) {
	for _, c := range []struct {
		name string
		make func(h *harness.H, dir string)
		want []string
	}{
		{"missing", func(h *harness.H, dir string) { h.Must(os.Remove(dir + "/config.json")) }, []string{"config.json", "no such file or directory"}},
		{"a directory", func(h *harness.H, dir string) {
			h.Must(os.Remove(dir + "/config.json"))
			h.Must(os.Mkdir(dir+"/config.json", 0o755))
		}, []string{"config.json", "directory"}},
		{"a fifo", func(h *harness.H, dir string) {
			h.Must(os.Remove(dir + "/config.json"))
			h.Must(unix.Mkfifo(dir+"/config.json", 0o644))
		}, []string{"config.json", "regular file"}},
		{"a missing bundle", func(h *harness.H, dir string) { h.Must(os.RemoveAll(dir)) }, []string{"config.json", "no such file or directory"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := harness.New(t)
			dir := h.Bundle()
			c.make(h, dir)
			h.Fails(h.Run(dir), c.want...)
		})
	}
}

func TestTextThatIsNotJSONIsNamedWithItsPlace(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"empty", "", "line 1"},
		{"white space", " \n\t", "line 2"},
		{"cut short", `{"ociVersion": "1.0.0", "process": {`, "line 1"},
		{"two values", `{"ociVersion": "1.0.0"} {}`, "line 1"},
		{"a list", `[]`, "line 1"},
		{"a NUL", "{\"ociVersion\": \"1.0.0\x00\"}", "line 1"},
		{"a word for a number", `{"ociVersion":"1.0.0","process":{"user":{"uid":"abc"}}}`, "process.user.uid"},
		{"a number too large", `{"ociVersion":"1.0.0","process":{"user":{"uid":4294967296}}}`, "process.user.uid"},
		{"a negative id", `{"ociVersion":"1.0.0","process":{"user":{"uid":-1}}}`, "process.user.uid"},
		{"a number for a list", `{"ociVersion":"1.0.0","process":{"args":3}}`, "process.args"},
		{"nested without end", strings.Repeat("[", 100000), "line 1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := harness.New(t)
			h.Fails(h.Run(h.RawBundle(c.text)), c.want)
		})
	}
}

func TestIdsThatAreNoneAreRefused(t *testing.T) {
	h := harness.New(t)
	b := h.Bundle()
	for _, id := range []string{"", ".", "..", "a/b", "a b", "ä", "a\nb", "../x", "@cache", strings.Repeat("x", 256)} {
		h.Fails(h.Creel("create", "--bundle", b, id), "container id")
		h.Fails(h.Creel("run", "--bundle", b, id), "container id")
	}
}

func TestAnIdThatIsTakenIsRefusedAndItsOwnerLivesOn(t *testing.T) {
	h := harness.New(t)
	c := h.Started(h.Bundle(harness.Sleep))
	h.Fails(h.Creel("create", "--bundle", h.Bundle(), c.ID), c.ID, "container with given ID already exists")
	h.Fails(h.Creel("run", "--bundle", h.Bundle(), c.ID), c.ID, "container with given ID already exists")
	if s := h.State(c.ID); s.Status != "running" {
		t.Errorf("the first container is %s by now", s.Status)
	}
}

func TestPlacesThatCannotBeWrittenAreNamed(t *testing.T) {
	h := harness.New(t)
	b := h.Bundle()
	h.Fails(h.Run(b, "--pid-file", h.Path("missing", "pid")), "pid file", "no such file or directory")
	h.WriteFile(h.Path("file"), "", 0o644)
	h.Fails(h.Creel("--root", h.Path("file"), "run", "--bundle", b, h.ID()), "state directory", "not a directory")
	h.Fails(h.Creel("--log", h.Path("missing", "log"), "run", "--bundle", b, h.ID()), "--log", "no such file or directory")
}

// The log that an engine reads has the same sentence.
func TestTheLogHoldsTheErrorAsEnginesReadIt(t *testing.T) {
	h := harness.New(t)
	file := h.Path("log.json")
	r := h.Creel("--log", file, "--log-format", "json", "run", "--bundle", h.Bundle(harness.Args("nosuch")), h.ID())
	h.Fails(r, "executable file not found in $PATH")
	text, err := os.ReadFile(filepath.Clean(file))
	h.Must(err)
	if !strings.HasPrefix(string(text), `{"level":"error","msg":"`) || !strings.Contains(string(text), `executable file not found in $PATH","time":"`) {
		t.Errorf("the log says %s", text)
	}
}
