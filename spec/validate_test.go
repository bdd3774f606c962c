package spec

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/opencontainers/runtime-spec/specs-go"
)

// base is a config without mistakes, which the tables of verdicts change.
const base = `{
	"ociVersion": "1.3.0",
	"process": {"args": ["sh"], "cwd": "/"},
	"root": {"path": "rootfs"},
	"linux": {"namespaces": [
		{"type": "pid"}, {"type": "network"}, {"type": "ipc"}, {"type": "uts"}, {"type": "mount"}
	]}
}`

// verdict is what is to be said about base with a JSON text laid over it: members
// given replace those of base, elements of lists one by one.
type verdict struct {
	change string
	errs   []string // each line
	warns  []string
}

// bundleForTests has a directory rootfs and a file "file".
func bundleForTests(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "rootfs"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "file"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	return dir
}

func changed(t *testing.T, change string) *specs.Spec {
	t.Helper()
	s := new(specs.Spec)
	for _, text := range []string{base, change} {
		if err := json.Unmarshal([]byte(text), s); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
	}
	return s
}

func check(t *testing.T, verdicts []verdict) {
	t.Helper()
	bundle := bundleForTests(t)
	for _, v := range verdicts {
		t.Run(v.change, func(t *testing.T) {
			warnings, err := Validate(changed(t, v.change), bundle)
			var lines []string
			if err != nil {
				lines = strings.Split(strings.ReplaceAll(err.Error(), bundle, "BUNDLE"), "\n")
			}
			if !slices.Equal(lines, v.errs) {
				t.Errorf("errors:\n got %s\nwant %s", quote(lines), quote(v.errs))
			}
			if !slices.Equal(warnings, v.warns) {
				t.Errorf("warnings:\n got %s\nwant %s", quote(warnings), quote(v.warns))
			}
		})
	}
}

func quote(lines []string) string {
	b, _ := json.Marshal(lines)
	return string(b)
}
