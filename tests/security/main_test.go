// Package security holds creel to the known attacks on container runtimes, one
// test for each way in. Every test looks at the host: what lies outside of the
// container is unchanged.
package security

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/creel-project/creel/tests/harness"
	"github.com/opencontainers/runtime-spec/specs-go"
)

func TestMain(m *testing.M) { os.Exit(harness.Main(m)) }

// victim is a directory of the host that no container may change.
type victim struct {
	h   *harness.H
	dir string
}

const secret = "the host's own"

func newVictim(h *harness.H) *victim {
	v := &victim{h: h, dir: h.Path("victim")}
	h.WriteFile(filepath.Join(v.dir, "file"), secret, 0o644)
	return v
}

// unchanged fails the test, loudly, when anything in the directory is not as it was.
func (v *victim) unchanged() {
	v.h.Helper()
	entries, err := os.ReadDir(v.dir)
	v.h.Must(err)
	for _, e := range entries {
		if e.Name() != "file" {
			v.h.Errorf("THE HOST WAS CHANGED: %s appeared in %s", e.Name(), v.dir)
		}
	}
	path := filepath.Join(v.dir, "file")
	text, err := os.ReadFile(path)
	v.h.Must(err)
	if string(text) != secret {
		v.h.Errorf("THE HOST WAS CHANGED: %s says %q", path, text)
	}
	st, err := os.Lstat(path)
	v.h.Must(err)
	if st.Mode() != 0o644 {
		v.h.Errorf("THE HOST WAS CHANGED: %s has mode %v", path, st.Mode())
	}
}

// escape is a path that, resolved by string below any directory, names the victim.
func (v *victim) escape(name string) string {
	return "/../../../../../../../../../../../.." + filepath.Join(v.dir, name)
}

// noMountAt takes the mount at a destination, and those below it, out of a config.
func noMountAt(dest string) harness.Mutate {
	return func(s *specs.Spec) {
		var kept []specs.Mount
		for _, m := range s.Mounts {
			if rel, err := filepath.Rel(dest, m.Destination); err != nil || rel[0] == '.' && rel != "." {
				kept = append(kept, m)
			}
		}
		s.Mounts = kept
	}
}

// link makes the root filesystem's name a link to target.
func link(h *harness.H, root, name, target string) {
	h.Helper()
	path := filepath.Join(root, name)
	h.Must(os.RemoveAll(path))
	h.Must(os.MkdirAll(filepath.Dir(path), 0o755))
	h.Must(os.Symlink(target, path))
}
